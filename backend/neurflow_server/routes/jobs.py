"""Jobs: list, read, cancel."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from neurflow_server.answering import answer
from neurflow_server.dependencies import PublisherDep, ReadSession, WriteSession
from neurflow_server.problems import answers
from neurflow_server.schemas.fields import Cursor, Id, IdValue, Limit, Page
from neurflow_server.schemas.jobs import JobOut
from neurflow_server.services import jobs as services
from neurflow_store.jobs import queue
from neurflow_store.repositories import jobs
from neurflow_store.tables import JobKind, JobState

router = APIRouter(prefix="/jobs", tags=["jobs"])


@router.get("", response_model=Page[JobOut], responses=answers(422))
def list_jobs(
    session: ReadSession,
    state: JobState | None = None,
    kind: JobKind | None = None,
    subject: Annotated[IdValue | None, Query(description="Id of the object that the job works on.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """List jobs, newest first."""
    found = jobs.list_jobs(session, jobs.JobFilter(state, kind, subject), cursor, limit)
    return answer(Page[JobOut].model_validate(found))


@router.get("/{id}", response_model=JobOut, responses=answers(404, 422))
def get_job(id: Id, session: ReadSession) -> Response:
    """Get a job with its progress."""
    return answer(JobOut.model_validate(queue.find(session, id)))


@router.post("/{id}/cancel", status_code=202, response_model=JobOut, responses=answers(404, 409, 422))
def cancel_job(id: Id, session: WriteSession, publisher: PublisherDep) -> Response:
    """Cancel a queued job, or ask the worker of a running one to stop, which takes up to two seconds of work."""
    return answer(JobOut.model_validate(services.cancel(session, publisher, id)), 202)
