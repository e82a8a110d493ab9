"""Migration of the database's tables to this version.

1. The first process takes a lock (PostgreSQL: an advisory lock; SQLite: the write lock); others wait and then find
   nothing to do.
2. All steps run in one transaction: after a failure the database is unchanged.
3. SQLite changes a table by copying it and dropping the old one, which would delete the rows that refer to it. So
   foreign keys are off meanwhile, and checked before the commit.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from neurflow_store.artifacts.store import storage_errors
from neurflow_store.errors import SchemaError
from neurflow_store.installation.database import Database
from neurflow_store.installation.database_errors import explained

if TYPE_CHECKING:
    from alembic.config import Config

HEAD: Final = "0008"
"""The newest revision in ``migrations/versions``, repeated here so that a start need not load Alembic to compare."""

_SCRIPTS: Final = "neurflow_store:migrations"
_LOCK: Final = 0x6E6575_72666C6F77
"""An arbitrary number that no other program on the same database uses for its locks."""


def upgrade(database: Database, to: str = "head") -> None:
    """Create or update the tables; do nothing if they are current. Several processes may run this at once.

    Raises:
        SchemaError: the tables are those of a newer version.
        StorageError: the folder of an SQLite file cannot be created.
    """
    from alembic import command

    if database.is_sqlite and database.url.database:
        folder = Path(database.url.database).parent
        with storage_errors(str(folder)):
            folder.mkdir(parents=True, exist_ok=True)
    with _exclusive(database) as connection:
        _run(command.upgrade, connection, to)


def downgrade(database: Database, to: str) -> None:
    """Go back to the revision ``to``, or ``base`` for no tables. Loses the data that only newer tables hold.

    Raises:
        SchemaError: the tables are those of a newer version.
    """
    from alembic import command

    with _exclusive(database) as connection:
        _run(command.downgrade, connection, to)


def current_revision(database: Database) -> str | None:
    """Return the revision of the database's tables; ``None`` if there are none."""
    if database.is_sqlite and not Path(database.url.database or "").exists():
        return None  # checking must not create the file
    with database.engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()


def check_version(session: Session) -> None:
    """Check within a transaction that the tables are still those of this version.

    Raises:
        SchemaError: they were migrated meanwhile: what this version would write may have another form now.
    """
    found = session.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    if found != HEAD:
        raise SchemaError(
            f"the database's tables are at {found}, this process needs {HEAD}: stop it, and start it in the version "
            "that migrated them"
        )


def check_schema(database: Database) -> None:
    """Check that the database is reachable and has the tables of this version.

    Raises:
        SchemaError: its tables are not those of this version, or it does not answer.
    """
    try:
        found = current_revision(database)
    except SQLAlchemyError as error:
        known = explained(error)
        if known is None:
            raise
        raise SchemaError(str(known)) from None
    if found is None:
        raise SchemaError("the database has no tables: run `neurflow migrate`")
    if found != HEAD:
        raise SchemaError(f"the database's tables are at {found}, this version needs {HEAD}: run `neurflow migrate`")


@contextmanager
def _exclusive(database: Database) -> Iterator[Connection]:
    """Open a connection in a transaction that excludes other migrations."""
    engine = database.engine.execution_options(writing=True)
    with engine.connect() as connection:
        driver: Any = connection.connection.dbapi_connection
        if database.is_sqlite:
            driver.execute("PRAGMA foreign_keys = OFF")  # has no effect within a transaction
        try:
            with connection.begin():
                if not database.is_sqlite:
                    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
                yield connection
                if database.is_sqlite and (broken := connection.execute(text("PRAGMA foreign_key_check")).first()):
                    raise SchemaError(f"a row of {broken[0]} refers to a missing row of {broken[2]}: restore a backup")
        finally:
            if database.is_sqlite:
                driver.execute("PRAGMA foreign_keys = ON")


def _run(step: Any, connection: Connection, revision: str) -> None:
    from alembic.util import CommandError

    try:
        step(_config(connection), revision)
    except CommandError as error:
        raise SchemaError(
            f"the database's tables are those of another version ({error}): install the newest neurflow-explorer"
        ) from None


def _config(connection: Connection) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", _SCRIPTS)
    config.attributes["connection"] = connection
    return config
