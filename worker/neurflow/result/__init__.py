"""The circuit as plain data: its parts, what must hold between them, and the folder it is saved in."""
