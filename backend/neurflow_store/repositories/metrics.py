"""Queries for an installation's metrics. They are cheap, because they run every few seconds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from neurflow_store.repositories.jobs import OPEN
from neurflow_store.tables import Job, JobKind, JobState, Queue, WorkerRow


@dataclass(frozen=True)
class EndedJob:
    """A job that has ended; ``started_at`` is ``None`` if it never started."""

    id: str
    kind: JobKind
    state: JobState
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime
    stages: Sequence[dict[str, Any]]


def queue_lengths(session: Session) -> dict[tuple[Queue, JobState], int]:
    """Count the queued and running jobs of each queue; no entry for 0."""
    counted = select(Job.queue, Job.state, func.count()).where(Job.state.in_(OPEN)).group_by(Job.queue, Job.state)
    return {(queue, state): count for queue, state, count in session.execute(counted)}


def workers_seen(session: Session, since: datetime) -> dict[Queue, int]:
    """Count the workers of each queue with a heartbeat since then."""
    counts = dict.fromkeys(Queue, 0)
    for queues in session.scalars(select(WorkerRow.queues).where(WorkerRow.seen_at >= since)):
        for queue in queues:
            counts[Queue(queue)] += 1
    return counts


def ended_since(session: Session, since: datetime, most: int) -> list[EndedJob]:
    """Return the jobs that ended at ``since`` or later, at most ``most``, the first to end first."""
    columns = (Job.id, Job.kind, Job.state, Job.created_at, Job.started_at, Job.finished_at, Job.stages)
    ended = select(*columns).where(Job.finished_at >= since).order_by(Job.finished_at, Job.id).limit(most)
    return [EndedJob(*row) for row in session.execute(ended)]
