"""The state of a row's latest job, and a new job if that one failed or was cancelled."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from neurflow_store.jobs.queue import ENDED, Announcer, enqueue, find
from neurflow_store.tables import Analysis, Circuit, Dataset, Evaluation, JobKind, JobState, Measurement, Network

Owner = Analysis | Circuit | Dataset | Evaluation | Measurement | Network


def queue_again(
    session: Session,
    announcer: Announcer,
    owner: Owner,
    kind: JobKind,
    payload: Mapping[str, Any] | None = None,
    request_id: str | None = None,
    since: datetime | None = None,
) -> bool:
    """Queue a new job for a row if its latest one failed, was cancelled or is about to be. Return whether it did.

    Args:
        session: from ``Database.writing()``.
        announcer: announces the job.
        owner: the row.
        kind: the job's kind.
        payload: the job's payload.
        request_id: id of the HTTP request, for the logs.
        since: when the inputs of the result last changed; older jobs are queued again.
    """
    session.refresh(owner, with_for_update=True)
    job = find(session, owner.job_id)
    stopping = job.state is JobState.RUNNING and job.cancel_requested
    outdated = job.state in ENDED and since is not None and job.created_at < since
    if job.state not in (JobState.FAILED, JobState.CANCELLED) and not stopping and not outdated:
        return False
    owner.job_id = enqueue(session, announcer, kind, owner.id, payload, request_id).id
    session.flush()
    return True


def unfinished(session: Session, owner: Owner) -> bool:
    """Return whether a row's latest job is queued or running, and not about to be cancelled."""
    job = find(session, owner.job_id)
    return job.state not in ENDED and not job.cancel_requested


def state_of(session: Session, owner: Owner) -> str:
    """Describe a row's latest job: its state, and the reason if it failed."""
    job = find(session, owner.job_id)
    detail = (job.problem or {}).get("detail")
    return f"its job {job.state.value}" + (f", {detail}" if job.state is JobState.FAILED and detail else "")
