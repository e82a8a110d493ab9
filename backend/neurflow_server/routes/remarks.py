"""What people write at a circuit: labels of its groups, notes, and the stream of both."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Query, Response

from neurflow_server.answering import LOCATED, answer
from neurflow_server.authors import AuthorDep, GrantDep
from neurflow_server.dependencies import ChangesDep, PublisherDep, ReadSession, RequestId, WriteSession
from neurflow_server.events.streams import MEDIA_TYPE, CircuitStream
from neurflow_server.problems import ProblemResponse, answers
from neurflow_server.routes.groups import LayerName, Place
from neurflow_server.schemas.fields import Id, Page
from neurflow_server.schemas.labels import LabelChangeOut, LabelIn, LabelOut, LabelQuery
from neurflow_server.schemas.notes import NoteIn, NoteOut, NoteQuery, NoteText, ThreadOut
from neurflow_server.schemas.queries import PageQuery
from neurflow_server.services import labels, notes
from neurflow_server.services.changes import announce
from neurflow_store import ids
from neurflow_store.errors import Stale
from neurflow_store.repositories import circuits
from neurflow_store.sharing import notes as store
from neurflow_store.tables import Label

router = APIRouter(prefix="/circuits/{id}", tags=["notes"])
NoteId = Annotated[str, Path(pattern=ids.PATTERN, max_length=64, examples=["note-7k2m9x4t"])]
IfMatch = Annotated[str | None, Header(alias="If-Match", max_length=100, description="The version that was seen.")]
_MADE: dict[int | str, dict[str, Any]] = {201: LOCATED}
_STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Events: `ready` at first, then what changes.",
        "content": {
            MEDIA_TYPE: {
                "schema": {
                    "type": "object",
                    "properties": {
                        "event": {
                            "enum": ["ready", "label", "note", "result", "reset"],
                            "description": "`result`: it was computed again. `reset`: something was missed, read anew.",
                        },
                        "id": {"type": "string", "description": "The number of the change."},
                        "data": {
                            "type": "string",
                            "contentMediaType": "application/json",
                            "contentSchema": {"$ref": "#/components/schemas/CircuitChangeOut"},
                        },
                        "retry": {"type": "integer", "description": "Milliseconds before a client comes again."},
                    },
                }
            }
        },
    }
}
_STALE: dict[int | str, dict[str, Any]] = {
    409: {
        "description": "Somebody has written since.",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/StaleLabel"}}},
    }
}


@router.get("/labels", response_model=Page[LabelOut], responses=answers(404, 422))
def list_labels(id: Id, session: ReadSession, query: Annotated[LabelQuery, Query()]) -> Response:
    """What its groups are called; with `orphaned` the labels whose groups are gone."""
    return answer(labels.page(session, id, query))


@router.put("/groups/{layer}/{number}/label", response_model=LabelOut, responses=_STALE | answers(404, 422))
def put_label(
    id: Id,
    layer: LayerName,
    number: Place,
    body: LabelIn,
    session: WriteSession,
    who: AuthorDep,
    word: PublisherDep,
    request_id: RequestId,
    if_match: IfMatch = None,
) -> Response:
    """Calls a group something, or nothing. Who wrote what before stays in its history."""
    try:
        found = labels.put(session, who, id, f"{layer}/{number}", body, if_match)
    except Stale as error:
        present = labels.shown(error.present) if isinstance(error.present, Label) else None
        shown = None if present is None else present.model_dump(mode="json")
        title = "Somebody has written since"
        return ProblemResponse(409, "stale", title, str(error), request_id, present=shown)
    announce(session, word, id)
    return answer(found)


@router.get("/groups/{layer}/{number}/label/history", response_model=Page[LabelChangeOut], responses=answers(404, 422))
def list_label_history(
    id: Id, layer: LayerName, number: Place, session: ReadSession, query: Annotated[PageQuery, Query()]
) -> Response:
    """What a group was called, by whom and when, the newest first."""
    return answer(labels.history(session, id, layer, number, query.cursor, query.limit))


@router.get("/notes", response_model=Page[ThreadOut], responses=answers(404, 422))
def list_notes(id: Id, session: ReadSession, who: AuthorDep, query: Annotated[NoteQuery, Query()]) -> Response:
    """Its threads, the newest first, each with its answers; with `orphaned` those whose group or edge is gone."""
    return answer(notes.page(session, who, id, query))


@router.post("/notes", status_code=201, response_model=NoteOut, responses=_MADE | answers(404, 422))
def post_note(id: Id, body: NoteIn, session: WriteSession, who: AuthorDep, word: PublisherDep) -> Response:
    """Begins a thread on the circuit, a group or an edge."""
    note = store.post_note(session, who, id, body.on(), body.text)
    announce(session, word, id)
    return answer(notes.shown(note, who), 201, f"/circuits/{id}/notes/{note.id}")


@router.get("/notes/{note}", response_model=ThreadOut, responses=answers(404, 422))
def get_note(id: Id, note: NoteId, session: ReadSession, who: AuthorDep) -> Response:
    """The thread of a note."""
    return answer(notes.thread(session, who, id, note))


@router.post("/notes/{note}/answers", status_code=201, response_model=NoteOut, responses=_MADE | answers(404, 409, 422))
def answer_note(
    id: Id, note: NoteId, body: NoteText, session: WriteSession, who: AuthorDep, word: PublisherDep
) -> Response:
    """Answers a note."""
    found = store.answer_note(session, who, id, note, body.text)
    announce(session, word, id)
    return answer(notes.shown(found, who), 201, f"/circuits/{id}/notes/{found.id}")


@router.patch("/notes/{note}", response_model=NoteOut, responses=answers(403, 404, 422))
def edit_note(
    id: Id, note: NoteId, body: NoteText, session: WriteSession, who: AuthorDep, word: PublisherDep
) -> Response:
    """Writes one's own note anew."""
    found = store.edit_note(session, who, id, note, body.text)
    announce(session, word, id)
    return answer(notes.shown(found, who))


