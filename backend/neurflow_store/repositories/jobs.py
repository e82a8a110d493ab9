"""Queries about jobs: lists, current versions for watchers, and the durations of finished traces."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from neurflow_store.jobs.queue import ENDED
from neurflow_store.repositories.columns import AnyRow
from neurflow_store.repositories.paging import Order, Slice, read_page
from neurflow_store.tables import Circuit, Job, JobKind, JobState, Network
from neurflow_store.visibility import narrowed_to, sees

NEWEST_FIRST: Final = Order("newest", (Job.created_at, Job.id), descending=True)
OPEN: Final = tuple(state for state in JobState if state not in ENDED)
"""States of jobs that have not ended."""

_AT_ONCE: Final = 500


@dataclass(frozen=True)
class JobFilter:
    """Filters for a list of jobs; ``None`` for any."""

    state: JobState | None = None
    kind: JobKind | None = None
    subject: str | None = None


def list_jobs(session: Session, wanted: JobFilter, cursor: str | None, limit: int) -> Slice[Job]:
    """Return a page of jobs, newest first.

    Raises:
        BadValue: the cursor does not belong to this list.
    """
    statement: Select[tuple[Job]] = select(Job)
    for column, value in ((Job.state, wanted.state), (Job.kind, wanted.kind), (Job.subject, wanted.subject)):
        if value is not None:
            statement = statement.where(column == value)
    if (user := narrowed_to(session)) is not None:
        statement = statement.where(sees(Job, user))
    return read_page(session, statement, NEWEST_FIRST, cursor, limit)


def find_all(session: Session, ids: Collection[str]) -> Sequence[Job]:
    """Return the jobs with these ids that exist."""
    return [job for part in _parts(ids) for job in session.scalars(select(Job).where(Job.id.in_(part)))]


def versions(session: Session, ids: Collection[str]) -> dict[str, int]:
    """Return the versions by id of those jobs that exist."""
    found: dict[str, int] = {}
    for part in _parts(ids):
        found.update(session.execute(select(Job.id, Job.version).where(Job.id.in_(part))).all())
    return found


def recent_versions(session: Session, since: datetime) -> dict[str, int]:
    """Return the versions by id of the jobs that have not ended or ended after ``since``."""
    recent = or_(Job.state.in_(OPEN), Job.finished_at > since)
    return dict(session.execute(select(Job.id, Job.version).where(recent)).all())


def newest_traces(session: Session, network_id: str | None, most: int) -> Sequence[AnyRow]:
    """Return the last finished traces, newest first, with their parameters, stages and the network's layers.

    Args:
        session: of ``Database.reading()``.
        network_id: the network's id; ``None`` for any.
        most: maximum number of traces.
    """
    statement = (
        select(Job.stages, Circuit.parameters, Network.layers)
        .select_from(Job)
        .join(Circuit, Circuit.job_id == Job.id)
        .join(Network, Network.id == Circuit.network_id)
        .where(Job.kind == JobKind.TRACE, Job.state == JobState.SUCCEEDED)
        .order_by(Job.finished_at.desc(), Job.id)
        .limit(most)
    )
    if network_id is not None:
        statement = statement.where(Circuit.network_id == network_id)
    return session.execute(statement).all()


def _parts(ids: Collection[str]) -> Sequence[list[str]]:
    every = list(ids)
    return [every[start : start + _AT_ONCE] for start in range(0, len(every), _AT_ONCE)]
