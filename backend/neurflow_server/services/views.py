"""Show and change named views."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session
from starlette.responses import Response

from neurflow_server import addresses
from neurflow_server.schemas.fields import Page
from neurflow_server.schemas.summaries import Named
from neurflow_server.schemas.views import ViewChange, ViewFork, ViewIn, ViewOut, ViewQuery
from neurflow_server.services import files
from neurflow_store.repositories import circuits
from neurflow_store.repositories import views as reads
from neurflow_store.sharing import views
from neurflow_store.sharing.author import Author
from neurflow_store.sharing.view_state import VERSION, read_state


def page(session: Session, who: Author, query: ViewQuery) -> Page[ViewOut]:
    """Return a page of views: of a circuit, one's own, or all visible ones.

    Raises:
        NotFound: the circuit does not exist.
    """
    if query.circuit is not None:
        circuits.require(session, query.circuit)
    rows = reads.views(session, query.circuit, who.user_id, query.mine, query.cursor, query.limit)
    return Page[ViewOut](items=[_shown(row, who) for row in rows.items], next=rows.next)


def get(session: Session, who: Author, view_id: str) -> ViewOut:
    """Return a view."""
    return _shown(reads.view(session, view_id), who)


def create(session: Session, who: Author, wanted: ViewIn) -> ViewOut:
    """Save a view."""
    view = views.create_view(
        session,
        who,
        circuit_id=wanted.circuit,
        name=wanted.name,
        description=wanted.description,
        state=wanted.state,
        version=wanted.version,
        analysis_id=wanted.analysis,
    )
    return get(session, who, view.id)


def change(session: Session, who: Author, view_id: str, wanted: ViewChange) -> ViewOut:
    """Change the given values of a view."""
    views.change_view(
        session,
        who,
        view_id,
        name=wanted.name,
        description=wanted.description,
        state=wanted.state,
        version=wanted.version,
        analysis_id=wanted.analysis,
        no_analysis=wanted.analysis is None and "analysis" in wanted.model_fields_set,
    )
    return get(session, who, view_id)


def fork(session: Session, who: Author, view_id: str, wanted: ViewFork) -> ViewOut:
    """Copy a view."""
    copy = views.fork_view(
        session,
        who,
        view_id,
        wanted.name,
        state=wanted.state,
        version=wanted.version,
        analysis_id=wanted.analysis,
    )
    return get(session, who, copy.id)


def picture(session: Session, view_id: str, known: str | None) -> Response:
    """Return a view's picture, privately: proxies must not cache it."""
    found = reads.picture(session, view_id)
    tag = f"{found.changed_at.timestamp():.6f}"
    headers = {"ETag": f'"{tag}"', "Cache-Control": "private, no-cache"}
    if files.matches(known, tag):
        return Response(status_code=304, headers=headers)
    headers["Content-Disposition"] = 'inline; filename="view.webp"'
    return Response(found.picture, headers=headers, media_type="image/webp")


def present_state(row: Any) -> tuple[str, int]:
    """Return the state of a view's row, upgraded to the current version, and that version.

    Raises:
        BadValue: it is from a newer version.
    """
    if row.state_version == VERSION:
        return row.state, VERSION
    return read_state(row.state, row.state_version), VERSION


def _shown(row: Any, who: Author) -> ViewOut:
    state, version = present_state(row)
    return ViewOut(
        id=row.id,
        name=row.name,
        description=row.description,
        circuit=Named(id=row.circuit_id, name=row.circuit_name),
        analysis=None if row.analysis_id is None else Named(id=row.analysis_id, name=row.analysis_name),
        state=state,
        version=version,
        owner=None if row.owner_id is None else Named(id=row.owner_id, name=row.owner_name),
        mine=who.owns(row.owner_id),
        forked_from=row.forked_from,
        picture=addresses.view_picture(row.id, row.pictured_at),
        created_at=row.created_at,
        changed_at=row.changed_at,
    )
