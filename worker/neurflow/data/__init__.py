"""Data sets: where their images come from and how a file becomes pixels."""
