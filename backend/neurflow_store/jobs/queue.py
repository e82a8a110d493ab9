"""The API's part in a job's life cycle: enqueue, announce to the workers, cancel."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any, Final, Protocol

from sqlalchemy import ColumnElement, and_, case, literal, null
from sqlalchemy.orm import Session

from neurflow_store.clock import database_now
from neurflow_store.errors import NotFound
from neurflow_store.ids import new_id
from neurflow_store.installation.database import after_commit
from neurflow_store.jobs.conditional_update import storable, write
from neurflow_store.tables import Job, JobKind, JobState, Queue

QUEUES: Final = {
    JobKind.TRACE: Queue.CIRCUITS,
    JobKind.EVALUATE: Queue.CIRCUITS,
    JobKind.IMPORT: Queue.INTERACTIVE,
    JobKind.INSPECT_NETWORK: Queue.INTERACTIVE,
    JobKind.INSPECT_DATASET: Queue.INTERACTIVE,
    JobKind.ANALYSE: Queue.INTERACTIVE,
    JobKind.MEASURE: Queue.INTERACTIVE,
}
"""The queue for each kind of job."""

ENDED: Final = (JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED)


class Announcer(Protocol):
    """Announces jobs to the workers. It may lose a message but never raises: the sweeper announces the job again."""

    def announce(self, queue: Queue, job_id: str) -> None: ...


def enqueue(
    session: Session,
    announcer: Announcer,
    kind: JobKind,
    subject: str,
    payload: Mapping[str, Any] | None = None,
    request_id: str | None = None,
) -> Job:
    """Create a job and announce it when the transaction is committed.

    Args:
        session: from ``Database.writing()``.
        announcer: announces the job.
        kind: the kind of work.
        subject: id of the object to work on.
        payload: further JSON values for the worker.
        request_id: id of the HTTP request, for the logs.
    """
    time = database_now(session)
    job = Job(
        id=new_id("job", 12),
        kind=kind,
        queue=QUEUES[kind],
        subject=subject,
        payload=storable(dict(payload or {})),
        request_id=request_id,
        available_at=time,
        created_at=time,
        sent_at=time,
    )
    session.add(job)
    session.flush()
    after_commit(session, partial(announcer.announce, job.queue, job.id))
    return job


def cancel(session: Session, job_id: str) -> Job:
    """Cancel a queued job, ask the worker of a running one to stop, and leave an ended one unchanged.

    Raises:
        NotFound: the job does not exist.
    """
    time = database_now(session)
    queued: ColumnElement[bool] = Job.state == JobState.QUEUED
    write(
        session,
        job_id,
        Job.state.not_in(ENDED),
        Job.cancel_requested.is_(False),
        cancel_requested=True,
        state=case((queued, literal(JobState.CANCELLED, Job.state.type)), else_=Job.state),
        finished_at=case((queued, literal(time, Job.finished_at.type)), else_=Job.finished_at),
        remaining_seconds=case((queued, null()), else_=Job.remaining_seconds),
        problem=null(),
    )
    return find(session, job_id)


def find(session: Session, job_id: str) -> Job:
    """Return the job's current row.

    Raises:
        NotFound: the job does not exist.
    """
    job = session.get(Job, job_id, populate_existing=True)
    if job is None:
        raise NotFound(f"no job {job_id!r}")
    return job


def is_due(time: datetime) -> ColumnElement[bool]:
    """Return the condition that a job is queued and may start at ``time``."""
    return and_(Job.state == JobState.QUEUED, Job.available_at <= time)
