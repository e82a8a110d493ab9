"""Queries about notes and labels of circuits."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from neurflow_store.repositories.paging import Order, Slice, read_page
from neurflow_store.tables import Label, LabelChange, Note, NoteSubject

_NEWEST_NOTES: Final = Order("notes", (Note.created_at, Note.id), descending=True)
_LABELS: Final = Order("labels", (Label.id,))
_HISTORY: Final = Order("history", (LabelChange.version,), descending=True)


def labels(session: Session, circuit_id: str, orphaned: bool, cursor: str | None, limit: int) -> Slice[Label]:
    """Return a page of the labels of a circuit's groups, or of labels whose groups are gone.

    Raises:
        BadValue: the cursor does not belong to this list.
    """
    where = Label.group_id.is_(None) if orphaned else Label.group_id.is_not(None)
    mine = (Label.circuit_id == circuit_id, Label.name != "", where)
    statement: Select[tuple[Label]] = select(Label)
    statement = statement.where(*mine)
    return read_page(session, statement, _LABELS, cursor, limit)


def labels_of(session: Session, circuit_id: str, groups: Collection[str]) -> Sequence[Label]:
    """Return the labels of some groups, including removed ones."""
    return session.scalars(select(Label).where(Label.circuit_id == circuit_id, Label.group_id.in_(groups))).all()


def history(session: Session, circuit_id: str, group_id: str, cursor: str | None, limit: int) -> Slice[LabelChange]:
    """Return a page of a group's label history, newest first.

    Raises:
        BadValue: the cursor does not belong to this list.
    """
    mine = (Label.circuit_id == circuit_id, Label.group_id == group_id)
    statement: Select[tuple[LabelChange]] = select(LabelChange)
    statement = statement.join(Label, Label.id == LabelChange.label_id).where(*mine)
    return read_page(session, statement, _HISTORY, cursor, limit)


def threads(
    session: Session,
    circuit_id: str,
    *,
    subject: NoteSubject | None = None,
    group: str | None = None,
    edge: tuple[str, str] | None = None,
    resolved: bool | None = None,
    orphaned: bool = False,
    cursor: str | None = None,
    limit: int = 50,
) -> Slice[Note]:
    """Return a page of the notes that start threads, newest first, limited by the filters given.

    Raises:
        BadValue: the cursor does not belong to this list.
    """
    mine = (Note.circuit_id == circuit_id, Note.thread_id.is_(None))
    statement: Select[tuple[Note]] = select(Note)
    statement = statement.where(*mine)
    gone = Note.orphaned_at.is_not(None) if orphaned else Note.orphaned_at.is_(None)
    statement = statement.where(gone)
    if subject is not None:
        statement = statement.where(Note.subject == subject)
    if group is not None:
        statement = statement.where(Note.group_id == group)
    if edge is not None:
        statement = statement.where(Note.source == edge[0], Note.target == edge[1])
    if resolved is not None:
        statement = statement.where(Note.resolved_at.is_not(None) if resolved else Note.resolved_at.is_(None))
    return read_page(session, statement, _NEWEST_NOTES, cursor, limit)


def answers(session: Session, threads: Collection[str]) -> Sequence[Note]:
    """Return all answers to some notes, oldest first, with one query."""
    return session.scalars(select(Note).where(Note.thread_id.in_(threads)).order_by(Note.created_at, Note.id)).all()


def notes_of(session: Session, ids: Collection[str]) -> Sequence[Note]:
    """Return the notes with these ids that exist."""
    return session.scalars(select(Note).where(Note.id.in_(ids))).all()
