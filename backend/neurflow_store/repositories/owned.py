"""Whose a network or data set is, who can see it, and whether the user may change it: columns for their queries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, case, false, true
from sqlalchemy.orm import Session

from neurflow_store.repositories.columns import AnySelect
from neurflow_store.tables import Dataset, Network, Space, User
from neurflow_store.visibility import edits, manages, narrowed_to


def owned_columns(session: Session, table: type[Network] | type[Dataset]) -> Sequence[Any]:
    """Return the columns; their statement must also be joined :func:`with_owner`."""
    return (
        table.visibility,
        table.owner_id,
        User.name.label("owner_name"),
        table.space_id,
        Space.name.label("space_name"),
        _may_change(session, table).label("may_change"),
    )


def with_owner(statement: AnySelect, table: type[Network] | type[Dataset]) -> AnySelect:
    """Join the names of owner and space, where there are any."""
    named = statement.outerjoin(User, User.id == table.owner_id)
    return named.outerjoin(Space, Space.id == table.space_id)


def _may_change(session: Session, table: type[Network] | type[Dataset]) -> ColumnElement[bool]:
    if not edits(session):
        return false()
    viewer = narrowed_to(session)
    return true() if viewer is None else case((manages(table, viewer), true()), else_=false())
