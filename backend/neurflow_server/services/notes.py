"""Show notes, with their HTML."""

from __future__ import annotations

from collections import defaultdict
from urllib.parse import quote

from sqlalchemy.orm import Session

from neurflow_server import addresses
from neurflow_server.schemas.fields import Page
from neurflow_server.schemas.notes import NoteAuthor, NoteOut, NoteQuery, ThreadOut
from neurflow_server.services.markdown import html_of
from neurflow_store.errors import NotFound
from neurflow_store.repositories import circuits
from neurflow_store.repositories import notes as reads
from neurflow_store.sharing.author import Author
from neurflow_store.sharing.notes import require_note, wrote
from neurflow_store.tables import Note


def page(session: Session, who: Author, circuit_id: str, query: NoteQuery) -> Page[ThreadOut]:
    """Return a page of a circuit's threads.

    Raises:
        NotFound: the circuit does not exist.
    """
    circuits.require(session, circuit_id)
    rows = reads.threads(
        session,
        circuit_id,
        subject=query.subject,
        group=query.group,
        edge=None if query.source is None or query.target is None else (query.source, query.target),
        resolved=query.resolved,
        orphaned=query.orphaned,
        cursor=query.cursor,
        limit=query.limit,
    )
    return Page[ThreadOut](items=_threads(session, who, list(rows.items)), next=rows.next)


def thread(session: Session, who: Author, circuit_id: str, note_id: str) -> ThreadOut:
    """Return the thread of a note or answer.

    Raises:
        NotFound: the circuit does not exist, or has no such note.
    """
    circuits.require(session, circuit_id)
    note = require_note(session, circuit_id, note_id)
    first = note if note.thread_id is None else session.get(Note, note.thread_id)
    if first is None:
        raise NotFound(f"circuit {circuit_id!r} has no note {note_id[:80]!r}")
    return _threads(session, who, [first])[0]


def shown(note: Note, who: Author | None) -> NoteOut:
    """Return a note as ``who`` sees it, or for ``None`` as everyone does."""
    return NoteOut(
        id=note.id,
        circuit=note.circuit_id,
        thread=note.thread_id,
        subject=note.subject,
        group=note.group_id,
        source=note.source,
        target=note.target,
        text=note.text,
        html=html_of(note.text) if note.text else "",
        by=NoteAuthor(id=note.author_id, name=note.author_name),
        mine=who is not None and wrote(who, note),
        address=addresses.at(f"/circuits/{quote(note.circuit_id)}?note={quote(note.id)}"),
        created_at=note.created_at,
        changed_at=note.changed_at,
        deleted_at=note.deleted_at,
        resolved_at=note.resolved_at,
        resolved_by=note.resolved_by,
        orphaned_at=note.orphaned_at,
        former=note.former,
    )


def _threads(session: Session, who: Author, notes: list[Note]) -> list[ThreadOut]:
    answers: dict[str, list[NoteOut]] = defaultdict(list)
    if notes:
        for answer in reads.answers(session, [note.id for note in notes]):
            answers[answer.thread_id or ""].append(shown(answer, who))
    return [ThreadOut(**dict(shown(note, who)), answers=answers[note.id]) for note in notes]
