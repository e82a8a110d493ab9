"""Helpers that requests share: lock rows or find them by key, find a free id, delete jobs.

Two simultaneous requests for the same thing must create one row and one job. SQLite allows one writing transaction at
a time; in PostgreSQL :func:`one_at_a_time` makes a request wait for earlier ones. The unique key backs this up.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, Final, TypeVar
from zlib import crc32

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from neurflow_store.errors import NotFound
from neurflow_store.ids import new_id
from neurflow_store.tables import Analysis, Base, Circuit, Dataset, Evaluation, Job, JobKind, Measurement, Network
from neurflow_store.visibility import EVERYTHING

_WORDS: Final[dict[type[Base], str]] = {
    Analysis: "analysis",
    Circuit: "circuit",
    Dataset: "data set",
    Evaluation: "evaluation",
    Measurement: "measurement",
    Network: "network",
}
_SHORTEST_ID: Final = 5
_AT_ONCE: Final = 500

Row = TypeVar("Row", Analysis, Circuit, Dataset, Evaluation, Measurement, Network)
Keyed = TypeVar("Keyed", Circuit, Dataset, Measurement, Network)


def one_at_a_time(session: Session, table: type[Base]) -> None:
    """Make all other callers for the same table wait here until this transaction ends."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(crc32(f"neurflow:{table.__tablename__}".encode()))))


def require(session: Session, table: type[Row], id: str) -> Row:
    """Return a row for reading.

    Raises:
        NotFound: the row does not exist.
    """
    return _found(table, id, session.get(table, id))


def locked(session: Session, table: type[Row], id: str) -> Row:
    """Return a row's current state, and lock it against changes and deletion until this transaction ends.

    Raises:
        NotFound: the row does not exist.
    """
    return _found(table, id, session.get(table, id, populate_existing=True, with_for_update=True))


def protected(session: Session, table: type[Row], id: str) -> Row:
    """Return a row's current state, and lock it against deletion until this transaction ends.

    Raises:
        NotFound: the row does not exist.
    """
    share = {"read": True, "key_share": True}
    return _found(table, id, session.get(table, id, populate_existing=True, with_for_update=share))


def by_key(session: Session, table: type[Keyed], key: str) -> Keyed | None:
    """Return the row of an earlier request with this key."""
    column = table.__table__.c["content_key" if table.__tablename__ == "circuits" else "key"]
    return session.scalar(select(table).where(column == key).execution_options(populate_existing=True))


def circuits_by_key(session: Session, keys: Collection[str]) -> dict[str, Circuit]:
    """Return the circuits of earlier requests with these keys."""
    wanted = sorted(keys)
    found: dict[str, Circuit] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        part = Circuit.content_key.in_(wanted[start : start + _AT_ONCE])
        found.update({row.content_key: row for row in session.scalars(select(Circuit).where(part))})
    return found


def existing(session: Session, table: type[Row], ids: Iterable[str]) -> set[str]:
    """Return which of the ids exist."""
    wanted = sorted(set(ids))
    column = table.__table__.c.id
    parts = (wanted[start : start + _AT_ONCE] for start in range(0, len(wanted), _AT_ONCE))
    return {id for part in parts for id in session.scalars(select(column).where(column.in_(part)))}


def free_id(session: Session, table: type[Row], name: str) -> str:
    """Return a new id that no row of the table has, one letter longer after each collision."""
    length = _SHORTEST_ID
    while session.get(table, id := new_id(name, length), execution_options=EVERYTHING) is not None:
        length += 1
    return id


def delete_jobs(session: Session, kinds: Iterable[JobKind], subjects: Collection[str]) -> None:
    """Delete all jobs of a subject, after the subject: its row refers to one of them. Their workers lose the lease."""
    session.flush()
    every = list(subjects)
    for start in range(0, len(every), _AT_ONCE):
        session.execute(
            delete(Job).where(Job.kind.in_(list(kinds)), Job.subject.in_(every[start : start + _AT_ONCE])),
            execution_options={"synchronize_session": False},
        )


def _found(table: type[Row], id: str, row: Any) -> Row:
    if row is None:
        raise NotFound(f"no {_WORDS[table]} {id[:80]!r}")
    found: Row = row
    return found
