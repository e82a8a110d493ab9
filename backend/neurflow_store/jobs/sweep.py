"""The sweeper's part in a job's life: what was lost is found again. Several sweepers at once do no harm.

1. A running job whose lease has run out is put back, or fails with the reason when it was begun too often.
2. A running job whose lease has run out and that was to be cancelled is cancelled.
3. A waiting job that nobody has begun is announced again, after ever longer times.
4. Workers that have been silent for long are forgotten.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, delete, or_, select, update
from sqlalchemy.orm import Session

from neurflow_store.clock import now
from neurflow_store.database import after_commit
from neurflow_store.jobs.queue import Bell, is_due
from neurflow_store.settings import Settings
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


def sweep(session: Session, bell: Bell, settings: Settings) -> int:
    """Does all of it once.

    Args:
        session: of ``Database.writing()``.
        bell: who announces what waits.
        settings: for ``max_attempts`` and ``resend_seconds``.

    Returns:
        How many jobs were changed or announced.
    """
    time = now()
    session.execute(delete(WorkerRow).where(WorkerRow.seen_at < time - _FORGET_WORKERS))
    return _expire(session, settings, time) + _announce(session, bell, settings, time)


def _expire(session: Session, settings: Settings, time: datetime) -> int:
    lost = session.scalars(select(Job).where(_is_lost(time)).limit(_MOST)).all()
    for job in lost:
        values: dict[str, Any] = {"lease_token": None, "lease_until": None, "version": Job.version + 1}
        if job.cancel_requested:
            values |= {"state": JobState.CANCELLED, "finished_at": time}
        elif job.attempts >= settings.max_attempts:
            problem = _LOST | {"detail": _LOST["detail"].format(attempts=job.attempts)}
            values |= {"state": JobState.FAILED, "finished_at": time, "problem": problem}
        else:
            values |= {"state": JobState.QUEUED, "worker": None, "available_at": time, "sent_at": None, "sends": 0}
        # Asked again in the update: the worker may have spoken up in between.
        session.execute(
            update(Job)
            .where(Job.id == job.id, Job.lease_token == job.lease_token, _is_lost(time))
            .values(**values)
            .execution_options(synchronize_session=False)
        )
    return len(lost)


def _is_lost(time: datetime) -> ColumnElement[bool]:
    return (Job.state == JobState.RUNNING) & (Job.lease_until < time)


def _announce(session: Session, bell: Bell, settings: Settings, time: datetime) -> int:
    unheard = or_(Job.sent_at.is_(None), Job.sent_at < time - timedelta(seconds=settings.resend_seconds))
    waiting = session.execute(
        select(Job.id, Job.queue, Job.sent_at, Job.sends)
        .where(is_due(time), unheard)
        .order_by(Job.available_at, Job.id)
        .limit(_MOST)
    ).all()
    count = 0
    for job_id, queue, sent_at, sends in waiting:
        wait = min(timedelta(seconds=settings.resend_seconds * 2 ** min(sends, 20)), _LONGEST_RESEND)
        if sent_at is not None and sent_at > time - wait:
            continue
        before = Job.sent_at.is_(None) if sent_at is None else Job.sent_at == sent_at
        result = session.execute(
            update(Job)
            .where(Job.id == job_id, Job.state == JobState.QUEUED, before)
            .values(sent_at=time, sends=sends + 1)
            .execution_options(synchronize_session=False)
        )
        if cast("CursorResult[Any]", result).rowcount:
            count += 1
            after_commit(session, partial(bell.ring, queue, job_id))
    return count
