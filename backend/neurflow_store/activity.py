"""The log of who did what. It is kept beside the service's own logs, for people, and holds no secrets."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from neurflow_store.clock import now
from neurflow_store.jobs.write import storable
from neurflow_store.repositories.paging import Order, Slice, read_page
from neurflow_store.tables import Activity

_NEWEST: Final = Order("newest", (Activity.at, Activity.id), descending=True)


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


def page(session: Session, user_id: str | None, cursor: str | None, limit: int) -> Slice[Activity]:
    """A page of what a person did, or of what all did for ``None``, the newest first."""
    statement: Select[tuple[Activity]] = select(Activity)
    if user_id is not None:
        statement = statement.where(Activity.user_id == user_id)
    return read_page(session, statement, _NEWEST, cursor, limit)
