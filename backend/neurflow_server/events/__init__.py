"""Changes of jobs, followed once a process and sent to all who watch."""
