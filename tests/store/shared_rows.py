"""Rows of shared things: a view with its link, a label, a note with an answer."""

from __future__ import annotations

from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from neurflow_store import tables
from neurflow_store.sharing.links import digest_of
from neurflow_store.tables import ChangeKind, JobKind, JobState, NoteSubject
from tests.store.rows import START, add_job

VIEW = "ears-00000"
NOTE = "note-00000"
ANSWER = "note-00001"
LINK = "0123456789"
TOKEN = "A" * 32


def add_view(session: Session, id: str = VIEW, circuit: str = "cat-00000", **values: Any) -> str:
    """Add a view of a circuit; return its id."""
    row: dict[str, Any] = {"id": id, "name": "Ears", "description": "", "circuit_id": circuit, "state": ""}
    row |= {"state_version": 1, "created_at": START, "changed_at": START}
    session.execute(insert(tables.View), [row | values])
    return id


def add_note(session: Session, id: str = NOTE, circuit: str = "cat-00000", **values: Any) -> str:
    """Add a note on a circuit; return its id."""
    row: dict[str, Any] = {"id": id, "circuit_id": circuit, "subject": NoteSubject.CIRCUIT, "text": "Look"}
    session.execute(insert(tables.Note), [row | {"author_name": "Anna", "created_at": START} | values])
    return id


def add_sharing(session: Session, circuit: str = "cat-00000") -> None:
    """Add everything that can be shared of a circuit."""
    add_view(session, circuit=circuit)
    picture: dict[str, Any] = {"view_id": VIEW, "picture": b"RIFF", "width": 1, "height": 1, "changed_at": START}
    session.execute(insert(tables.ViewPicture), [picture])
    link: dict[str, Any] = {
        "id": LINK,
        "view_id": VIEW,
        "digest": digest_of(TOKEN),
        "may_comment": True,
        "anonymous": True,
    }
    session.execute(insert(tables.ShareLink), [link | {"created_at": START}])
    said: dict[str, Any] = {"name": "ears", "description": "", "version": 1, "user_name": "Anna", "changed_at": START}
    label = {"id": 1, "circuit_id": circuit, "group_id": "layer1/0"}
    session.execute(insert(tables.Label), [label | said])
    session.execute(insert(tables.LabelChange), [{"label_id": 1} | said])
    add_note(session, circuit=circuit)
    add_note(session, ANSWER, circuit, thread_id=NOTE)
    change = {"circuit_id": circuit, "number": 1, "kind": ChangeKind.NOTE, "about": NOTE}
    session.execute(insert(tables.CircuitChange), [change])


def add_analysis(session: Session, id: str, circuit: str) -> str:
    """Add a queued analysis; return its id."""
    job = add_job(session, id, JobKind.ANALYSE, JobState.QUEUED)
    row: dict[str, Any] = {"id": id, "circuit_id": circuit, "name": id, "source": "upload", "job_id": job}
    session.execute(insert(tables.Analysis), [row | {"created_at": START}])
    return id
