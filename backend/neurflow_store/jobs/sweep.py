"""The sweeper's part in a job's life: what was lost is found again.

1. A running job whose lease has run out is put back, or fails with the reason when it was begun too often.
2. A running job whose lease has run out and that was to be cancelled is cancelled.
3. A waiting job that nobody has begun is announced again, after ever longer times.
4. Workers that have been silent for long are forgotten.

Several sweepers at once do no harm: each locks the rows that it means to change and passes over those that are locked,
by another sweeper or by the worker that just speaks up. (In SQLite one transaction that writes excludes all others.)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import ColumnElement, case, delete, func, literal, or_, select
from sqlalchemy.orm import Session

from neurflow_store.clock import now
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
    "detail": "The worker stopped without a word, {attempts} times at the same place: perhaps it ran out of memory. "
    "Ask for the circuit again with fewer images, or give the worker more memory.",
}


def sweep(
    session: Session, announcer: Announcer, settings: Settings, changed: Callable[[str], object] | None = None
) -> int:
    """Does all of it once.

    Args:
        session: of ``Database.writing()``.
        announcer: who announces what waits.
        settings: for ``max_attempts`` and ``resend_seconds``.
        changed: is told the id of each job whose state was changed, after the commit.

    Returns:
        How many jobs were changed or announced.
    """
    time = now()
    session.execute(delete(WorkerRow).where(WorkerRow.seen_at < time - _FORGET_WORKERS))
    return _expire(session, settings, changed, time) + _announce(session, announcer, settings, time)


def overdue(session: Session, seconds: float) -> int:
    """How many jobs lost their worker more than ``seconds`` ago, and nobody has taken them up."""
    since = now() - timedelta(seconds=seconds)
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
    """The time since which a job must be unheard to be announced again: the longer ago, the more often it was."""
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
