"""Changes of jobs and circuits, followed once in each process and sent to all watchers."""
