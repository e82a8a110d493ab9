"""The circuit as plain data: its parts, the checks on them, and the folder that it is saved in."""
