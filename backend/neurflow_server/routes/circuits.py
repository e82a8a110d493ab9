"""Circuits: request, list, read, change, delete."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from neurflow_server.answering import JSON, LOCATED, answer
from neurflow_server.authors import GrantDep
from neurflow_server.dependencies import (
    AnnouncerDep,
    GraphsDep,
    ReadsDep,
    ReadSession,
    RequesterDep,
    RequestId,
    WriteSession,
)
from neurflow_server.problems import answers
from neurflow_server.schemas.circuits import Batch, BatchIn, CircuitCard, CircuitChange, CircuitIn
from neurflow_server.schemas.estimates import Estimate
from neurflow_server.schemas.fields import Id, Page
from neurflow_server.schemas.overviews import CircuitOverview, CircuitPreview, EdgeOut
from neurflow_server.schemas.queries import CircuitQuery, EdgeQuery, PageQuery
from neurflow_server.schemas.summaries import CircuitImageOut
from neurflow_server.schemas.visibility import Compared, VisibilityQuery
from neurflow_server.services import circuits, estimates, previews, visibility
from neurflow_server.services.overview import overview
from neurflow_store.asking import requests

router = APIRouter(prefix="/circuits", tags=["circuits"])
_THERE: dict[int | str, dict[str, Any]] = {
    200: {"model": CircuitCard, "description": "It exists, or is being computed.", **LOCATED},
    202: LOCATED,
}


@router.get("", response_model=Page[CircuitCard], responses=answers(422))
async def list_circuits(reads: ReadsDep, requester: RequesterDep, query: Annotated[CircuitQuery, Query()]) -> Response:
    """List circuits."""
    asked = ("gallery", query.model_dump_json())
    found = await reads.share(asked, lambda session: circuits.gallery_json(session, query), requester.viewer)
    return Response(found, media_type=JSON)


@router.post("", status_code=202, response_model=CircuitCard, responses=_THERE | answers(403, 404, 409, 422))
def request_circuit(
    body: CircuitIn, session: WriteSession, announcer: AnnouncerDep, requester: RequesterDep, request_id: RequestId
) -> Response:
    """Request a circuit. The same request returns the same circuit; a failed one is computed again."""
    circuit, begun = circuits.request(session, announcer, requester, body, request_id)
    return answer(circuit, 202 if begun else 200, f"/circuits/{circuit.id}")


@router.post("/batch", status_code=202, response_model=Batch, responses=answers(403, 404, 409, 422))
def request_batch(
    body: BatchIn, session: WriteSession, announcer: AnnouncerDep, requester: RequesterDep, request_id: RequestId
) -> Response:
    """Request the circuits of many classes: one job for each class, spread over all workers."""
    return answer(circuits.request_batch(session, announcer, requester, body, request_id), 202)


@router.post("/estimate", response_model=Estimate, responses=answers(404, 409, 422))
def estimate_circuit(body: CircuitIn, session: ReadSession, requester: RequesterDep) -> Response:
    """Estimate the work for a circuit, without requesting it."""
    return answer(estimates.estimate(session, requester, body))


@router.get("/{id}", response_model=CircuitOverview, responses=answers(404, 422))
async def get_circuit(id: Id, reads: ReadsDep, requester: RequesterDep, grant: GrantDep, graphs: GraphsDep) -> Response:
    """Get a circuit with its layers, groups and edges."""
    by_link = grant is not None
    asked = ("overview", id, by_link)
    found = await reads.share(asked, lambda session: overview(session, id, graphs, by_link), requester.viewer)
    return Response(found, media_type=JSON)


@router.patch("/{id}", response_model=CircuitCard, responses=answers(403, 404, 422))
def change_circuit(
    id: Id, body: CircuitChange, session: WriteSession, requester: RequesterDep, request_id: RequestId
) -> Response:
    """Change a circuit's name, visibility or space. Omitted values are unchanged."""
    return answer(circuits.change(session, requester, id, body, request_id))


@router.delete("/{id}", status_code=204, responses=answers(404, 422))
def delete_circuit(id: Id, session: WriteSession) -> None:
    """Delete a circuit, and end its job."""
    requests.delete(session, id)


@router.post("/{id}/recompute", status_code=202, response_model=CircuitCard, responses=answers(404, 409, 422))
def recompute_circuit(id: Id, session: WriteSession, announcer: AnnouncerDep, request_id: RequestId) -> Response:
    """Compute a circuit again. Its result stays until that is done."""
    return answer(circuits.recompute(session, announcer, id, request_id), 202)


@router.get("/{id}/narrower", response_model=Compared, responses=answers(404, 422))
def compare_visibility(
    id: Id, session: ReadSession, requester: RequesterDep, query: Annotated[VisibilityQuery, Query()]
) -> Response:
    """Compare a visibility with that of the circuit's network and data set, before you choose it."""
    return answer(visibility.compared(session, requester, id, query))


@router.get("/{id}/preview", response_model=CircuitPreview, responses=answers(404, 422))
def get_circuit_preview(id: Id, session: ReadSession) -> Response:
    """Get the finished layers of a circuit in progress; empty before the first one, and once there is a result."""
    return answer(previews.preview(session, id))


@router.get("/{id}/images", response_model=Page[CircuitImageOut], responses=answers(404, 422))
def list_circuit_images(id: Id, session: ReadSession, query: Annotated[PageQuery, Query()]) -> Response:
    """List the images that a circuit was traced with."""
    return answer(circuits.images(session, id, query.cursor, query.limit))


@router.get("/{id}/edges", response_model=Page[EdgeOut], responses=answers(404, 422))
def list_circuit_edges(id: Id, session: ReadSession, query: Annotated[EdgeQuery, Query()]) -> Response:
    """List a circuit's edges, with the positive and negative part of each weight."""
    return answer(circuits.edges(session, id, query.cursor, query.limit))
