"""Uploads of networks and data sets."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Response

from neurflow_server.answering import LOCATED, answer
from neurflow_server.dependencies import RequesterDep, RequestId, ServicesDep
from neurflow_server.problems import answers
from neurflow_server.schemas.datasets import DatasetOut
from neurflow_server.schemas.networks import NetworkOut
from neurflow_server.schemas.uploads import MULTIPART, DatasetUpload, NetworkUpload
from neurflow_server.services import uploads

router = APIRouter(prefix="/uploads", tags=["uploads"])


def _known(model: type[Any]) -> dict[int | str, dict[str, Any]]:
    return {200: {"model": model, "description": "It was already uploaded.", **LOCATED}, 201: LOCATED}


_REFUSED = answers(403, 404, 413, 415, 422)


@router.post("/networks", status_code=201, response_model=NetworkOut, responses=_known(NetworkOut) | _REFUSED)
def upload_network(
    body: Annotated[NetworkUpload, MULTIPART], services: ServicesDep, requester: RequesterDep, request_id: RequestId
) -> Response:
    """Register a network of a known architecture with your own weights, and queue its inspection."""
    network, new = uploads.network(services, requester, body, request_id)
    return answer(network, 201 if new else 200, f"/networks/{network.id}")


@router.post("/datasets", status_code=201, response_model=DatasetOut, responses=_known(DatasetOut) | _REFUSED)
def upload_dataset(
    body: Annotated[DatasetUpload, MULTIPART], services: ServicesDep, requester: RequesterDep, request_id: RequestId
) -> Response:
    """Register a data set from an archive, and queue its inspection."""
    dataset, new = uploads.dataset(services, requester, body, request_id)
    return answer(dataset, 201 if new else 200, f"/datasets/{dataset.id}")
