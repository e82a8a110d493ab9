"""Open the data folder in a command that runs with or without the service."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from neurflow_store.artifacts import ArtifactStore, artifact_store
from neurflow_store.installation.database import Database
from neurflow_store.installation.settings import Settings
from neurflow_store.upkeep.migrate import check_schema


@contextmanager
def opened(settings: Settings) -> Iterator[tuple[Database, ArtifactStore]]:
    """Yield the database and the artifact store.

    Raises:
        SchemaError: the database cannot be reached, or its tables are of another version.
        SettingsError: an address is invalid.
    """
    database = Database(settings.database_url)
    try:
        check_schema(database)
        yield database, artifact_store(settings)
    finally:
        database.close()
