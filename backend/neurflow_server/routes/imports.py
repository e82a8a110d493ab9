"""Imports of circuits that were computed elsewhere."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Response

from neurflow_server.answering import LOCATED, answer
from neurflow_server.dependencies import RequesterDep, RequestId, ServicesDep
from neurflow_server.problems import answers
from neurflow_server.schemas.circuits import CircuitCard
from neurflow_server.schemas.uploads import MULTIPART, CircuitUpload
from neurflow_server.services import uploads

router = APIRouter(prefix="/uploads", tags=["uploads"])
_THERE: dict[int | str, dict[str, Any]] = {
    200: {"model": CircuitCard, "description": "It was already imported.", **LOCATED},
    202: LOCATED,
}


@router.post(
    "/circuits", status_code=202, response_model=CircuitCard, responses=_THERE | answers(403, 404, 413, 415, 422)
)
def import_circuit(
    body: Annotated[CircuitUpload, MULTIPART], services: ServicesDep, requester: RequesterDep, request_id: RequestId
) -> Response:
    """Import a circuit. It keeps its id unless another circuit has it here."""
    circuit, waits = uploads.circuit(services, requester, body, request_id)
    return answer(circuit, 202 if waits else 200, f"/circuits/{circuit.id}")
