"""Queries about views and their pictures."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from neurflow_store.errors import NotFound
from neurflow_store.repositories.columns import AnyRow, AnySelect
from neurflow_store.repositories.paging import Order, Slice, read_rows
from neurflow_store.tables import (
    Analysis,
    Circuit,
    User,
    View,
    ViewPicture,
)

_VIEW: Final = (
    View.id,
    View.name,
    View.description,
    View.circuit_id,
    Circuit.name.label("circuit_name"),
    # Nothing of one that the user cannot see.
    Analysis.id.label("analysis_id"),
    Analysis.name.label("analysis_name"),
    View.state,
    View.state_version,
    View.owner_id,
    User.name.label("owner_name"),
    View.forked_from,
    View.created_at,
    View.changed_at,
    ViewPicture.changed_at.label("pictured_at"),
)
_NEWEST_VIEWS: Final = Order("views", (View.created_at, View.id), descending=True)


def views(
    session: Session, circuit_id: str | None, owner_id: str | None, mine: bool, cursor: str | None, limit: int
) -> Slice[AnyRow]:
    """Return a page of views, newest first: a circuit's, or with ``mine`` those of ``owner_id``.

    Raises:
        BadValue: the cursor does not belong to this list.
    """
    statement = _views()
    if circuit_id is not None:
        statement = statement.where(View.circuit_id == circuit_id)
    if mine:
        statement = statement.where(View.owner_id.is_(None) if owner_id is None else View.owner_id == owner_id)
    return read_rows(session, statement, _NEWEST_VIEWS, cursor, limit)


def view(session: Session, view_id: str) -> AnyRow:
    """Return a view.

    Raises:
        NotFound: the view does not exist.
    """
    found = session.execute(_views().where(View.id == view_id)).one_or_none()
    if found is None:
        raise NotFound(f"no view {view_id[:80]!r}")
    return found


def picture(session: Session, view_id: str) -> ViewPicture:
    """Return a view's picture.

    Raises:
        NotFound: the view does not exist, or has no picture.
    """
    found = session.scalar(
        select(ViewPicture)
        .join(View, View.id == ViewPicture.view_id)
        .join(Circuit, Circuit.id == View.circuit_id)
        .where(ViewPicture.view_id == view_id)
    )
    if found is None:
        raise NotFound(f"no picture of view {view_id[:80]!r}")
    return found


def _views() -> AnySelect:
    columns: tuple[Any, ...] = _VIEW
    return (
        select(*columns)
        .select_from(View)
        .join(Circuit, Circuit.id == View.circuit_id)
        .outerjoin(Analysis, Analysis.id == View.analysis_id)
        .outerjoin(User, User.id == View.owner_id)
        .outerjoin(ViewPicture, ViewPicture.view_id == View.id)
    )
