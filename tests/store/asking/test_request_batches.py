"""The circuits of many classes in one request: a job a class, all or none."""

from __future__ import annotations

import pytest

from neurflow_store.errors import BadValue
from neurflow_store.installation.database import Database
from neurflow_store.repositories import requests as queries
from neurflow_store.tables import (
    Circuit,
    Dataset,
    Network,
)
from tests.services.fixtures import RecordingBell
from tests.store import rows
from tests.store.circuit_requests import ask, batch, count, job_count, together


@pytest.fixture(autouse=True)
def _basis(database: Database) -> None:
    with database.writing() as session:
        rows.add_network(session)
        rows.add_dataset(session)


def test_batches_at_the_same_moment_do_not_block_each_other(database: Database, bell: RecordingBell) -> None:
    problems = together(
        lambda: batch(database, bell, ["cat", "dog", "fox"]),
        lambda: batch(database, bell, ["fox", "dog", "cat"]),
        lambda: ask(database, bell, "dog"),
    )
    assert problems == []
    assert (count(database, Circuit), job_count(database), len(bell.rung)) == (3, 3, 3)


def test_a_batch_is_one_job_a_class(database: Database, bell: RecordingBell) -> None:
    ask(database, bell, "dog")
    asked = batch(database, bell, ["fox", "Dog", "cat", "FOX"])
    assert [(circuit.class_name, begun) for circuit, begun in asked] == [("fox", True), ("dog", False), ("cat", True)]
    assert len(bell.rung) == 3


def test_a_batch_of_all_takes_the_classes_that_the_data_set_names(database: Database, bell: RecordingBell) -> None:
    with database.writing() as session:
        session.get_one(Network, rows.NETWORK).classes = ["fox, red fox", "bird", "cat"]
    assert [circuit.class_name for circuit, _ in batch(database, bell, None)] == ["fox, red fox", "cat"]


def test_a_batch_of_all_takes_all_classes_where_nothing_is_labelled(database: Database, bell: RecordingBell) -> None:
    with database.writing() as session:
        session.get_one(Dataset, rows.DATASET).classes = []
    assert [circuit.class_name for circuit, _ in batch(database, bell, None)] == ["cat", "dog", "fox"]


def test_a_batch_of_nothing_is_refused(database: Database, bell: RecordingBell) -> None:
    with pytest.raises(BadValue, match="no class is asked for: list some in classes"):
        batch(database, bell, [])
    with database.writing() as session:
        session.get_one(Network, rows.NETWORK).classes = ["n01440764"]
    with pytest.raises(BadValue, match="no class is asked for"):
        batch(database, bell, None)


def test_a_large_batch_is_known_again(database: Database, bell: RecordingBell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "_AT_ONCE", 50)
    names = [f"class {number}" for number in range(120)]
    with database.writing() as session:
        session.get_one(Network, rows.NETWORK).classes = names
        session.get_one(Dataset, rows.DATASET).classes = []
    assert all(begun for _, begun in batch(database, bell, names))
    assert not any(begun for _, begun in batch(database, bell, names))
    assert count(database, Circuit) == job_count(database) == len(bell.rung) == 120
