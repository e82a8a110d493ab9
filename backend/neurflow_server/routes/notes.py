"""Notes on a circuit, its groups and edges, in threads."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response

from neurflow_server.answering import LOCATED, answer
from neurflow_server.authors import AuthorDep
from neurflow_server.dependencies import PublisherDep, ReadSession, WriteSession
from neurflow_server.problems import answers
from neurflow_server.schemas.fields import Id, Page
from neurflow_server.schemas.notes import NoteIn, NoteOut, NoteQuery, NoteText, ThreadOut
from neurflow_server.services import notes
from neurflow_server.services.changes import announce
from neurflow_store import ids
from neurflow_store.sharing import notes as store

router = APIRouter(prefix="/circuits/{id}", tags=["notes"])
NoteId = Annotated[str, Path(pattern=ids.PATTERN, max_length=64, examples=["note-7k2m9x4t"])]
_MADE: dict[int | str, dict[str, Any]] = {201: LOCATED}


@router.get("/notes", response_model=Page[ThreadOut], responses=answers(404, 422))
def list_notes(id: Id, session: ReadSession, who: AuthorDep, query: Annotated[NoteQuery, Query()]) -> Response:
    """List threads, newest first, with their answers; with `orphaned`, those whose group or edge is gone."""
    return answer(notes.page(session, who, id, query))


@router.post("/notes", status_code=201, response_model=NoteOut, responses=_MADE | answers(404, 422))
def post_note(id: Id, body: NoteIn, session: WriteSession, who: AuthorDep, notifier: PublisherDep) -> Response:
    """Start a thread on the circuit, a group or an edge."""
    note = store.post_note(session, who, id, body.on(), body.text)
    announce(session, notifier, id)
    return answer(notes.shown(note, who), 201, f"/circuits/{id}/notes/{note.id}")


@router.get("/notes/{note}", response_model=ThreadOut, responses=answers(404, 422))
def get_note(id: Id, note: NoteId, session: ReadSession, who: AuthorDep) -> Response:
    """Get the thread of a note."""
    return answer(notes.thread(session, who, id, note))


@router.post("/notes/{note}/answers", status_code=201, response_model=NoteOut, responses=_MADE | answers(404, 409, 422))
def answer_note(
    id: Id, note: NoteId, body: NoteText, session: WriteSession, who: AuthorDep, notifier: PublisherDep
) -> Response:
    """Answer a note."""
    found = store.answer_note(session, who, id, note, body.text)
    announce(session, notifier, id)
    return answer(notes.shown(found, who), 201, f"/circuits/{id}/notes/{found.id}")


@router.patch("/notes/{note}", response_model=NoteOut, responses=answers(403, 404, 422))
def edit_note(
    id: Id, note: NoteId, body: NoteText, session: WriteSession, who: AuthorDep, notifier: PublisherDep
) -> Response:
    """Edit your own note."""
    found = store.edit_note(session, who, id, note, body.text)
    announce(session, notifier, id)
    return answer(notes.shown(found, who))


@router.delete("/notes/{note}", status_code=204, responses=answers(403, 404, 422))
def remove_note(id: Id, note: NoteId, session: WriteSession, who: AuthorDep, notifier: PublisherDep) -> None:
    """Delete your own note. Its answers stay."""
    store.delete_note(session, who, id, note)
    announce(session, notifier, id)


@router.post("/notes/{note}/resolve", response_model=NoteOut, responses=answers(404, 422))
def resolve_note(id: Id, note: NoteId, session: WriteSession, who: AuthorDep, notifier: PublisherDep) -> Response:
    """Resolve a thread."""
    found = store.resolve_note(session, who, id, note, True)
    announce(session, notifier, id)
    return answer(notes.shown(found, who))


@router.post("/notes/{note}/reopen", response_model=NoteOut, responses=answers(404, 422))
def reopen_note(id: Id, note: NoteId, session: WriteSession, who: AuthorDep, notifier: PublisherDep) -> Response:
    """Reopen a thread."""
    found = store.resolve_note(session, who, id, note, False)
    announce(session, notifier, id)
    return answer(notes.shown(found, who))
