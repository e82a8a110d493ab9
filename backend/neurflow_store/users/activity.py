"""The log of who did what. It is kept beside the service's own logs, for people, and holds no secrets."""

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
    """Notes that somebody did something.

    Args:
        session: of ``Database.writing()``.
        action: a short word for it.
        user_id: who; ``None`` where that is not known.
        subject: to what: its kind and its id.
        request_id: of the HTTP request.
        detail: JSON values that tell more.
    """
    kind, id = subject or (None, None)
    row = Activity(at=now(), user_id=user_id, action=action, subject_kind=kind, request_id=request_id)
    row.subject_id, row.detail = None if id is None else id[:64], storable(dict(detail))
    session.add(row)
    session.flush()


def page(
    session: Session, user_id: str | None, cursor: str | None, limit: int, only: str | None = None
) -> Slice[AnyRow]:
    """A page of what was done, the newest first, each with the name of who did it.

    Args:
        session: of ``Database.reading()``.
        user_id: who asks, and is told of themselves; ``None`` for who is told of all.
        cursor: where the page begins.
        limit: of its length.
        only: of this person alone.
    """
    statement = _WITH_NAMES.where(*(Activity.user_id == user for user in (user_id, only) if user is not None))
    return read_rows(session, statement, _NEWEST, cursor, limit)
