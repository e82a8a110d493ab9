"""Which stored files rows refer to: every column of type ``Digest`` counts, and digests in JSON lists."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from sqlalchemy import Column, String, except_, select
from sqlalchemy.orm import Session

from neurflow_store.jobs.queue import ENDED
from neurflow_store.tables import Artifact, Base, Circuit, CircuitPreview, Job, JobKind
from neurflow_store.tables.base import Digest

# The digests of a network's weights or a data set's images, which are not those of stored files.
_NO_FILES: Final = frozenset({"networks.digest", "datasets.digest", "artifacts.digest"})
_AT_ONCE: Final = 500


def digest_columns() -> list[Column[str]]:
    """Return the columns that contain digests of stored files."""
    return [
        column
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, String) and column.type.length == Digest.length and str(column) not in _NO_FILES
    ]


def unused(session: Session, before: datetime) -> list[str]:
    """Return the recorded files that no row refers to and that were not put, recorded or kept since ``before``."""
    old = select(Artifact.__table__.c.digest).where(Artifact.used_at < before)
    # EXCEPT sorts once; NOT IN would scan all references for each file if they do not fit into memory.
    found = set(session.scalars(except_(old, *(select(column) for column in digest_columns()))))
    return sorted(found.difference(_listed(session)))


def unrecorded(session: Session, digests: list[str]) -> list[str]:
    """Return which of the given digests are neither recorded nor referred to."""
    left = set(digests)
    columns = [*digest_columns(), Artifact.__table__.c.digest]
    for start in range(0, len(digests), _AT_ONCE):
        part = digests[start : start + _AT_ONCE]
        # Records first: they have an index and contain nearly all of the digests.
        for column in reversed(columns):
            asked = [digest for digest in part if digest in left]
            if asked:
                left.difference_update(session.scalars(select(column).where(column.in_(asked))))
    return sorted(left.difference(_listed(session)))


def _listed(session: Session) -> Iterator[str]:
    """Yield the digests in JSON: covers of circuits, groups of previews, and archives that unfinished jobs import."""
    for cover in session.scalars(select(Circuit.cover)):
        yield from cover
    for content in session.scalars(select(CircuitPreview.content)):
        yield from (group["picture"] for group in content["groups"] if group["picture"] is not None)
    waiting = select(Job.payload).where(Job.kind == JobKind.IMPORT, Job.state.not_in(ENDED))
    for payload in session.scalars(waiting):
        yield from (value for value in payload.values() if isinstance(value, str))
