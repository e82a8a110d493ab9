"""A worker's part in a job's life cycle. Each change is one conditional update and safe to repeat.

1. :func:`claim` leases a queued job to one worker: it stores a random token and the lease's end.
2. :func:`renew` extends the lease; :func:`report` records progress.
3. :func:`succeed`, :func:`fail`, :func:`stop`, :func:`retry` or :func:`release` ends the lease. The last two end a job
   whose cancellation was requested instead of queueing it again.

From step 2 on, each update requires the token. A worker that has lost its lease gets :class:`LeaseLost` and has changed
nothing: call these functions in the transaction that writes the results, so that both are committed or neither is.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, case, literal, null, select
from sqlalchemy.orm import Session

from neurflow_store.clock import database_now
from neurflow_store.errors import LeaseLost
from neurflow_store.installation.settings import Settings
from neurflow_store.jobs.conditional_update import storable, write
from neurflow_store.jobs.queue import is_due
from neurflow_store.tables import Job, JobKind, JobState, Queue

_SKEW: Final = timedelta(seconds=2)
"""Tolerance for a database's clock that was set back after the job was created."""
_LONGEST_WAIT: Final = 3600.0
_LONGEST_STAGE: Final = 200


@dataclass(frozen=True)
class Claim:
    """A worker's lease of a job. ``attempts`` includes this one."""

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
    """Progress of a job: ``done`` of ``total`` items of a stage; ``fraction`` of the whole in [0, 1]; seconds left.

    ``stages`` lists the finished stages. ``remaining_seconds`` is ``None`` until it can be estimated.
    """

    stage: str
    done: int
    total: int
    fraction: float
    remaining_seconds: float | None
    stages: Sequence[Mapping[str, Any]]


def claim(session: Session, job_id: str, worker: str, lease_seconds: float) -> Claim | None:
    """Lease a queued job; return ``None`` if it is gone, ended, not due yet, or leased to another worker."""
    time = database_now(session)
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
    """Extend the lease by ``lease_seconds`` from now. Return whether cancellation was requested.

    Raises:
        LeaseLost: this worker no longer holds the job.
    """
    until = database_now(session) + timedelta(seconds=lease_seconds)
    return _write(session, held, seen=False, lease_until=until)


def report(session: Session, held: Claim, progress: ProgressReport, kept: bool = False) -> bool:
    """Record progress. Return whether cancellation was requested.

    Args:
        session: from ``Database.writing()``.
        held: the worker's lease.
        progress: the progress.
        kept: whether a result was saved that another worker can resume from; resets the count of attempts.

    Raises:
        LeaseLost: this worker no longer holds the job.
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
    """Mark the job as succeeded, in the same transaction as its results.

    Args:
        session: from ``Database.writing()``.
        held: the worker's lease.
        stages: the finished stages, if they differ from the last report.

    Raises:
        LeaseLost: this worker no longer holds the job.
    """
    further = {} if stages is None else {"stages": _plain(stages)}
    _end(session, held, JobState.SUCCEEDED, fraction=1.0, problem=null(), **further)


def fail(session: Session, held: Claim, problem: Mapping[str, Any]) -> None:
    """Mark the job as failed, with a readable reason: ``type``, ``title`` and ``detail``.

    Raises:
        LeaseLost: this worker no longer holds the job.
    """
    _end(session, held, JobState.FAILED, problem=dict(problem))


def stop(session: Session, held: Claim) -> None:
    """Mark the job as cancelled, as requested.

    Raises:
        LeaseLost: this worker no longer holds the job.
    """
    _end(session, held, JobState.CANCELLED, problem=null())


def retry(session: Session, held: Claim, problem: Mapping[str, Any], delay_seconds: float) -> None:
    """Queue the job for a later attempt after a temporary fault. The sweeper announces it when it is due.

    Raises:
        LeaseLost: this worker no longer holds the job.
    """
    reason = literal(storable(dict(problem)), Job.problem.type)
    _put_back(session, held, delay_seconds, problem=case((Job.cancel_requested, null()), else_=reason))


def retry_or_fail(session: Session, held: Claim, problem: Mapping[str, Any], settings: Settings) -> JobState:
    """Handle a temporary fault: :func:`retry` after a delay that doubles, or :func:`fail` after too many attempts.

    Attempts since the last saved layer count, as stored in the row now, not as read when the job was claimed.

    Returns:
        The job's new state: queued, failed, or cancelled if cancellation was requested.

    Raises:
        LeaseLost: this worker no longer holds the job.
    """
    attempts = session.scalar(select(Job.attempts).where(Job.id == held.job_id, *_still_held(held)).with_for_update())
    if attempts is not None and attempts >= settings.max_attempts:
        fail(session, held, problem)
    else:
        doubled = settings.retry_seconds * 2 ** min((attempts or 1) - 1, 20)
        retry(session, held, problem, min(doubled, _LONGEST_WAIT))
    return session.get_one(Job, held.job_id, populate_existing=True).state


def release(session: Session, held: Claim) -> None:
    """Queue the job again because the worker is shutting down. This attempt does not count.

    Raises:
        LeaseLost: this worker no longer holds the job.
    """
    _put_back(session, held, 0.0, attempts=Job.attempts - 1)


def _put_back(session: Session, held: Claim, delay_seconds: float, **values: Any) -> None:
    time = database_now(session)
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
    _write(session, held, state=state, finished_at=database_now(session), **_NO_LEASE, **values)


_NO_LEASE: Final = {"lease_token": None, "lease_until": None, "remaining_seconds": None}


def _write(session: Session, held: Claim, **values: Any) -> bool:
    cancelling = write(session, held.job_id, *_still_held(held), **values)
    if cancelling is None:
        raise LeaseLost(f"job {held.job_id} is no longer held by this worker")
    return cancelling


def _still_held(held: Claim) -> tuple[ColumnElement[bool], ...]:
    return Job.lease_token == held.token, Job.state == JobState.RUNNING


def _plain(stages: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [dict(stage) for stage in stages]
