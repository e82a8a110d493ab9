"""The database's tables, brought to those of this version.

1. Whoever comes first takes a lock (PostgreSQL: an advisory one; SQLite: the write lock); others wait and find it done.
2. All steps are one transaction: after a failure the database is as it was before.
3. SQLite does not follow foreign keys meanwhile, for it changes a table by copying it to a new one and dropping the
   old, which would delete what refers to it. They are checked before the commit.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import OperationalError

from neurflow_store.errors import SchemaError
from neurflow_store.installation.database import Database

if TYPE_CHECKING:
    from alembic.config import Config

HEAD: Final = "0006"
"""The newest revision in ``migrations/versions``. Said here so that a start need not load Alembic to compare."""

_SCRIPTS: Final = "neurflow_store:migrations"
_LOCK: Final = 0x6E6575_72666C6F77
"""Any number that no other program on the same database takes for its own locks."""


def upgrade(database: Database, to: str = "head") -> None:
    """Makes or changes the tables; nothing where they are right. Several processes may do so at once.

    Raises:
        SchemaError: the tables are those of a newer version.
    """
    from alembic import command

    if database.is_sqlite and database.url.database:
        Path(database.url.database).parent.mkdir(parents=True, exist_ok=True)
    with _alone(database) as connection:
        _run(command.upgrade, connection, to)


def downgrade(database: Database, to: str) -> None:
    """Takes steps back to the revision ``to``, ``base`` for none. Loses what only the newer tables hold.

    Raises:
        SchemaError: the tables are those of a newer version.
    """
    from alembic import command

    with _alone(database) as connection:
        _run(command.downgrade, connection, to)


def current_revision(database: Database) -> str | None:
    """The revision of the database's tables, ``None`` where it holds none."""
    if database.is_sqlite and not Path(database.url.database or "").exists():
        return None  # looking must not make the file
    with database.engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()


def check_schema(database: Database) -> None:
    """Says whether the database can be used.

    Raises:
        SchemaError: its tables are not those of this version, or it cannot be reached.
    """
    try:
        found = current_revision(database)
    except OperationalError as error:
        raise SchemaError(f"the database does not answer: {str(error.orig).splitlines()[0]}") from None
    if found is None:
        raise SchemaError("the database has no tables: run `neurflow migrate`")
    if found != HEAD:
        raise SchemaError(f"the database's tables are at {found}, this version needs {HEAD}: run `neurflow migrate`")


@contextmanager
def _alone(database: Database) -> Iterator[Connection]:
    """A connection in a transaction that no other migration runs beside."""
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
                    raise SchemaError(f"a row of {broken[0]} refers to one of {broken[2]} that is not there")
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
