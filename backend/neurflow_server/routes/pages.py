"""Pages for people."""

from __future__ import annotations

from fastapi import APIRouter, Response

from neurflow_server import pages
from neurflow_server.dependencies import GraphsDep, ReadSession
from neurflow_server.schemas.fields import Cursor, Id

router = APIRouter(include_in_schema=False)


@router.get("/")
def show_gallery(session: ReadSession, cursor: Cursor = None) -> Response:
    """All circuits."""
    return pages.gallery_page(session, cursor)


@router.get("/circuits/{id}")
def show_circuit(id: Id, session: ReadSession, graphs: GraphsDep) -> Response:
    """One circuit."""
    return pages.circuit_page(session, id, graphs)
