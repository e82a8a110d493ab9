"""Sharing: named views and links to them, labels and notes, and how these follow a circuit's groups."""
