"""Persistent state: settings, tables, repositories, jobs, artifacts. Imports neither torch nor a web framework."""
