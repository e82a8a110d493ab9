"""Changes of jobs, and of circuits' labels and notes, as server-sent events."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Header, Request, Response

from neurflow_server.authors import GrantDep, claim_on
from neurflow_server.dependencies import ChangesDep, FollowerDep, ReadSession, RequesterDep
from neurflow_server.events.streams import MEDIA_TYPE, CircuitStream, EventStream, JobStream
from neurflow_server.problems import answers
from neurflow_server.schemas.fields import Id
from neurflow_store.jobs import queue
from neurflow_store.repositories import circuits

router = APIRouter(tags=["events"])

LastVersion = Annotated[
    str | None,
    Header(alias="Last-Event-ID", max_length=64, description="The last version of the job that you received."),
]
LastChange = Annotated[
    str | None,
    Header(alias="Last-Event-ID", max_length=64, description="The number of the last change that you received."),
]
_Answers = dict[int | str, dict[str, Any]]


def _stream(description: str, event: dict[str, Any], id: str, schema: str) -> _Answers:
    """Return the document's description of a stream whose data has the ``schema``."""
    properties = {
        "event": event,
        "id": {"type": "string", "description": id},
        "data": {
            "type": "string",
            "contentMediaType": "application/json",
            "contentSchema": {"$ref": f"#/components/schemas/{schema}"},
        },
        "retry": {"type": "integer", "description": "Milliseconds before a client reconnects."},
    }
    content = {MEDIA_TYPE: {"schema": {"type": "object", "properties": properties}}}
    return {200: {"description": description, "content": content}}


_JOBS = _stream(
    "Events, each with a job.",
    {"enum": ["progress", "end"], "description": "`end` if the job has ended."},
    "The job's version, if one job is watched.",
    "JobOut",
)
_CHANGES = _stream(
    "Events: first `ready`, then the changes.",
    {
        "enum": ["ready", "label", "note", "result", "reset"],
        "description": "`result`: it was computed again. `reset`: events were missed, read everything again.",
    },
    "The number of the change.",
    "CircuitChangeOut",
)
_NOTHING_NEW: _Answers = {
    204: {"description": "The job has ended and you received its last version: browsers then do not reconnect."}
}


@router.get(
    "/jobs/{id}/events",
    status_code=200,
    response_class=EventStream,
    responses=_JOBS | _NOTHING_NEW | answers(404, 422),
)
def watch_job(
    id: Id,
    request: Request,
    session: ReadSession,
    follower: FollowerDep,
    requester: RequesterDep,
    last_event_id: LastVersion = None,
) -> Response:
    """Stream a job's progress: an event `progress` at once and after each change, `end` when it has ended."""
    job = queue.find(session, id)
    seen = _version(last_event_id, job.version)
    if job.state in queue.ENDED and seen == job.version:
        return Response(status_code=204)
    return JobStream(follower, id, seen, requester.viewer, claim_on(request, None, job_id=id))


@router.get("/events", status_code=200, response_class=EventStream, responses=_JOBS)
async def watch_all_jobs(request: Request, follower: FollowerDep, requester: RequesterDep) -> Response:
    """Stream all jobs: first those that have not ended or ended within ten seconds, then each change."""
    return JobStream(follower, None, viewer=requester.viewer, claim=claim_on(request, None))


@router.get(
    "/circuits/{id}/changes", status_code=200, response_class=CircuitStream, responses=_CHANGES | answers(404, 422)
)
def watch_circuit(
    id: Id,
    request: Request,
    session: ReadSession,
    changes: ChangesDep,
    grant: GrantDep,
    last_event_id: LastChange = None,
) -> Response:
    """Stream new labels and notes. Read the lists after `ready`, so that you miss nothing."""
    circuits.require(session, id)
    known = last_event_id is not None and last_event_id.isdecimal() and len(last_event_id) < 10
    number = int(last_event_id or 0) if known else None
    return CircuitStream(changes, id, number, claim_on(request, grant, circuit_id=id))


def _version(last_event_id: str | None, newest: int) -> int:
    """Return the version that a client has; 0 if the header is invalid."""
    known = int(last_event_id) if last_event_id is not None and last_event_id.isdecimal() else 0
    return known if known <= newest else 0
