"""Networks: register, list, inspect, change, delete."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from neurflow_server.answering import LOCATED, answer
from neurflow_server.dependencies import AnnouncerDep, ReadSession, RequesterDep, RequestId, WriteSession
from neurflow_server.problems import answers
from neurflow_server.schemas.classes import ClassesOut, ClassesQuery
from neurflow_server.schemas.fields import Id, Page
from neurflow_server.schemas.networks import NetworkCard, NetworkChange, NetworkIn, NetworkOut
from neurflow_server.schemas.queries import RegistryQuery
from neurflow_server.services import classes, networks
from neurflow_store.asking import registry

router = APIRouter(prefix="/networks", tags=["networks"])
_KNOWN: dict[int | str, dict[str, Any]] = {
    200: {"model": NetworkOut, "description": "It was already registered.", **LOCATED},
    201: LOCATED,
}


@router.get("", response_model=Page[NetworkCard], responses=answers(422))
def list_networks(session: ReadSession, query: Annotated[RegistryQuery, Query()]) -> Response:
    """List registered networks."""
    return answer(networks.page(session, query.listing()))


@router.post("", status_code=201, response_model=NetworkOut, responses=_KNOWN | answers(403, 404, 422))
def register_network(
    body: NetworkIn, session: WriteSession, announcer: AnnouncerDep, requester: RequesterDep, request_id: RequestId
) -> Response:
    """Register a network by its spec, and queue its inspection. The same request returns the same network."""
    network, new = networks.register(session, announcer, requester, body, request_id)
    return answer(network, 201 if new else 200, f"/networks/{network.id}")


@router.get("/{id}", response_model=NetworkOut, responses=answers(404, 422))
def get_network(id: Id, session: ReadSession) -> Response:
    """Get a network with its layers and classes."""
    return answer(networks.get(session, id))


@router.get("/{id}/classes", response_model=ClassesOut, responses=answers(404, 409, 422))
def list_classes(id: Id, session: ReadSession, query: Annotated[ClassesQuery, Query()]) -> Response:
    """List a network's classes, and the labels of a data set that mean them. Classes with images can be traced."""
    return answer(classes.shared(session, id, query.dataset))


@router.patch("/{id}", response_model=NetworkOut, responses=answers(403, 404, 422))
def change_network(
    id: Id, body: NetworkChange, session: WriteSession, requester: RequesterDep, request_id: RequestId
) -> Response:
    """Change a network's name, visibility or space. Omitted values are unchanged."""
    return answer(networks.change(session, requester, id, body, request_id))


@router.delete("/{id}", status_code=204, responses=answers(404, 409, 422))
def delete_network(id: Id, session: WriteSession) -> None:
    """Delete a network, unless circuits use it."""
    registry.delete_network(session, id)


@router.post("/{id}/inspect", status_code=202, response_model=NetworkOut, responses=answers(404, 409, 422))
def inspect_network(id: Id, session: WriteSession, announcer: AnnouncerDep, request_id: RequestId) -> Response:
    """Inspect a network again."""
    return answer(networks.inspect(session, announcer, id, request_id), 202)