@router.delete("/notes/{note}", status_code=204, responses=answers(403, 404, 422))
def remove_note(id: Id, note: NoteId, session: WriteSession, who: AuthorDep, word: PublisherDep) -> None:
    """Deletes one's own note. What answers it stays."""
    store.delete_note(session, who, id, note)
    announce(session, word, id)


@router.post("/notes/{note}/resolve", response_model=NoteOut, responses=answers(404, 422))
def resolve_note(id: Id, note: NoteId, session: WriteSession, who: AuthorDep, word: PublisherDep) -> Response:
    """Says that a thread is settled."""
    found = store.resolve_note(session, who, id, note, True)
    announce(session, word, id)
    return answer(notes.shown(found, who))


@router.post("/notes/{note}/reopen", response_model=NoteOut, responses=answers(404, 422))
def reopen_note(id: Id, note: NoteId, session: WriteSession, who: AuthorDep, word: PublisherDep) -> Response:
    """Says that a thread is not settled after all."""
    found = store.resolve_note(session, who, id, note, False)
    announce(session, word, id)
    return answer(notes.shown(found, who))


watching = APIRouter(prefix="/circuits/{id}", tags=["events"])
"""Of its own, for the document: an answer that does not end."""

LastEventId = Annotated[
    str | None,
    Header(alias="Last-Event-ID", max_length=64, description="The number of the last change that the client knows."),
]


@watching.get("/changes", status_code=200, response_class=CircuitStream, responses=_STREAM | answers(404, 422))
def watch_circuit(
    id: Id, session: ReadSession, changes: ChangesDep, grant: GrantDep, last_event_id: LastEventId = None
) -> Response:
    """New labels and notes as they come. Read the lists after `ready`, then nothing is missed."""
    circuits.require(session, id)
    known = last_event_id is not None and last_event_id.isdecimal() and len(last_event_id) < 10
    return CircuitStream(changes, id, int(last_event_id or 0) if known else None, grant)
