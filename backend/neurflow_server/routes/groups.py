"""A circuit's groups, edges, neurons and patches, one by one."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Query, Response

from neurflow_server.answering import answer
from neurflow_server.dependencies import FileSession, ReadSession, StoreDep
from neurflow_server.problems import answers
from neurflow_server.schemas.fields import Id, OneLine, Page
from neurflow_server.schemas.groups import ExemplarOut, GroupOut
from neurflow_server.schemas.links import EdgeDetail, GroupMembers
from neurflow_server.schemas.neurons import NeuronOut
from neurflow_server.schemas.queries import EdgeEnds, PageQuery
from neurflow_server.services import files, groups, links

router = APIRouter(prefix="/circuits/{id}", tags=["results"])
LayerName = Annotated[OneLine, Path(min_length=1, max_length=200, examples=["layer4.1"])]
Place = Annotated[int, Path(ge=0, le=2**31 - 1, examples=[3])]
Version = Annotated[str | None, Query(alias="v", max_length=64, description="Which crop it is, as addresses say.")]
KnownTags = Annotated[str | None, Header(alias="If-None-Match", max_length=1000)]
_PICTURE: dict[int | str, dict[str, Any]] = {
    200: {"description": "The picture.", "content": {"image/webp": files.BYTES}},
    304: {"description": "The client has it."},
}


@router.get("/groups/{layer}/{number}", response_model=GroupOut, responses=answers(404, 422))
def get_group(id: Id, layer: LayerName, number: Place, session: ReadSession) -> Response:
    """A group with its neurons, and its edges in four lists."""
    return answer(groups.group(session, id, layer, number))


@router.get("/groups/{layer}/{number}/exemplars", response_model=Page[ExemplarOut], responses=answers(404, 422))
def list_exemplars(
    id: Id, layer: LayerName, number: Place, session: ReadSession, query: Annotated[PageQuery, Query()]
) -> Response:
    """The patches that show a group, the nearest first."""
    return answer(groups.exemplars(session, id, layer, number, query.cursor, query.limit))


@router.get("/groups/{layer}/{number}/members", response_model=GroupMembers, responses=answers(404, 422))
def get_group_members(id: Id, layer: LayerName, number: Place, session: ReadSession) -> Response:
    """The parts of neurons that a group is made of, and the links at either end of it."""
    return answer(links.members(session, id, layer, number))


@router.get("/edges/detail", response_model=EdgeDetail, responses=answers(404, 422))
def get_edge(id: Id, session: ReadSession, query: Annotated[EdgeEnds, Query()]) -> Response:
    """An edge with the links that it is made of, and the patches that carry most of it."""
    return answer(links.edge(session, id, query.source, query.target))


@router.get("/neurons/{layer}/{channel}", response_model=NeuronOut, responses=answers(404, 422))
def get_neuron(id: Id, layer: LayerName, channel: Place, session: ReadSession) -> Response:
    """A neuron with its core and the parts of its concept."""
    return answer(groups.neuron(session, id, layer, channel))


@router.get("/patches/{position}", response_class=Response, responses=_PICTURE | answers(404, 422))
def get_patch(
    id: Id,
    position: Place,
    session: FileSession,
    store: StoreDep,
    version: Version = None,
    if_none_match: KnownTags = None,
) -> Response:
    """A crop of a traced image as a picture."""
    return files.crop(session, store, id, position, version, if_none_match)
