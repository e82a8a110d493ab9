"""A worker's part in a job's life. Each function is one conditional update, safe to be done twice.

1. :func:`claim` takes a queued job for one worker: a random token, and a time until which it is the worker's.
2. :func:`renew` moves that time on; :func:`report` tells how far the work is.
3. :func:`succeed`, :func:`fail`, :func:`stop`, :func:`retry` or :func:`release` ends the worker's hold.

From 2 on each asks for the token in its update. A worker whose lease was taken from it gets :class:`LeaseLost` and
has changed nothing: call these in the transaction that writes the results, and neither is there without the other.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, update
from sqlalchemy.orm import Session

from neurflow_store.clock import now
from neurflow_store.errors import LeaseLost
from neurflow_store.jobs.queue import is_due
from neurflow_store.tables import Job, JobKind, JobState, Queue


@dataclass(frozen=True)
class Claim:
    """A worker's hold on a job. ``attempts`` counts this one."""

    job_id: str
    token: str
    kind: JobKind
    queue: Queue
    subject: str
    payload: Mapping[str, Any]
    attempts: int
    request_id: str | None


@dataclass(frozen=True)
class ProgressReport:
    """How far a job is: a stage's ``done`` of ``total`` items; ``fraction`` of the whole in [0, 1]; seconds left.

    ``stages`` are the finished ones. ``remaining_seconds`` is ``None`` where it cannot be told yet.
    """

    stage: str
    done: int
    total: int
    fraction: float
    remaining_seconds: float | None
    stages: Sequence[Mapping[str, Any]]


def claim(session: Session, job_id: str, worker: str, lease_seconds: float) -> Claim | None:
    """Takes a job that waits; ``None`` where it is gone, ended, not due yet, or somebody else's."""
    time = now()
    token = secrets.token_hex(16)
    taken = _changed(
        session,
        update(Job)
        .where(Job.id == job_id, is_due(time))
        .values(
            state=JobState.RUNNING,
            worker=worker,
            lease_token=token,
            lease_until=time + timedelta(seconds=lease_seconds),
            attempts=Job.attempts + 1,
            started_at=time,
            version=Job.version + 1,
        ),
    )
    if not taken:
        return None
    job = session.get_one(Job, job_id, populate_existing=True)
    return Claim(job.id, token, job.kind, job.queue, job.subject, job.payload, job.attempts, job.request_id)


def renew(session: Session, held: Claim, lease_seconds: float) -> bool:
    """Keeps the hold for a further ``lease_seconds``; says whether cancelling was asked for.

    Raises:
        LeaseLost: the job is no longer this worker's.
    """
    _update(session, held, lease_until=now() + timedelta(seconds=lease_seconds))
    return session.get_one(Job, held.job_id, populate_existing=True).cancel_requested


def report(session: Session, held: Claim, progress: ProgressReport, kept: bool = False) -> bool:
    """Notes how far the work is; says whether cancelling was asked for.

    Args:
        session: of ``Database.writing()``.
        held: the worker's hold.
        progress: how far it is.
        kept: whether something was finished from which another worker could go on: attempts count from here anew.

    Raises:
        LeaseLost: the job is no longer this worker's.
    """
    _update(
        session,
        held,
        stage=progress.stage,
        stage_done=progress.done,
        stage_total=progress.total,
        fraction=progress.fraction,
        remaining_seconds=progress.remaining_seconds,
        stages=[dict(stage) for stage in progress.stages],
        version=Job.version + 1,
        **({"attempts": 1} if kept else {}),
    )
    return session.get_one(Job, held.job_id, populate_existing=True).cancel_requested


def succeed(session: Session, held: Claim, stages: Sequence[Mapping[str, Any]] = ()) -> None:
    """Ends the job well. In the same transaction as its results.

    Raises:
        LeaseLost: the job is no longer this worker's.
    """
    done = [dict(stage) for stage in stages]
    _end(session, held, JobState.SUCCEEDED, fraction=1.0, remaining_seconds=0.0, stages=done)


def fail(session: Session, held: Claim, problem: Mapping[str, Any]) -> None:
    """Ends the job with a reason: ``type``, ``title`` and ``detail`` for a person to read.

    Raises:
        LeaseLost: the job is no longer this worker's.
    """
    _end(session, held, JobState.FAILED, problem=dict(problem))


def stop(session: Session, held: Claim) -> None:
    """Ends the job because cancelling was asked for.

    Raises:
        LeaseLost: the job is no longer this worker's.
    """
    _end(session, held, JobState.CANCELLED)


def retry(session: Session, held: Claim, problem: Mapping[str, Any], delay_seconds: float) -> None:
    """Puts the job back for a later attempt, after a fault that may pass; the sweeper announces it when it is due.

    Raises:
        LeaseLost: the job is no longer this worker's.
    """
    time = now() + timedelta(seconds=delay_seconds)
    _put_back(session, held, available_at=time, problem=dict(problem))


def release(session: Session, held: Claim) -> None:
    """Puts the job back as it was, because the worker is being stopped. The attempt does not count.

    Raises:
        LeaseLost: the job is no longer this worker's.
    """
    _put_back(session, held, available_at=now(), attempts=Job.attempts - 1)


def _put_back(session: Session, held: Claim, **values: Any) -> None:
    released = {"lease_token": None, "lease_until": None, "worker": None, "sent_at": None, "sends": 0}
    _update(session, held, state=JobState.QUEUED, version=Job.version + 1, **released, **values)


def _end(session: Session, held: Claim, state: JobState, **values: Any) -> None:
    ended = {"lease_token": None, "lease_until": None, "finished_at": now(), "version": Job.version + 1}
    _update(session, held, state=state, **ended, **values)


def _update(session: Session, held: Claim, **values: Any) -> None:
    mine = (Job.id == held.job_id, Job.lease_token == held.token, Job.state == JobState.RUNNING)
    if not _changed(session, update(Job).where(*mine).values(**values)):
        raise LeaseLost(f"job {held.job_id} is no longer held by this worker")


def _changed(session: Session, statement: Any) -> int:
    return cast("CursorResult[Any]", session.execute(statement)).rowcount
