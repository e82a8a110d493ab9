"""What lasts: settings, tables, repositories, jobs, artifacts. Imports neither torch nor a web framework."""
