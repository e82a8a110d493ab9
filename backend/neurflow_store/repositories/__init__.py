"""Queries: reads and writes of all tables, except a job's life cycle."""
