"""The activity log: who did what. It is separate from the service's logs, readable, and contains no secrets."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from neurflow_store.clock import now
from neurflow_store.jobs.conditional_update import storable
from neurflow_store.repositories.columns import AnyRow
from neurflow_store.repositories.paging import Order, Slice, read_rows
from neurflow_store.tables import Activity, User

_NEWEST: Final = Order("newest", (Activity.at, Activity.id), descending=True)
_WITH_NAMES: Final = select(*Activity.__table__.c, User.name.label("user_name")).outerjoin(
    User, User.id == Activity.user_id
)


def note(
    session: Session,
    action: str,
    *,
    user_id: str | None = None,
    subject: tuple[str, str | None] | None = None,
    request_id: str | None = None,
    **detail: Any,
) -> None:
    """Record an action.

    Args:
        session: from ``Database.writing()``.
        action: short name of the action.
        user_id: the user; ``None`` if unknown.
        subject: kind and id of the object.
        request_id: id of the HTTP request.
        detail: further JSON values.
    """
    kind, id = subject or (None, None)
    row = Activity(at=now(), user_id=user_id, action=action, subject_kind=kind, request_id=request_id)
    row.subject_id, row.detail = None if id is None else id[:64], storable(dict(detail))
    session.add(row)
    session.flush()


def page(
    session: Session, user_id: str | None, cursor: str | None, limit: int, only: str | None = None
) -> Slice[AnyRow]:
    """Return a page of the log, newest first, with the name of each user.

    Args:
        session: from ``Database.reading()``.
        user_id: limits the log to this user's actions; ``None`` for users who may see everything.
        cursor: where the page begins.
        limit: maximum number of entries.
        only: limits the log to this user's actions.
    """
    statement = _WITH_NAMES.where(*(Activity.user_id == user for user in (user_id, only) if user is not None))
    return read_rows(session, statement, _NEWEST, cursor, limit)
