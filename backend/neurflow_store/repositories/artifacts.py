"""Records of stored files. A file is first put into the store and then recorded here.

Before a row refers to a stored file, record it (:func:`record`) or keep it (:func:`keep`) in the same transaction: both
renew ``used_at``, which protects the file from garbage collection until the reference exists.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final, cast

from sqlalchemy import CursorResult, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from neurflow_store.clock import now
from neurflow_store.errors import NotFound
from neurflow_store.tables import Artifact

_INSERT: Final[Mapping[str, Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
_AT_ONCE: Final = 500


def record(session: Session, digest: str, media_type: str, size: int) -> None:
    """Record a file that was put into the store, or put again."""
    record_all(session, [(digest, media_type, size)])


def record_all(session: Session, files: Iterable[tuple[str, str, int]]) -> None:
    """Record many files at once: digest, media type and size in bytes of each. The first media type of a file stays."""
    # In sorted order: two writers that record the same files in different orders would deadlock.
    known = {digest: (media_type, size) for digest, media_type, size in reversed(list(files))}
    rows = [
        {"digest": digest, "media_type": media_type, "size": size, "used_at": now()}
        for digest, (media_type, size) in sorted(known.items())
    ]
    insert = _INSERT[session.get_bind().dialect.name](Artifact.__table__)
    renewed = insert.on_conflict_do_update(index_elements=["digest"], set_={"used_at": insert.excluded.used_at})
    for start in range(0, len(rows), _AT_ONCE):
        session.execute(renewed, rows[start : start + _AT_ONCE])


def find(session: Session, digest: str) -> Artifact:
    """Return the record of a stored file.

    Raises:
        NotFound: the file does not exist.
    """
    artifact = session.get(Artifact, digest, populate_existing=True)
    if artifact is None:
        raise _missing(digest)
    return artifact


def keep(session: Session, digest: str) -> Artifact:
    """Return the record of a stored file that this transaction is about to refer to, and renew it.

    Raises:
        NotFound: the file does not exist.
    """
    renewed = update(Artifact).where(Artifact.digest == digest).values(used_at=now())
    if not _changed(session, renewed):
        raise _missing(digest)
    return find(session, digest)


def known(session: Session, digests: Iterable[str]) -> set[str]:
    """Return which of the given files are recorded."""
    wanted = sorted(set(digests))
    found: set[str] = set()
    for start in range(0, len(wanted), _AT_ONCE):
        part = wanted[start : start + _AT_ONCE]
        found.update(session.scalars(select(Artifact.digest).where(Artifact.digest.in_(part))))
    return found


def forget(session: Session, digest: str, before: datetime) -> bool:
    """Delete the record of a file that was not used since ``before``; return whether it did."""
    return bool(_changed(session, delete(Artifact).where(Artifact.digest == digest, Artifact.used_at < before)))


def _changed(session: Session, statement: Any) -> int:
    result = session.execute(statement.execution_options(synchronize_session=False))
    return cast("CursorResult[Any]", result).rowcount


def _missing(digest: str) -> NotFound:
    return NotFound(f"no stored file {digest[:80]!r}")
