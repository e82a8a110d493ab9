"""Notes and labels of circuits, as lists and single ones."""

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
    """A page of the labels of a circuit's groups, or of those whose groups are gone.

    Raises:
        BadValue: the cursor is none of this list's.
    """
    where = Label.group_id.is_(None) if orphaned else Label.group_id.is_not(None)
    mine = (Label.circuit_id == circuit_id, Label.name != "", where)
    statement: Select[tuple[Label]] = select(Label)
    statement = statement.where(*mine)
    return read_page(session, statement, _LABELS, cursor, limit)


def labels_of(session: Session, circuit_id: str, groups: Collection[str]) -> Sequence[Label]:
    """The labels of some groups, those that were taken away too."""
    return session.scalars(select(Label).where(Label.circuit_id == circuit_id, Label.group_id.in_(groups))).all()


def history(session: Session, circuit_id: str, group_id: str, cursor: str | None, limit: int) -> Slice[LabelChange]:
    """A page of what a group was called, the newest first.

    Raises:
        BadValue: the cursor is none of this list's.
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
    """A page of the notes that begin threads, the newest first; narrowed to what is given.

    Raises:
        BadValue: the cursor is none of this list's.
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
    """All answers to some notes, the oldest first; one query."""
    return session.scalars(select(Note).where(Note.thread_id.in_(threads)).order_by(Note.created_at, Note.id)).all()


def notes_of(session: Session, ids: Collection[str]) -> Sequence[Note]:
    """The notes of these ids that are there."""
    return session.scalars(select(Note).where(Note.id.in_(ids))).all()
