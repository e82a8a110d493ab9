"""Cancel jobs."""

from __future__ import annotations

from functools import partial

from sqlalchemy.orm import Session

from neurflow_store.errors import Conflict
from neurflow_store.installation.database import after_commit
from neurflow_store.installation.events import Publisher
from neurflow_store.jobs import queue
from neurflow_store.tables import Job, JobState


def cancel(session: Session, publisher: Publisher, job_id: str) -> Job:
    """Cancel a job and notify its watchers; a cancelled one stays cancelled.

    Raises:
        NotFound: the job does not exist.
        Conflict: it has succeeded or failed.
    """
    job = queue.cancel(session, job_id)
    if job.state in (JobState.SUCCEEDED, JobState.FAILED):
        raise Conflict(f"job {job_id!r} has already {job.state}: only queued and running jobs can be cancelled")
    after_commit(session, partial(publisher.changed, job_id))
    return job
