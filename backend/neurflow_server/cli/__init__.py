"""The server's command. Importing this package loads nothing."""
