"""The steps by which Alembic brings a database from one version's tables to the next."""
