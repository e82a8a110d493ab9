"""Recomputing a circuit: the new result replaces the old one, and labels and notes follow their groups.

1. Before the old result is deleted: collect the groups that labels or notes belong to.
2. After the new one is saved: move each label and note to the group that :func:`matching.matched` finds, and each note
   on an edge to the edge between the two groups found, if there is one.
3. Keep what cannot be placed, with the time and the id and neurons of each group that it was about.
4. Notify everyone who follows the circuit that it was computed again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from neurflow_store.clock import now
from neurflow_store.repositories import changes, results
from neurflow_store.repositories.results import Rows
from neurflow_store.sharing.matching import Box, Known, matched
from neurflow_store.tables import (
    ChangeKind,
    CircuitLayer,
    Edge,
    Exemplar,
    Group,
    Label,
    Note,
    NoteSubject,
)


def replace_result(session: Session, circuit_id: str, columns: Mapping[str, Any], rows: Rows) -> None:
    """Replace a circuit's result. Labels and notes move with their groups.

    Args:
        session: of ``Database.writing()``.
        circuit_id: the circuit's id.
        columns: the circuit's columns.
        rows: its parts, without ``circuit_id``.

    Raises:
        NotFound: the circuit was deleted.
    """
    # First of all: this locks the circuit's row, so that nobody writes a label in between.
    results.save_circuit(session, circuit_id, columns)
    before = known_groups(session, circuit_id)
    results.replace_parts(session, circuit_id, rows)
    follow(session, circuit_id, before, rows)


def known_groups(session: Session, circuit_id: str) -> list[Known]:
    """Return the groups of a circuit's current result that have labels or notes."""
    if not (_labels(session, circuit_id) or _notes(session, circuit_id)):
        return []
    mine = Exemplar.circuit_id == circuit_id
    boxes: dict[str, set[Box]] = defaultdict(set)
    columns = (Exemplar.group_id, Exemplar.image, Exemplar.left, Exemplar.top, Exemplar.right, Exemplar.bottom)
    for group_id, image, left, top, right, bottom in session.execute(select(*columns).where(mine)):
        boxes[group_id].add((image, left, top, right, bottom))
    joined = (CircuitLayer.circuit_id == Group.circuit_id) & (CircuitLayer.position == Group.layer)
    rows = session.execute(
        select(Group.id, CircuitLayer.name, Group.neurons)
        .join(CircuitLayer, joined)
        .where(Group.circuit_id == circuit_id)
        .order_by(Group.layer, Group.number)
    )
    return [Known(id, layer, frozenset(neurons), frozenset(boxes[id])) for id, layer, neurons in rows]


def follow(session: Session, circuit_id: str, before: Sequence[Known], rows: Rows) -> None:
    """Move labels and notes to their groups in the new result.

    Args:
        session: of ``Database.writing()``, which has locked the circuit's row.
        circuit_id: the circuit's id.
        before: from :func:`known_groups`.
        rows: the new result's.
    """
    if before:
        found = matched(before, _known(rows))
        neurons = {group.id: sorted(group.neurons) for group in before}
        moment = now()
        _move_labels(_labels(session, circuit_id), found, neurons, moment, session)
        edges = {(row["source"], row["target"]) for row in rows.get(Edge, ())}
        for note in _notes(session, circuit_id):
            if not _moved(note, found, edges):
                ends = (note.group_id, note.source, note.target)
                note.former = {id: neurons.get(id, []) for id in ends if id is not None}
                note.orphaned_at = moment
        session.flush()
    changes.note(session, circuit_id, ChangeKind.RESULT, circuit_id)


def _move_labels(
    labels: Sequence[Label],
    found: Mapping[str, str],
    neurons: Mapping[str, list[int]],
    moment: datetime,
    session: Session,
) -> None:
    """Detach all labels first: two labels that swap groups would collide."""
    former = {label.id: label.group_id or "" for label in labels}
    for label in labels:
        label.group_id = None
    session.flush()
    for label in labels:
        old = former[label.id]
        label.group_id = found.get(old)
        if label.group_id is None:
            label.former, label.orphaned_at = {old: neurons.get(old, [])}, moment
    session.flush()


def _moved(note: Note, found: Mapping[str, str], edges: set[tuple[str, str]]) -> bool:
    if note.subject is NoteSubject.GROUP:
        new = found.get(note.group_id or "")
        note.group_id = new or note.group_id
        return new is not None
    source, target = found.get(note.source or ""), found.get(note.target or "")
    if source is None or target is None or (source, target) not in edges:
        return False
    note.source, note.target = source, target
    return True


def _labels(session: Session, circuit_id: str) -> Sequence[Label]:
    mine = (Label.circuit_id == circuit_id, Label.group_id.is_not(None))
    return session.scalars(select(Label).where(*mine).execution_options(populate_existing=True)).all()


def _notes(session: Session, circuit_id: str) -> Sequence[Note]:
    hangs = (Note.subject != NoteSubject.CIRCUIT, Note.orphaned_at.is_(None))
    statement = select(Note).where(Note.circuit_id == circuit_id, *hangs)
    return session.scalars(statement.execution_options(populate_existing=True)).all()


def _known(rows: Rows) -> list[Known]:
    layers = {row["position"]: row["name"] for row in rows.get(CircuitLayer, ())}
    boxes: dict[str, set[Box]] = defaultdict(set)
    for row in rows.get(Exemplar, ()):
        boxes[row["group_id"]].add((row["image"], row["left"], row["top"], row["right"], row["bottom"]))
    groups = sorted(rows.get(Group, ()), key=lambda row: (row["layer"], row["number"]))
    return [
        Known(row["id"], layers[row["layer"]], frozenset(row["neurons"]), frozenset(boxes[row["id"]])) for row in groups
    ]
