"""Data sets: where their images come from and how image files are read."""
