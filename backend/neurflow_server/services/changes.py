"""Changes of circuits for those who follow them, with the label or note in its current state."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from pydantic_core import to_json
from sqlalchemy.orm import Session

from neurflow_server.events.circuit_follower import ChangeEvent
from neurflow_server.services import labels, notes
from neurflow_store.installation.database import after_commit
from neurflow_store.installation.events import CHANGES, Publisher
from neurflow_store.repositories import changes
from neurflow_store.repositories import notes as reads
from neurflow_store.tables import ChangeKind


def announce(session: Session, notifier: Publisher, circuit_id: str) -> None:
    """Notify followers when this transaction is committed."""
    after_commit(session, partial(notifier.changed, circuit_id, CHANGES))


def changes_since(session: Session, known: Mapping[str, int]) -> list[ChangeEvent]:
    """Return the changes of circuits after the last known number of each, in order."""
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
    events = []
    for row in rows:
        content: dict[str, object] = {"number": row.number}
        if row.kind is ChangeKind.NOTE:
            note = found.get(row.about)
            content |= {"id": row.about, "note": None if note is None else notes.shown(note, None)}
        elif row.kind is ChangeKind.LABEL:
            label = named.get((row.circuit_id, row.about))
            content |= {"group": row.about, "label": labels.shown(label) if label is not None and label.name else None}
        events.append(ChangeEvent(row.circuit_id, row.number, row.kind, row.about, to_json(content).decode()))
    return events
