"""Changes of jobs, and of circuits' labels and notes, as server-sent events."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Header, Response

from neurflow_server.authors import GrantDep
from neurflow_server.dependencies import ChangesDep, FollowerDep, ReadSession, RequesterDep
from neurflow_server.events.streams import MEDIA_TYPE, CircuitStream, EventStream, JobStream
from neurflow_server.problems import answers
from neurflow_server.schemas.fields import Id
from neurflow_store.jobs import queue
from neurflow_store.repositories import circuits

router = APIRouter(tags=["events"])

LastVersion = Annotated[
    str | None,
    Header(alias="Last-Event-ID", max_length=64, description="The version of the job that the client knows."),
]
LastChange = Annotated[
    str | None,
    Header(alias="Last-Event-ID", max_length=64, description="The number of the last change that the client knows."),
]
_Answers = dict[int | str, dict[str, Any]]


def _stream(description: str, event: dict[str, Any], id: str, schema: str) -> _Answers:
    """What the document says of a stream whose data is of the ``schema``."""
    properties = {
        "event": event,
        "id": {"type": "string", "description": id},
        "data": {
            "type": "string",
            "contentMediaType": "application/json",
            "contentSchema": {"$ref": f"#/components/schemas/{schema}"},
        },
        "retry": {"type": "integer", "description": "Milliseconds before a client comes again."},
    }
    content = {MEDIA_TYPE: {"schema": {"type": "object", "properties": properties}}}
    return {200: {"description": description, "content": content}}


_JOBS = _stream(
    "Events, each with a job.",
    {"enum": ["progress", "end"], "description": "`end` where the job has ended."},
    "The job's version, where one job is watched.",
    "JobOut",
)
_CHANGES = _stream(
    "Events: `ready` at first, then what changes.",
    {
        "enum": ["ready", "label", "note", "result", "reset"],
        "description": "`result`: it was computed again. `reset`: something was missed, read anew.",
    },
    "The number of the change.",
    "CircuitChangeOut",
)
_NOTHING_NEW: _Answers = {
    204: {"description": "The job has ended and the client knows: browsers then do not ask again."}
}


@router.get(
    "/jobs/{id}/events",
    status_code=200,
    response_class=EventStream,
    responses=_JOBS | _NOTHING_NEW | answers(404, 422),
)
def watch_job(
    id: Id, session: ReadSession, follower: FollowerDep, requester: RequesterDep, last_event_id: LastVersion = None
) -> Response:
    """A job's progress: an event `progress` at once and with each change, `end` when it has ended. Data is the job."""
    job = queue.find(session, id)
    seen = _version(last_event_id, job.version)
    if job.state in queue.ENDED and seen == job.version:
        return Response(status_code=204)
    return JobStream(follower, id, seen, requester.viewer)


@router.get("/events", status_code=200, response_class=EventStream, responses=_JOBS)
async def watch_all_jobs(follower: FollowerDep, requester: RequesterDep) -> Response:
    """At once the jobs that have not ended or ended within ten seconds; then each change of any, until you go away."""
    return JobStream(follower, None, viewer=requester.viewer)


@router.get(
    "/circuits/{id}/changes", status_code=200, response_class=CircuitStream, responses=_CHANGES | answers(404, 422)
)
def watch_circuit(
    id: Id, session: ReadSession, changes: ChangesDep, grant: GrantDep, last_event_id: LastChange = None
) -> Response:
    """New labels and notes as they come. Read the lists after `ready`, then nothing is missed."""
    circuits.require(session, id)
    known = last_event_id is not None and last_event_id.isdecimal() and len(last_event_id) < 10
    return CircuitStream(changes, id, int(last_event_id or 0) if known else None, grant)


def _version(last_event_id: str | None, newest: int) -> int:
    """The version that a client knows; 0 where it says nothing that can be."""
    known = int(last_event_id) if last_event_id is not None and last_event_id.isdecimal() else 0
    return known if known <= newest else 0
