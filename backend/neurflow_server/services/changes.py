"""What changed about circuits, as those who look at them are told: with the label or the note as it is now."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from pydantic_core import to_json
from sqlalchemy.orm import Session

from neurflow_server.events.circuit_follower import Told
from neurflow_server.services import labels, notes
from neurflow_store.installation.database import after_commit
from neurflow_store.installation.events import CHANGES, Publisher
from neurflow_store.repositories import changes
from neurflow_store.repositories import notes as reads
from neurflow_store.tables import ChangeKind


def announce(session: Session, word: Publisher, circuit_id: str) -> None:
    """Has those who look told, when this transaction is committed."""
    after_commit(session, partial(word.changed, circuit_id, CHANGES))


def told_since(session: Session, known: Mapping[str, int]) -> list[Told]:
    """The changes of circuits after the number that is known of each, in order."""
    rows = changes.since(session, known)
    wanted = {row.about for row in rows if row.kind is ChangeKind.NOTE}
    found = {note.id: note for note in reads.notes_of(session, wanted)} if wanted else {}
    groups: dict[str, set[str]] = {}
    for row in rows:
        if row.kind is ChangeKind.LABEL:
            groups.setdefault(row.circuit_id, set()).add(row.about)
    named = {
        (circuit_id, label.group_id): label
        for circuit_id, ids in groups.items()
        for label in reads.labels_of(session, circuit_id, ids)
    }
    told = []
    for row in rows:
        content: dict[str, object] = {"number": row.number}
        if row.kind is ChangeKind.NOTE:
            note = found.get(row.about)
            content |= {"id": row.about, "note": None if note is None else notes.shown(note, None)}
        elif row.kind is ChangeKind.LABEL:
            label = named.get((row.circuit_id, row.about))
            content |= {"group": row.about, "label": labels.shown(label) if label is not None and label.name else None}
        told.append(Told(row.circuit_id, row.number, row.kind, row.about, to_json(content).decode()))
    return told
