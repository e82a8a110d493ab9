"""A worker's part in a job's life. Each change is one conditional update, safe to be done twice.

1. :func:`claim` takes a queued job for one worker: a random token, and a time until which it is the worker's.
2. :func:`renew` moves that time on; :func:`report` tells how far the work is.
3. :func:`succeed`, :func:`fail`, :func:`stop`, :func:`retry` or :func:`release` ends the worker's hold. A job that
   was to be cancelled is not put back by the last two but ends.

From 2 on each asks for the token in its update. A worker whose lease was taken from it gets :class:`LeaseLost` and
has changed nothing: call these in the transaction that writes the results, and neither is there without the other.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, case, literal, null, select
from sqlalchemy.orm import Session

from neurflow_store.clock import now
from neurflow_store.errors import LeaseLost
from neurflow_store.installation.settings import Settings
from neurflow_store.jobs.conditional_update import storable, write
from neurflow_store.jobs.queue import is_due
from neurflow_store.tables import Job, JobKind, JobState, Queue

_SKEW: Final = timedelta(seconds=2)
"""How far a worker's clock may be behind that of the machine from which the job comes."""
_LONGEST_WAIT: Final = 3600.0
_LONGEST_STAGE: Final = 200


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
    taken = write(
        session,
        job_id,
        is_due(time + _SKEW),
        state=JobState.RUNNING,
        worker=worker[:100],
        lease_token=token,
        lease_until=time + timedelta(seconds=lease_seconds),
        attempts=Job.attempts + 1,
        started_at=time,
    )
    if taken is None:
        return None
    job = session.get_one(Job, job_id, populate_existing=True)
    return Claim(job.id, token, job.kind, job.queue, job.subject, job.payload, job.attempts, job.request_id)


def renew(session: Session, held: Claim, lease_seconds: float) -> bool:
    """Keeps the hold for a further ``lease_seconds``; says whether cancelling was asked for.

    Raises:
        LeaseLost: the job is no longer this worker's.
    """
    until = now() + timedelta(seconds=lease_seconds)
    return _write(session, held, seen=False, lease_until=until)


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
    return _write(
        session,
        held,
        stage=progress.stage[:_LONGEST_STAGE],
        stage_done=progress.done,
        stage_total=progress.total,
        fraction=progress.fraction,
        remaining_seconds=progress.remaining_seconds,
        stages=_plain(progress.stages),
        **({"attempts": 1} if kept else {}),
    )


def succeed(session: Session, held: Claim, stages: Sequence[Mapping[str, Any]] | None = None) -> None:
    """Ends the job well, in the same transaction as its results.

    Args:
        session: of ``Database.writing()``.
        held: the worker's hold.
        stages: the finished ones, where they are others than last reported.

    Raises:
        LeaseLost: the job is no longer this worker's.
    """
    further = {} if stages is None else {"stages": _plain(stages)}
    _end(session, held, JobState.SUCCEEDED, fraction=1.0, problem=null(), **further)


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
    _end(session, held, JobState.CANCELLED, problem=null())


def retry(session: Session, held: Claim, problem: Mapping[str, Any], delay_seconds: float) -> None:
    """Puts the job back for a later attempt, after a fault that may pass; the sweeper announces it when it is due.

    Raises:
        LeaseLost: the job is no longer this worker's.
    """
    told = literal(storable(dict(problem)), Job.problem.type)
    _put_back(session, held, delay_seconds, problem=case((Job.cancel_requested, null()), else_=told))


def retry_or_fail(session: Session, held: Claim, problem: Mapping[str, Any], settings: Settings) -> JobState:
    """After a fault that may pass: :func:`retry` with a wait that doubles, or :func:`fail` after too many attempts.

    Attempts count from the last layer that was kept, as the row has them, not as they were when the job was claimed.

    Returns:
        The job's state now: queued, failed, or cancelled where that was asked for.

    Raises:
        LeaseLost: the job is no longer this worker's.
    """
    attempts = session.scalar(select(Job.attempts).where(Job.id == held.job_id, *_mine(held)).with_for_update())
    if attempts is not None and attempts >= settings.max_attempts:
        fail(session, held, problem)
    else:
        doubled = settings.retry_seconds * 2 ** min((attempts or 1) - 1, 20)
        retry(session, held, problem, min(doubled, _LONGEST_WAIT))
    return session.get_one(Job, held.job_id, populate_existing=True).state


def release(session: Session, held: Claim) -> None:
    """Puts the job back as it was, because the worker is being stopped. The attempt does not count.

    Raises:
        LeaseLost: the job is no longer this worker's.
    """
    _put_back(session, held, 0.0, attempts=Job.attempts - 1)


def _put_back(session: Session, held: Claim, delay_seconds: float, **values: Any) -> None:
    time = now()
    _write(
        session,
        held,
        state=case((Job.cancel_requested, literal(JobState.CANCELLED, Job.state.type)), else_=JobState.QUEUED),
        finished_at=case((Job.cancel_requested, literal(time, Job.finished_at.type)), else_=null()),
        available_at=time + timedelta(seconds=delay_seconds),
        worker=None,
        sent_at=None,
        sends=0,
        **_NO_LEASE,
        **values,
    )


def _end(session: Session, held: Claim, state: JobState, **values: Any) -> None:
    _write(session, held, state=state, finished_at=now(), **_NO_LEASE, **values)


_NO_LEASE: Final = {"lease_token": None, "lease_until": None, "remaining_seconds": None}


def _write(session: Session, held: Claim, **values: Any) -> bool:
    cancelling = write(session, held.job_id, *_mine(held), **values)
    if cancelling is None:
        raise LeaseLost(f"job {held.job_id} is no longer held by this worker")
    return cancelling


def _mine(held: Claim) -> tuple[ColumnElement[bool], ...]:
    return Job.lease_token == held.token, Job.state == JobState.RUNNING


def _plain(stages: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [dict(stage) for stage in stages]
