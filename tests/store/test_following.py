"""Labels and notes after a circuit is recomputed, on each kind of database."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy.orm import Session

from neurflow_store.installation.database import Database
from neurflow_store.repositories import changes
from neurflow_store.repositories import notes as reads
from neurflow_store.sharing import following, labels, notes
from neurflow_store.sharing.author import Author
from neurflow_store.sharing.notes import Subject
from neurflow_store.tables import ChangeKind, CircuitLayer, Edge, Exemplar, Group
from tests.store import rows

CIRCUIT = "cat-00000"
ME = Author(None, "Me", admin=True)
Rows = dict[Any, list[dict[str, Any]]]


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.writing() as opened:
        rows.add_basis(opened)
        rows.add_circuit(opened, CIRCUIT)
        yield opened


def result(groups: dict[str, list[int]], edges: list[tuple[str, str]]) -> Rows:
    """Return the rows of a result of two layers, with an exemplar of each group."""
    layer: dict[str, Any] = {"channels": 99, "shape": [99, 1, 1], "sprite": None, "tile": None}
    made: Rows = {CircuitLayer: [layer | {"position": n, "name": f"layer{n}"} for n in range(2)]}
    flow = {"contribution": 0.0, "logit_drop": None, "held_out": 0, "silhouette": None}
    made[Group] = [
        flow | {"id": id, "layer": int(id[5]), "number": int(id[7:]), "neurons": neurons}
        for id, neurons in groups.items()
    ]
    box = {"rank": 0, "patch": 0, "left": 0, "top": 0, "right": 8, "bottom": 8, "activation": 1.0, "heat_map": None}
    made[Exemplar] = [box | {"group_id": id, "image": f"{id[7:]}.png", "picture": rows.digest(id)} for id in groups]
    weights = {"weight": 1.0, "positive": 1.0, "negative": 0.0, "links": None, "patches": None}
    made[Edge] = [weights | {"source": source, "target": target} for source, target in edges]
    return made


def compute(session: Session, groups: dict[str, list[int]], *edges: tuple[str, str]) -> None:
    following.replace_result(session, CIRCUIT, {"engine_version": "1"}, result(groups, list(edges)))


def test_labels_move_with_their_groups(session: Session) -> None:
    compute(session, {"layer0/0": [1, 2], "layer0/1": [5]})
    labels.put_label(session, ME, CIRCUIT, "layer0/0", name="ears")
    labels.put_label(session, ME, CIRCUIT, "layer0/1", name="noses")
    compute(session, {"layer0/0": [5], "layer0/1": [1, 2, 3]})
    found = {label.group_id: label.name for label in reads.labels(session, CIRCUIT, False, None, 10).items}
    assert found == {"layer0/0": "noses", "layer0/1": "ears"}
    assert [line.name for line in reads.history(session, CIRCUIT, "layer0/1", None, 10).items] == ["ears"]


def test_labels_and_notes_without_a_group_are_kept_as_lost(session: Session) -> None:
    compute(session, {"layer0/0": [1, 2]})
    labels.put_label(session, ME, CIRCUIT, "layer0/0", name="ears")
    note = notes.post_note(session, ME, CIRCUIT, Subject(group="layer0/0"), "Look")
    answer = notes.answer_note(session, ME, CIRCUIT, note.id, "I do")
    about = notes.post_note(session, ME, CIRCUIT, Subject(), "All of it")
    compute(session, {"layer0/0": [8, 9]})
    assert reads.labels(session, CIRCUIT, False, None, 10).items == []
    (label,) = reads.labels(session, CIRCUIT, True, None, 10).items
    assert (label.name, label.group_id, label.former) == ("ears", None, {"layer0/0": [1, 2]})
    assert label.orphaned_at is not None
    assert reads.threads(session, CIRCUIT).items == [about]
    (kept,) = reads.threads(session, CIRCUIT, orphaned=True).items
    assert (kept.id, kept.group_id, kept.former) == (note.id, "layer0/0", {"layer0/0": [1, 2]})
    assert answer.orphaned_at == kept.orphaned_at
    labels.put_label(session, ME, CIRCUIT, "layer0/0", name="paws", version=0)
    compute(session, {"layer0/0": [1, 2]})
    assert len(reads.labels(session, CIRCUIT, True, None, 10).items) == 2


def test_a_note_on_an_edge_moves_with_both_ends(session: Session) -> None:
    compute(
        session, {"layer0/0": [1], "layer0/1": [2], "layer1/0": [3]}, ("layer0/0", "layer1/0"), ("layer0/1", "layer1/0")
    )
    first = notes.post_note(session, ME, CIRCUIT, Subject(source="layer0/0", target="layer1/0"), "one")
    second = notes.post_note(session, ME, CIRCUIT, Subject(source="layer0/1", target="layer1/0"), "two")
    compute(session, {"layer0/4": [1], "layer0/5": [2], "layer1/7": [3]}, ("layer0/4", "layer1/7"))
    assert (first.source, first.target, first.orphaned_at) == ("layer0/4", "layer1/7", None)
    assert second.former == {"layer0/1": [2], "layer1/0": [3]}
    assert reads.threads(session, CIRCUIT, edge=("layer0/4", "layer1/7")).items == [first]


def test_layers_are_matched_by_name(session: Session) -> None:
    compute(session, {"layer0/0": [1]})
    labels.put_label(session, ME, CIRCUIT, "layer0/0", name="ears")
    again = result({"layer0/0": [1]}, [])
    again[CircuitLayer][0]["name"], again[CircuitLayer][1]["name"] = "layer9", "layer0"
    again[Group][0]["layer"] = 1
    following.replace_result(session, CIRCUIT, {"engine_version": "1"}, again)
    assert [label.group_id for label in reads.labels(session, CIRCUIT, False, None, 10).items] == ["layer0/0"]


def test_followers_are_told_of_a_new_result(session: Session) -> None:
    compute(session, {"layer0/0": [1]})
    compute(session, {"layer0/0": [1]})
    assert [row.kind for row in changes.since(session, {CIRCUIT: 0})] == [ChangeKind.RESULT] * 2
