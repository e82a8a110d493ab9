"""All links to a circuit, for those who may change it: whoever created them, and whatever view they show."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from neurflow_server.answering import answer
from neurflow_server.dependencies import PublisherDep, ReadSession, SettingsDep, WriteSession
from neurflow_server.problems import answers
from neurflow_server.schemas.fields import Id, Page
from neurflow_server.schemas.queries import PageQuery
from neurflow_server.schemas.shared import CircuitLinkOut, LinkId
from neurflow_server.services import shared
from neurflow_server.services.changes import announce
from neurflow_store.sharing.links import revoke_circuit_link

router = APIRouter(prefix="/circuits/{id}/links", tags=["circuits"])


@router.get("", response_model=Page[CircuitLinkOut], responses=answers(403, 404, 422))
def list_circuit_links(
    id: Id, session: ReadSession, settings: SettingsDep, query: Annotated[PageQuery, Query()]
) -> Response:
    """List all links to a circuit that you can change, newest first, with the view that each shows."""
    return answer(shared.links_to(session, id, query.cursor, query.limit, settings.has_accounts))


@router.delete("/{link}", status_code=204, responses=answers(403, 404, 422))
def remove_circuit_link(id: Id, link: LinkId, session: WriteSession, notifier: PublisherDep) -> None:
    """Revoke a link to a circuit that you can change, at once, whoever created it."""
    revoke_circuit_link(session, id, link)
    announce(session, notifier, id)
