"""Notes: threads on a circuit, a group or an edge; their authors can edit, resolve and delete them."""

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
"""Maximum number of answers to a note."""


@dataclass(frozen=True)
class Subject:
    """The subject of a note: a group, an edge by its two ends, or the whole circuit if nothing is given."""

    group: str | None = None
    source: str | None = None
    target: str | None = None

    @property
    def kind(self) -> NoteSubject:
        if self.group is not None:
            return NoteSubject.GROUP
        return NoteSubject.CIRCUIT if self.source is None else NoteSubject.EDGE


def post_note(session: Session, who: Author, circuit_id: str, subject: Subject, text: str) -> Note:
    """Start a thread.

    Raises:
        NotFound: the circuit, group or edge does not exist.
        BadValue: the text is invalid.
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
    """Answer a note; an answer to an answer joins the same thread.

    Raises:
        NotFound: the note does not exist.
        BadValue: the text is invalid.
        Conflict: the thread is full.
    """
    locked(session, Circuit, circuit_id)
    first = require_note(session, circuit_id, thread_id)
    if first.thread_id is not None:
        first = require_note(session, circuit_id, first.thread_id)
    if _answers(session, first.id) >= MOST_ANSWERS:
        raise Conflict(f"note {first.id!r} has {MOST_ANSWERS} answers, the maximum: start a new thread")
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
    """Edit a note of one's own.

    Raises:
        NotFound: the note does not exist or was deleted.
        Forbidden: another user wrote it.
        BadValue: the text is invalid.
    """
    note = _own(session, who, circuit_id, note_id, also_admins=False)
    note.text, note.changed_at = _checked(text), now()
    return _with_change(session, note)


def delete_note(session: Session, who: Author, circuit_id: str, note_id: str) -> None:
    """Delete a note of one's own, or any note as administrator. Its answers stay.

    Raises:
        NotFound: the note does not exist or was deleted.
        Forbidden: another user wrote it.
    """
    note = _own(session, who, circuit_id, note_id, also_admins=True)
    if _answers(session, note.id):
        note.text, note.deleted_at = "", now()
        _with_change(session, note)
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
    """Resolve a thread, or reopen it.

    Raises:
        NotFound: the note does not exist.
        BadValue: the note is an answer.
    """
    locked(session, Circuit, circuit_id)
    note = require_note(session, circuit_id, note_id)
    if note.thread_id is not None:
        raise BadValue(f"note {note_id!r} is an answer: resolve {note.thread_id!r}, which it belongs to")
    if resolved is (note.resolved_at is not None):
        return note
    note.resolved_at, note.resolved_by = (now(), who.name) if resolved else (None, None)
    return _with_change(session, note)


def require_note(session: Session, circuit_id: str, note_id: str) -> Note:
    """Return a note of a circuit.

    Raises:
        NotFound: the circuit has no such note.
    """
    mine = (Note.id == note_id, Note.circuit_id == circuit_id)
    found = session.scalar(select(Note).where(*mine).execution_options(populate_existing=True))
    if found is None:
        raise NotFound(f"circuit {circuit_id!r} has no note {note_id[:80]!r}")
    return found


def wrote(who: Author, note: Note) -> bool:
    """Return whether ``who`` wrote it. The local user wrote all notes without an author; visitors own none."""
    if who.user_id is not None:
        return note.author_id == who.user_id
    return who.admin and note.author_id is None and note.link_id is None


def _own(session: Session, who: Author, circuit_id: str, note_id: str, also_admins: bool) -> Note:
    locked(session, Circuit, circuit_id)
    note = require_note(session, circuit_id, note_id)
    if note.deleted_at is not None:
        raise NotFound(f"note {note_id!r} was deleted")
    if not (wrote(who, note) or (also_admins and who.admin)):
        raise Forbidden(f"note {note_id!r} was written by another user: only its author can change it")
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
        raise BadValue("the note is empty: enter a text")
    return plain


def _written(session: Session, who: Author, note: Note) -> Note:
    note.author_id, note.author_name, note.link_id, note.created_at = who.user_id, who.name, who.link_id, now()
    session.add(note)
    return _with_change(session, note)


def _with_change(session: Session, note: Note) -> Note:
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
