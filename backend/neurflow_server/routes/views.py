"""Named views and the links to them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Header, Query, Request, Response

from neurflow_server.answering import LOCATED, answer
from neurflow_server.authors import AuthorDep
from neurflow_server.dependencies import PublisherDep, ReadSession, SettingsDep, WriteSession
from neurflow_server.problems import answers
from neurflow_server.schemas.fields import Id, Page
from neurflow_server.schemas.provenance import ProvenanceOut
from neurflow_server.schemas.queries import PageQuery
from neurflow_server.schemas.shared import LinkId, LinkIn, LinkMade, ShareLinkOut
from neurflow_server.schemas.views import ViewChange, ViewFork, ViewIn, ViewOut, ViewQuery
from neurflow_server.services import files, shared, views
from neurflow_server.services.changes import announce
from neurflow_server.services.provenance import provenance
from neurflow_server.services.view_pictures import read_picture
from neurflow_store.sharing.links import revoke_link
from neurflow_store.sharing.views import delete_view, put_picture

router = APIRouter(prefix="/views", tags=["views"])
KnownTags = Annotated[str | None, Header(alias="If-None-Match", max_length=1000)]
_MADE: dict[int | str, dict[str, Any]] = {201: LOCATED}
_PICTURE: dict[int | str, dict[str, Any]] = {
    200: {"description": "The picture.", "content": {"image/webp": files.BYTES}},
    304: {"description": "The client's copy is current."},
}


@router.get("", response_model=Page[ViewOut], responses=answers(404, 422))
def list_views(session: ReadSession, who: AuthorDep, query: Annotated[ViewQuery, Query()]) -> Response:
    """List views, newest first."""
    return answer(views.page(session, who, query))


@router.post("", status_code=201, response_model=ViewOut, responses=_MADE | answers(404, 422))
def create_view(body: ViewIn, session: WriteSession, who: AuthorDep) -> Response:
    """Save a state of the explorer as a view."""
    found = views.create(session, who, body)
    return answer(found, 201, f"/views/{found.id}")


@router.get("/{id}", response_model=ViewOut, responses=answers(404, 422))
def get_view(id: Id, session: ReadSession, who: AuthorDep) -> Response:
    """Get a view."""
    return answer(views.get(session, who, id))


@router.patch("/{id}", response_model=ViewOut, responses=answers(403, 404, 422))
def change_view(id: Id, body: ViewChange, session: WriteSession, who: AuthorDep) -> Response:
    """Change your own view."""
    return answer(views.change(session, who, id, body))


@router.delete("/{id}", status_code=204, responses=answers(403, 404, 422))
def remove_view(id: Id, session: WriteSession, who: AuthorDep) -> None:
    """Delete your own view, and its links."""
    delete_view(session, who, id)


@router.post("/{id}/fork", status_code=201, response_model=ViewOut, responses=_MADE | answers(404, 422))
def fork_view(id: Id, body: ViewFork, session: WriteSession, who: AuthorDep) -> Response:
    """Copy a view. The copy is yours, the original is unchanged."""
    found = views.fork(session, who, id, body)
    return answer(found, 201, f"/views/{found.id}")


@router.get("/{id}/picture", response_class=Response, responses=_PICTURE | answers(404, 422))
def get_view_picture(id: Id, session: ReadSession, if_none_match: KnownTags = None) -> Response:
    """Get a view's picture."""
    return views.picture(session, id, if_none_match)


@router.put("/{id}/picture", status_code=204, responses=answers(403, 404, 413, 415, 422))
def put_view_picture(
    id: Id, body: Annotated[bytes, Body(media_type="image/webp")], session: WriteSession, who: AuthorDep
) -> None:
    """Set the picture of your own view: WebP or PNG, at most 1 MiB. It is scaled down to at most 1200 × 630 pixels."""
    put_picture(session, who, id, *read_picture(body))


@router.get("/{id}/provenance", response_model=ProvenanceOut, responses=answers(404, 409, 422))
def get_provenance(id: Id, session: ReadSession) -> Response:
    """Get a view's provenance: the inputs of its circuit, the command to compute it again, and a citation."""
    return answer(provenance(session, id))


@router.get("/{id}/links", response_model=Page[ShareLinkOut], responses=answers(403, 404, 422))
def list_links(
    id: Id, session: WriteSession, who: AuthorDep, settings: SettingsDep, query: Annotated[PageQuery, Query()]
) -> Response:
    """List the links to your own view, newest first."""
    return answer(shared.links(session, who, id, query.cursor, query.limit, settings.has_accounts))


@router.post("/{id}/links", status_code=201, response_model=LinkMade, responses=answers(403, 404, 409, 422))
def create_link(id: Id, body: LinkIn, request: Request, session: WriteSession, who: AuthorDep) -> Response:
    """Create a link to your own view. Its token is only in this response."""
    return answer(shared.make(session, who, id, body, str(request.base_url)), 201)


@router.delete("/{id}/links/{link}", status_code=204, responses=answers(403, 404, 422))
def remove_link(id: Id, link: LinkId, session: WriteSession, who: AuthorDep, notifier: PublisherDep) -> None:
    """Revoke a link at once."""
    announce(session, notifier, revoke_link(session, who, id, link))
