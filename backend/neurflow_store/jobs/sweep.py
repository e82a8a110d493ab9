"""The sweeper's part in a job's life cycle: it finds lost jobs and queues them again.

1. A running job whose lease has expired is queued again, or fails with the reason after too many attempts.
2. A running job whose lease has expired and whose cancellation was requested is cancelled.
3. A queued job that no worker has claimed is announced again, at growing intervals.
4. Workers that have been silent for a long time are removed from the list.

You can run several sweepers: each locks the rows that it changes and skips rows that another sweeper or a reporting
worker has locked. (In SQLite, one writing transaction excludes all others.)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import ColumnElement, case, delete, func, literal, or_, select
from sqlalchemy.orm import Session

from neurflow_store.clock import database_now
from neurflow_store.installation.database import after_commit
from neurflow_store.installation.settings import Settings
from neurflow_store.jobs.queue import Announcer, is_due
from neurflow_store.tables import Job, JobState, WorkerRow

_MOST = 500
_LONGEST_RESEND = timedelta(hours=1)
_FORGET_WORKERS = timedelta(hours=1)
_LOST = {
    "type": "worker-lost",
    "title": "The worker was lost",
    "detail": "The worker stopped without an error {attempts} times at the same stage. It may have run out of memory. "
    "Request the circuit again with fewer images, or give the worker more memory.",
}


def sweep(
    session: Session, announcer: Announcer, settings: Settings, changed: Callable[[str], object] | None = None
) -> int:
    """Sweep once.

    Args:
        session: from ``Database.writing()``.
        announcer: announces the queued jobs.
        settings: for ``max_attempts`` and ``resend_seconds``.
        changed: called after the commit with the id of each job whose state changed.

    Returns:
        The number of jobs changed or announced.
    """
    time = database_now(session)
    session.execute(delete(WorkerRow).where(WorkerRow.seen_at < time - _FORGET_WORKERS))
    return _expire(session, settings, changed, time) + _announce(session, announcer, settings, time)


def overdue(session: Session, seconds: float) -> int:
    """Count the jobs that lost their worker more than ``seconds`` ago and have not been queued again."""
    since = database_now(session) - timedelta(seconds=seconds)
    lost = select(func.count()).select_from(Job).where(Job.state == JobState.RUNNING, Job.lease_until < since)
    return session.scalar(lost) or 0


def _expire(session: Session, settings: Settings, changed: Callable[[str], object] | None, time: datetime) -> int:
    lost = _locked(session, (Job.state == JobState.RUNNING) & (Job.lease_until < time))
    for job in lost:
        job.lease_token = job.lease_until = job.remaining_seconds = None
        job.version += 1
        if job.cancel_requested:
            job.state, job.finished_at, job.problem = JobState.CANCELLED, time, None
        elif job.attempts >= settings.max_attempts:
            job.state, job.finished_at = JobState.FAILED, time
            job.problem = _LOST | {"detail": _LOST["detail"].format(attempts=job.attempts)}
        else:
            job.state, job.worker, job.available_at = JobState.QUEUED, None, time
            job.sent_at, job.sends = None, 0
        if changed:
            after_commit(session, partial(changed, job.id))
    session.flush()
    return len(lost)


def _announce(session: Session, announcer: Announcer, settings: Settings, time: datetime) -> int:
    waiting = _locked(session, is_due(time) & or_(Job.sent_at.is_(None), Job.sent_at <= _since(settings, time)))
    for job in waiting:
        job.sent_at = time
        job.sends += 1
        after_commit(session, partial(announcer.announce, job.queue, job.id))
    session.flush()
    return len(waiting)


def _since(settings: Settings, time: datetime) -> ColumnElement[datetime]:
    """Return when a job must last have been announced to be announced again: the interval grows with each time."""
    waits = [timedelta(seconds=settings.resend_seconds)]
    while waits[-1] < _LONGEST_RESEND:
        waits.append(min(2 * waits[-1], _LONGEST_RESEND))
    moments = {sends: literal(time - wait, Job.sent_at.type) for sends, wait in enumerate(waits)}
    return case(moments, value=Job.sends, else_=literal(time - waits[-1], Job.sent_at.type))


def _locked(session: Session, condition: ColumnElement[bool]) -> Sequence[Job]:
    return session.scalars(
        select(Job)
        .where(condition)
        .order_by(Job.available_at, Job.id)
        .limit(_MOST)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).all()
