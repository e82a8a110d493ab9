"""Changes of jobs and of circuits, each followed once a process and sent to all who watch."""
