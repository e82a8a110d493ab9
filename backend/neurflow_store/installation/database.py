"""The database connection, and its two kinds of transaction.

``reading()`` sees one snapshot and takes no lock that others wait for. ``writing()`` commits at its end, or rolls back
after an exception; in SQLite it takes the write lock at its start, so that a second writer waits instead of failing.
Register what must happen only after a commit (a message to the workers) with :func:`after_commit`.
"""

from __future__ import annotations

import copy
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Self

from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import Session

from neurflow_store.errors import SettingsError
from neurflow_store.visibility import Viewer, session_for

_HOOKS = "after_commit"
_SQLITE_WAIT_MS = 30_000
_SQLITE_CONNECTIONS = 20
_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_PRIMARY = 0xFF
# In SQLite every transaction sees one snapshot.
_ONE_STATE = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}


class Database:
    """One database.

    Args:
        url: an SQLAlchemy address: ``sqlite:///PATH`` or ``postgresql+psycopg://…``.
        pool_size: maximum number of open connections to PostgreSQL, at least 1.

    Raises:
        SettingsError: the address is invalid, or of another database system.
    """

    def __init__(self, url: str, pool_size: int = 10) -> None:
        try:
            address = make_url(url)
        except ArgumentError:
            raise SettingsError("database_url is not an address: use sqlite:///PATH or postgresql://…") from None
        if address.get_backend_name() in ("postgresql", "postgres"):
            address = address.set(drivername="postgresql+psycopg")
        elif address.get_backend_name() != "sqlite":
            raise SettingsError(f"database_url has the scheme {address.drivername}: use sqlite or postgresql")
        self.url = address
        self.engine = _sqlite(address) if self.is_sqlite else _postgresql(address, pool_size)
        self._reader = self.engine.execution_options(**({} if self.is_sqlite else _ONE_STATE))
        self._writer = self.engine.execution_options(writing=True)
        self._viewer: Viewer | None = None

    @property
    def is_sqlite(self) -> bool:
        return self.url.get_backend_name() == "sqlite"

    def seen_by(self, viewer: Viewer) -> Self:
        """Return the same database limited to what one user can see."""
        seen = copy.copy(self)
        vars(seen)["_viewer"] = viewer
        return seen

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Open a session that sees one snapshot of the database and changes nothing."""
        with self.reader() as session:
            yield session

    def reader(self) -> Session:
        """Return the session of :meth:`reading` for the caller to close; it connects when first used."""
        return session_for(self._viewer, self._reader)

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Open a session that is committed at the end, before the actions that :func:`after_commit` registered."""
        with session_for(self._viewer, self._writer) as session:
            with session.begin():
                yield session
            hooks = session.info.pop(_HOOKS, [])
        for hook in hooks:
            hook()

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def after_commit(session: Session, action: Callable[[], object]) -> None:
    """Run ``action`` after the session's transaction is committed; not if it is rolled back."""
    session.info.setdefault(_HOOKS, []).append(action)


def _postgresql(url: Any, pool_size: int) -> Engine:
    return create_engine(url, pool_size=pool_size, max_overflow=10, pool_pre_ping=True, pool_recycle=1800)


def _sqlite(url: Any) -> Engine:
    engine = create_engine(url, pool_size=_SQLITE_CONNECTIONS, connect_args={"check_same_thread": False})

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _: Any) -> None:
        # The driver must not begin transactions by itself, or reads would see several snapshots.
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout = {_SQLITE_WAIT_MS}")
        _write_ahead(connection)
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA foreign_keys = ON")
        # A deleted image must not remain in the file either, however SQLite was built.
        connection.execute("PRAGMA secure_delete = ON")

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        writing = connection.get_execution_options().get("writing")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    return engine


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Switch the file to write-ahead logging, once. Here SQLite does not wait for other processes by itself."""
    deadline = time.monotonic() + _SQLITE_WAIT_MS / 1000
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            # A full disk, for example, does not pass by waiting.
            code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_BUSY) & _PRIMARY
            if code not in _BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return
