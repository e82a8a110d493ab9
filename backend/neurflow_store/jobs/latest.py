"""What a row's latest job says of it, and the next job where that one did not get to its end."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from neurflow_store.jobs.queue import ENDED, Announcer, enqueue, find
from neurflow_store.tables import Analysis, Circuit, Dataset, Evaluation, JobKind, JobState, Measurement, Network

Owner = Analysis | Circuit | Dataset | Evaluation | Measurement | Network


def begun_anew(
    session: Session,
    announcer: Announcer,
    owner: Owner,
    kind: JobKind,
    payload: Mapping[str, Any] | None = None,
    request_id: str | None = None,
    since: datetime | None = None,
) -> bool:
    """A new job for a row whose latest one failed or was cancelled, or is about to be; says whether there is one.

    Args:
        session: of ``Database.writing()``.
        announcer: who announces the job.
        owner: the row.
        kind: of the job.
        payload: of the job.
        request_id: of the HTTP request, for the logs.
        since: when that changed on which the result depends: what was asked for earlier is asked for again.
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
    """Whether a row's latest job waits or runs, and is not about to be cancelled."""
    job = find(session, owner.job_id)
    return job.state not in ENDED and not job.cancel_requested


def state_of(session: Session, owner: Owner) -> str:
    """How a row's latest job stands, in words: its state, and the reason where it failed."""
    job = find(session, owner.job_id)
    detail = (job.problem or {}).get("detail")
    return f"its job {job.state.value}" + (f", {detail}" if job.state is JobState.FAILED and detail else "")
