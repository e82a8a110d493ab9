"""Single groups, edges, neurons and patches of a circuit."""

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
Version = Annotated[str | None, Query(alias="v", max_length=64, description="Version of the crop, from its address.")]
KnownTags = Annotated[str | None, Header(alias="If-None-Match", max_length=1000)]
_PICTURE: dict[int | str, dict[str, Any]] = {
    200: {"description": "The picture.", "content": {"image/webp": files.BYTES}},
    304: {"description": "The client's copy is current."},
}


@router.get("/groups/{layer}/{number}", response_model=GroupOut, responses=answers(404, 422))
def get_group(id: Id, layer: LayerName, number: Place, session: ReadSession) -> Response:
    """Get a group with its neurons, and its edges in four lists."""
    return answer(groups.group(session, id, layer, number))


@router.get("/groups/{layer}/{number}/exemplars", response_model=Page[ExemplarOut], responses=answers(404, 422))
def list_exemplars(
    id: Id, layer: LayerName, number: Place, session: ReadSession, query: Annotated[PageQuery, Query()]
) -> Response:
    """List a group's exemplars, nearest first."""
    return answer(groups.exemplars(session, id, layer, number, query.cursor, query.limit))


@router.get("/groups/{layer}/{number}/members", response_model=GroupMembers, responses=answers(404, 422))
def get_group_members(id: Id, layer: LayerName, number: Place, session: ReadSession) -> Response:
    """Get the semantic groups of a neuron group, and the links at either end of it."""
    return answer(links.members(session, id, layer, number))


@router.get("/edges/detail", response_model=EdgeDetail, responses=answers(404, 422))
def get_edge(id: Id, session: ReadSession, query: Annotated[EdgeEnds, Query()]) -> Response:
    """Get an edge with its links, and the patches that carry most of its weight."""
    return answer(links.edge(session, id, query.source, query.target))


@router.get("/neurons/{layer}/{channel}", response_model=NeuronOut, responses=answers(404, 422))
def get_neuron(id: Id, layer: LayerName, channel: Place, session: ReadSession) -> Response:
    """Get a neuron with its core neurons and semantic groups."""
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
    """Get a crop of a traced image as a picture."""
    return files.crop(session, store, id, position, version, if_none_match)
