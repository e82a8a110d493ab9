"""One installation: its settings, database connection, logs, queue and events."""
