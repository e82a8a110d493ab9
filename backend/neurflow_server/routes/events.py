"""Changes of jobs as server-sent events."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Header, Response

from neurflow_server.dependencies import FollowerDep, ReadSession, RequesterDep
from neurflow_server.events.streams import MEDIA_TYPE, EventStream, JobStream
from neurflow_server.problems import answers
from neurflow_server.schemas.fields import Id
from neurflow_store.jobs import queue

router = APIRouter(tags=["events"])

LastEventId = Annotated[
    str | None,
    Header(alias="Last-Event-ID", max_length=64, description="The version of the job that the client knows."),
]
_STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Events, each with a job.",
        "content": {
            MEDIA_TYPE: {
                "schema": {
                    "type": "object",
                    "properties": {
                        "event": {"enum": ["progress", "end"], "description": "`end` where the job has ended."},
                        "id": {"type": "string", "description": "The job's version, where one job is watched."},
                        "data": {
                            "type": "string",
                            "contentMediaType": "application/json",
                            "contentSchema": {"$ref": "#/components/schemas/JobOut"},
                        },
                        "retry": {"type": "integer", "description": "Milliseconds before a client comes again."},
                    },
                }
            }
        },
    }
}
_NOTHING_NEW: dict[int | str, dict[str, Any]] = {
    204: {"description": "The job has ended and the client knows: browsers then do not ask again."}
}


@router.get(
    "/jobs/{id}/events",
    status_code=200,
    response_class=EventStream,
    responses=_STREAM | _NOTHING_NEW | answers(404, 422),
)
def watch_job(
    id: Id, session: ReadSession, follower: FollowerDep, requester: RequesterDep, last_event_id: LastEventId = None
) -> Response:
    """A job's progress: an event `progress` at once and with each change, `end` when it has ended. Data is the job."""
    job = queue.find(session, id)
    seen = _version(last_event_id, job.version)
    if job.state in queue.ENDED and seen == job.version:
        return Response(status_code=204)
    return JobStream(follower, id, seen, requester.viewer)


@router.get("/events", status_code=200, response_class=EventStream, responses=_STREAM)
async def watch_all_jobs(follower: FollowerDep, requester: RequesterDep) -> Response:
    """At once the jobs that have not ended or ended within ten seconds; then each change of any, until you go away."""
    return JobStream(follower, None, viewer=requester.viewer)


def _version(last_event_id: str | None, newest: int) -> int:
    """The version that a client knows; 0 where it says nothing that can be."""
    known = int(last_event_id) if last_event_id is not None and last_event_id.isdecimal() else 0
    return known if known <= newest else 0
