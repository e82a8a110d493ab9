"""Alembic migrations of the database from each version's tables to the next."""
