"""What requests share: rows that are locked or found by their key, ids that are free, jobs that are dropped.

Two requests at the same moment for the same thing must make one row and one job. SQLite lets one transaction write at a
time; in PostgreSQL :func:`one_at_a_time` has a request wait for those before it. The unique key stands behind that.
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
    """Until this transaction ends, nobody else gets beyond this call for the same table."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(crc32(f"neurflow:{table.__tablename__}".encode()))))


def there(session: Session, table: type[Row], id: str) -> Row:
    """A row, to be read only.

    Raises:
        NotFound: there is no such row.
    """
    return _found(table, id, session.get(table, id))


def locked(session: Session, table: type[Row], id: str) -> Row:
    """A row as it stands now, which nobody else changes or deletes until this transaction ends.

    Raises:
        NotFound: there is no such row.
    """
    return _found(table, id, session.get(table, id, populate_existing=True, with_for_update=True))


def kept(session: Session, table: type[Row], id: str) -> Row:
    """A row as it stands now, which nobody else deletes until this transaction ends.

    Raises:
        NotFound: there is no such row.
    """
    share = {"read": True, "key_share": True}
    return _found(table, id, session.get(table, id, populate_existing=True, with_for_update=share))


def by_key(session: Session, table: type[Keyed], key: str) -> Keyed | None:
    """The row of what was asked for before under this key."""
    column = table.__table__.c["content_key" if table.__tablename__ == "circuits" else "key"]
    return session.scalar(select(table).where(column == key).execution_options(populate_existing=True))


def circuits_by_key(session: Session, keys: Collection[str]) -> dict[str, Circuit]:
    """The circuits that were asked for before under some keys."""
    wanted = sorted(keys)
    found: dict[str, Circuit] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        part = Circuit.content_key.in_(wanted[start : start + _AT_ONCE])
        found.update({row.content_key: row for row in session.scalars(select(Circuit).where(part))})
    return found


def existing(session: Session, table: type[Row], ids: Iterable[str]) -> set[str]:
    """Which of some ids are those of rows."""
    wanted = sorted(set(ids))
    column = table.__table__.c.id
    parts = (wanted[start : start + _AT_ONCE] for start in range(0, len(wanted), _AT_ONCE))
    return {id for part in parts for id in session.scalars(select(column).where(column.in_(part)))}


def free_id(session: Session, table: type[Row], name: str) -> str:
    """A new id that no row of the table has: a letter longer after each one that is taken."""
    length = _SHORTEST_ID
    while session.get(table, id := new_id(name, length), execution_options=EVERYTHING) is not None:
        length += 1
    return id


def drop_jobs(session: Session, kinds: Iterable[JobKind], subjects: Collection[str]) -> None:
    """Deletes all jobs of a subject, after it: its row refers to one of them. Their workers lose their hold."""
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
