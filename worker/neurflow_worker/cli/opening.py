"""The data folder of the settings, opened by a command that runs beside the service or without it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from neurflow_store.artifacts import ArtifactStore, artifact_store
from neurflow_store.installation.database import Database
from neurflow_store.installation.settings import Settings
from neurflow_store.upkeep.migrate import check_schema


@contextmanager
def opened(settings: Settings) -> Iterator[tuple[Database, ArtifactStore]]:
    """The database and the stored files.

    Raises:
        SchemaError: the database cannot be reached, or its tables are not those of this version.
        SettingsError: an address is none.
    """
    database = Database(settings.database_url)
    try:
        check_schema(database)
        yield database, artifact_store(settings)
    finally:
        database.close()
