"""Named views and the links to them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Header, Path, Query, Request, Response

from neurflow_server.answering import LOCATED, answer
from neurflow_server.authors import AuthorDep
from neurflow_server.dependencies import PublisherDep, ReadSession, WriteSession
from neurflow_server.problems import answers
from neurflow_server.schemas.fields import Id, Page
from neurflow_server.schemas.provenance import ProvenanceOut
from neurflow_server.schemas.queries import PageQuery
from neurflow_server.schemas.shared import LinkIn, LinkMade, ShareLinkOut
from neurflow_server.schemas.views import ViewChange, ViewFork, ViewIn, ViewOut, ViewQuery
from neurflow_server.services import files, shared, views
from neurflow_server.services.changes import announce
from neurflow_server.services.provenance import provenance
from neurflow_server.services.view_pictures import read_picture
from neurflow_store.sharing.links import revoke_link
from neurflow_store.sharing.views import delete_view, put_picture

router = APIRouter(prefix="/views", tags=["views"])
LinkId = Annotated[str, Path(pattern="^[0-9a-f]{1,20}$", examples=["9f86d081884c7d65"])]
KnownTags = Annotated[str | None, Header(alias="If-None-Match", max_length=1000)]
_MADE: dict[int | str, dict[str, Any]] = {201: LOCATED}
_PICTURE: dict[int | str, dict[str, Any]] = {
    200: {"description": "The picture.", "content": {"image/webp": files.BYTES}},
    304: {"description": "The client has it."},
}


@router.get("", response_model=Page[ViewOut], responses=answers(404, 422))
def list_views(session: ReadSession, who: AuthorDep, query: Annotated[ViewQuery, Query()]) -> Response:
    """Views, the newest first."""
    return answer(views.page(session, who, query))


@router.post("", status_code=201, response_model=ViewOut, responses=_MADE | answers(404, 422))
def create_view(body: ViewIn, session: WriteSession, who: AuthorDep) -> Response:
    """Keeps a state of the explorer under a name."""
    found = views.create(session, who, body)
    return answer(found, 201, f"/views/{found.id}")


@router.get("/{id}", response_model=ViewOut, responses=answers(404, 422))
def get_view(id: Id, session: ReadSession, who: AuthorDep) -> Response:
    """A view."""
    return answer(views.get(session, who, id))


@router.patch("/{id}", response_model=ViewOut, responses=answers(403, 404, 422))
def change_view(id: Id, body: ViewChange, session: WriteSession, who: AuthorDep) -> Response:
    """Changes one's own view."""
    return answer(views.change(session, who, id, body))


@router.delete("/{id}", status_code=204, responses=answers(403, 404, 422))
def remove_view(id: Id, session: WriteSession, who: AuthorDep) -> None:
    """Deletes one's own view, and the links to it."""
    delete_view(session, who, id)


@router.post("/{id}/fork", status_code=201, response_model=ViewOut, responses=_MADE | answers(404, 422))
def fork_view(id: Id, body: ViewFork, session: WriteSession, who: AuthorDep) -> Response:
    """A copy that belongs to who asks. The original stays as it is."""
    found = views.fork(session, who, id, body)
    return answer(found, 201, f"/views/{found.id}")


@router.get("/{id}/picture", response_class=Response, responses=_PICTURE | answers(404, 422))
def get_view_picture(id: Id, session: ReadSession, if_none_match: KnownTags = None) -> Response:
    """Its picture."""
    return views.picture(session, id, if_none_match)


@router.put("/{id}/picture", status_code=204, responses=answers(403, 404, 413, 415, 422))
def put_view_picture(
    id: Id, body: Annotated[bytes, Body(media_type="image/webp")], session: WriteSession, who: AuthorDep
) -> None:
    """Puts a picture to one's own view: WebP or PNG, at most 1 MiB. It is made anew, at most 1200 × 630 pixels."""
    put_picture(session, who, id, *read_picture(body))


@router.get("/{id}/provenance", response_model=ProvenanceOut, responses=answers(404, 409, 422))
def get_provenance(id: Id, session: ReadSession) -> Response:
    """From what it was computed, the command that does it again, and how to cite it."""
    return answer(provenance(session, id))


@router.get("/{id}/links", response_model=Page[ShareLinkOut], responses=answers(403, 404, 422))
def list_links(id: Id, session: WriteSession, who: AuthorDep, query: Annotated[PageQuery, Query()]) -> Response:
    """The links to one's own view, the newest first."""
    return answer(shared.links(session, who, id, query.cursor, query.limit))


@router.post("/{id}/links", status_code=201, response_model=LinkMade, responses=answers(403, 404, 409, 422))
def create_link(id: Id, body: LinkIn, request: Request, session: WriteSession, who: AuthorDep) -> Response:
    """A link to one's own view. Its token is told this once."""
    return answer(shared.make(session, who, id, body, str(request.base_url)), 201)


@router.delete("/{id}/links/{link}", status_code=204, responses=answers(403, 404, 422))
def remove_link(id: Id, link: LinkId, session: WriteSession, who: AuthorDep, word: PublisherDep) -> None:
    """Takes a link back at once."""
    announce(session, word, revoke_link(session, who, id, link))
