"""Measurements: knock-outs, rankings of groups, maps of pixels."""

from __future__ import annotations

from typing import Annotated, Any

from anyio import to_thread
from fastapi import APIRouter, Query, Response

from neurflow_server.answering import LOCATED, answer
from neurflow_server.dependencies import ReadSession, RequestId, ServicesDep
from neurflow_server.events.waiting import WaitSeconds, wait_for_end
from neurflow_server.problems import answers
from neurflow_server.schemas.fields import Id, Page
from neurflow_server.schemas.measurements import MeasurementIn, MeasurementOut
from neurflow_server.schemas.queries import MeasurementQuery
from neurflow_server.services import measurements
from neurflow_store.jobs.queue import ENDED

router = APIRouter(prefix="/measurements", tags=["analyses"])
_DONE: dict[int | str, dict[str, Any]] = {
    200: {"model": MeasurementOut, "description": "It is done, or has failed.", **LOCATED},
    202: LOCATED,
}


@router.get("", response_model=Page[MeasurementOut], responses=answers(404, 422))
def list_measurements(session: ReadSession, query: Annotated[MeasurementQuery, Query()]) -> Response:
    """List measurements, newest first."""
    return answer(measurements.page(session, query.circuit, query.analysis, query.cursor, query.limit))


@router.post("", status_code=202, response_model=MeasurementOut, responses=_DONE | answers(404, 409, 422))
async def request_measurement(
    body: MeasurementIn, services: ServicesDep, request_id: RequestId, wait: WaitSeconds = 5.0
) -> Response:
    """Measure an image or a circuit. The same request returns the same measurement."""
    found = await to_thread.run_sync(measurements.request, services, body, request_id)
    if found.state not in ENDED and wait > 0:
        await wait_for_end(services.follower, found.job.id, wait)
        found = await to_thread.run_sync(measurements.read, services, found.id)
    return answer(found, 200 if found.state in ENDED else 202, f"/measurements/{found.id}")


@router.get("/{id}", response_model=MeasurementOut, responses=answers(404, 422))
def get_measurement(id: Id, session: ReadSession) -> Response:
    """Get a measurement."""
    return answer(measurements.get(session, id))
