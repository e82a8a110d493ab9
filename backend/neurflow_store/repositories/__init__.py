"""Queries: all that is read from and written to the tables, beside the life of jobs."""
