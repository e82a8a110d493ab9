"""Why a database refused or failed, in words that say what to do; drivers only say what they tried.

=========== =============================================== =====================================================
kind        SQLite                                          PostgreSQL
=========== =============================================== =====================================================
full        the disk of the file is full                    the server's disk is full (class 53)
refused     the file cannot be written                      the role lacks a right, or the server only reads
away        all other operational errors                    all other operational errors
=========== =============================================== =====================================================
"""

from __future__ import annotations

import sqlite3
from typing import Any, Final

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from neurflow_store.errors import SettingsError, StorageFull, StoreError, Unreachable

DATABASE_AWAY: Final = (OperationalError, InterfaceError, PoolTimeout)
"""Errors of a database that restarts, is busy or is full: the same may succeed later."""

_FULL_STATES: Final = ("53100",)
_REFUSED_STATES: Final = ("42501", "25006")
_FULL_CODES: Final = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE)
_REFUSED_CODES: Final = (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH)
_PRIMARY: Final = 0xFF


def explained(error: BaseException) -> StoreError | None:
    """Return the error to show in place of a database's; ``None`` if the program is at fault.

    Returns:
        :class:`StorageFull`, :class:`SettingsError` for missing rights, or :class:`Unreachable`.
    """
    if isinstance(error, PoolTimeout):
        return Unreachable("the database is busy: all connections are in use")
    if not isinstance(error, DBAPIError):
        return None
    reason = first_line(error.orig)
    state = getattr(error.orig, "sqlstate", None)
    code: Any = getattr(error.orig, "sqlite_errorcode", None) or 0
    if state in _FULL_STATES or code in _FULL_CODES:
        return StorageFull(f"the disk of the database is full ({reason}): free space, then try again")
    if state in _REFUSED_STATES or code & _PRIMARY in _REFUSED_CODES:
        return SettingsError(
            f"the database refuses this user: {reason}: grant the user of `database_url` the right to read and write "
            "all tables"
        )
    if isinstance(error, DATABASE_AWAY):
        return Unreachable(f"the database does not answer: {reason}")
    return None


def first_line(error: object) -> str:
    """Return the first line of an error, without the details that drivers append."""
    return next(iter(str(error).splitlines()), "").strip() or type(error).__name__
