"""Cancelling a job on a person's request."""

from __future__ import annotations

from functools import partial

from sqlalchemy.orm import Session

from neurflow_store.errors import Conflict
from neurflow_store.installation.database import after_commit
from neurflow_store.installation.events import Publisher
from neurflow_store.jobs import queue
from neurflow_store.tables import Job, JobState


def cancel(session: Session, publisher: Publisher, job_id: str) -> Job:
    """Cancels a job, and tells those who watch it; one that is cancelled already stays so.

    Raises:
        NotFound: there is no such job.
        Conflict: it has succeeded or failed.
    """
    job = queue.cancel(session, job_id)
    if job.state in (JobState.SUCCEEDED, JobState.FAILED):
        raise Conflict(f"job {job_id!r} has {job.state} already: only a job that waits or runs can be cancelled")
    after_commit(session, partial(publisher.changed, job_id))
    return job
