"""Lists of share links, newest first: those of a view, and all that show a circuit."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy.orm import Session

from neurflow_store.repositories.columns import AnyRow
from neurflow_store.repositories.paging import Order, Slice, read_rows
from neurflow_store.sharing.link_rights import LINK_OWNER, links_with_rights
from neurflow_store.tables import ShareLink, View

_LINK: Final = (
    ShareLink.id,
    ShareLink.may_comment,
    ShareLink.anonymous,
    ShareLink.created_at,
    ShareLink.expires_at,
    ShareLink.revoked_at,
)
_SHOWN: Final = (
    View.id.label("view_id"),
    View.name.label("view_name"),
    View.state,
    View.analysis_id,
    LINK_OWNER.id.label("owner_id"),
    LINK_OWNER.name.label("owner_name"),
)
_NEWEST: Final = Order("links", (ShareLink.created_at, ShareLink.id), descending=True)


def links_of_view(session: Session, view_id: str, cursor: str | None, limit: int) -> Slice[AnyRow]:
    """Return a page of a view's links, each with ``owner_may``: whether its owner may share what it shows.

    Raises:
        BadValue: the cursor does not belong to this list.
    """
    columns: tuple[Any, ...] = _LINK
    statement = links_with_rights(*columns).where(ShareLink.view_id == view_id)
    return read_rows(session, statement, _NEWEST, cursor, limit)


def links_of_circuit(session: Session, circuit_id: str, cursor: str | None, limit: int) -> Slice[AnyRow]:
    """Return a page of the links to all views of a circuit, with the view and the owner of each.

    Raises:
        BadValue: the cursor does not belong to this list.
    """
    columns: tuple[Any, ...] = (*_LINK, *_SHOWN)
    statement = links_with_rights(*columns).where(View.circuit_id == circuit_id)
    return read_rows(session, statement, _NEWEST, cursor, limit)
