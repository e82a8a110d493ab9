"""Notes: threads on a circuit, a group or an edge. Written, answered, changed, resolved, deleted by their authors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from neurflow_store.clock import now
from neurflow_store.errors import BadValue, Conflict, Forbidden, NotFound
from neurflow_store.ids import new_id
from neurflow_store.names import NOTE, checked_text
from neurflow_store.repositories import changes
from neurflow_store.repositories.requests import locked
from neurflow_store.sharing.author import Author
from neurflow_store.tables import ChangeKind, Circuit, Edge, Group, Note, NoteSubject

MOST_ANSWERS: Final = 500
"""To one note."""


@dataclass(frozen=True)
class Subject:
    """On what a note hangs: a group, an edge by its two ends, or the whole circuit where nothing is given."""

    group: str | None = None
    source: str | None = None
    target: str | None = None

    @property
    def kind(self) -> NoteSubject:
        if self.group is not None:
            return NoteSubject.GROUP
        return NoteSubject.CIRCUIT if self.source is None else NoteSubject.EDGE


def post_note(session: Session, who: Author, circuit_id: str, subject: Subject, text: str) -> Note:
    """Begins a thread.

    Raises:
        NotFound: there is no such circuit, group or edge.
        BadValue: the text cannot be used.
    """
    locked(session, Circuit, circuit_id)
    _require(session, circuit_id, subject)
    note = Note(
        id=_free_id(session),
        circuit_id=circuit_id,
        subject=subject.kind,
        group_id=subject.group,
        source=subject.source,
        target=subject.target,
        text=_checked(text),
    )
    return _written(session, who, note)


def answer_note(session: Session, who: Author, circuit_id: str, thread_id: str, text: str) -> Note:
    """Answers a note; an answer to an answer joins the same thread.

    Raises:
        NotFound: there is no such note.
        BadValue: the text cannot be used.
        Conflict: the thread is full.
    """
    locked(session, Circuit, circuit_id)
    first = require_note(session, circuit_id, thread_id)
    if first.thread_id is not None:
        first = require_note(session, circuit_id, first.thread_id)
    if _answers(session, first.id) >= MOST_ANSWERS:
        raise Conflict(f"note {first.id!r} has {MOST_ANSWERS} answers: begin another thread")
    note = Note(
        id=_free_id(session),
        circuit_id=circuit_id,
        thread_id=first.id,
        subject=first.subject,
        group_id=first.group_id,
        source=first.source,
        target=first.target,
        text=_checked(text),
        orphaned_at=first.orphaned_at,
        former=first.former,
    )
    return _written(session, who, note)


def edit_note(session: Session, who: Author, circuit_id: str, note_id: str, text: str) -> Note:
    """Writes one's own note anew.

    Raises:
        NotFound: there is no such note, or it was deleted.
        Forbidden: somebody else wrote it.
        BadValue: the text cannot be used.
    """
    note = _own(session, who, circuit_id, note_id, also_admins=False)
    note.text, note.changed_at = _checked(text), now()
    return _told(session, note)


def delete_note(session: Session, who: Author, circuit_id: str, note_id: str) -> None:
    """Deletes one's own note, or as an administrator any. What answers it stays.

    Raises:
        NotFound: there is no such note, or it was deleted.
        Forbidden: somebody else wrote it.
    """
    note = _own(session, who, circuit_id, note_id, also_admins=True)
    if _answers(session, note.id):
        note.text, note.deleted_at = "", now()
        _told(session, note)
        return
    first = None if note.thread_id is None else session.get_one(Note, note.thread_id)
    session.delete(note)
    session.flush()
    if first is not None and first.deleted_at is not None and not _answers(session, first.id):
        session.delete(first)
        session.flush()
        changes.note(session, circuit_id, ChangeKind.NOTE, first.id)
    changes.note(session, circuit_id, ChangeKind.NOTE, note_id)


def resolve_note(session: Session, who: Author, circuit_id: str, note_id: str, resolved: bool) -> Note:
    """Says that a thread is settled, or is not.

    Raises:
        NotFound: there is no such note.
        BadValue: it is an answer.
    """
    locked(session, Circuit, circuit_id)
    note = require_note(session, circuit_id, note_id)
    if note.thread_id is not None:
        raise BadValue(f"note {note_id!r} is an answer: resolve {note.thread_id!r}, which it answers")
    if resolved is (note.resolved_at is not None):
        return note
    note.resolved_at, note.resolved_by = (now(), who.name) if resolved else (None, None)
    return _told(session, note)


def require_note(session: Session, circuit_id: str, note_id: str) -> Note:
    """A note of a circuit, as it stands now.

    Raises:
        NotFound: there is no such note of that circuit.
    """
    mine = (Note.id == note_id, Note.circuit_id == circuit_id)
    found = session.scalar(select(Note).where(*mine).execution_options(populate_existing=True))
    if found is None:
        raise NotFound(f"circuit {circuit_id!r} has no note {note_id[:80]!r}")
    return found


def wrote(who: Author, note: Note) -> bool:
    """Whether ``who`` wrote it: the local user wrote whatever nobody else did, visitors cannot be told apart."""
    if who.user_id is not None:
        return note.author_id == who.user_id
    return who.admin and note.author_id is None and note.link_id is None


def _own(session: Session, who: Author, circuit_id: str, note_id: str, also_admins: bool) -> Note:
    locked(session, Circuit, circuit_id)
    note = require_note(session, circuit_id, note_id)
    if note.deleted_at is not None:
        raise NotFound(f"note {note_id!r} was deleted")
    if not (wrote(who, note) or (also_admins and who.admin)):
        raise Forbidden(f"note {note_id!r} was written by somebody else")
    return note


def _require(session: Session, circuit_id: str, subject: Subject) -> None:
    if subject.group is not None and session.get(Group, (circuit_id, subject.group)) is None:
        raise NotFound(f"circuit {circuit_id!r} has no group {subject.group[:220]}")
    if subject.source is not None and session.get(Edge, (circuit_id, subject.source, subject.target)) is None:
        ends = f"from {subject.source[:220]} to {(subject.target or '')[:220]}"
        raise NotFound(f"circuit {circuit_id!r} has no edge {ends}")


def _checked(text: str) -> str:
    plain = checked_text(text, NOTE, "note")
    if not plain:
        raise BadValue("the note is empty: write something")
    return plain


def _written(session: Session, who: Author, note: Note) -> Note:
    note.author_id, note.author_name, note.link_id, note.created_at = who.user_id, who.name, who.link_id, now()
    session.add(note)
    return _told(session, note)


def _told(session: Session, note: Note) -> Note:
    session.flush()
    changes.note(session, note.circuit_id, ChangeKind.NOTE, note.id)
    return note


def _answers(session: Session, note_id: str) -> int:
    return session.scalar(select(func.count()).where(Note.thread_id == note_id)) or 0


def _free_id(session: Session) -> str:
    length = 8
    while session.get(Note, id := new_id("note", length)) is not None:
        length += 1
    return id
