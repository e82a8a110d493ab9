"""Circuits of many classes in one request: one job for each class, all or none."""

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
from tests.services.fixtures import RecordingAnnouncer
from tests.store import rows
from tests.store.circuit_requests import ask, batch, count, job_count, together


@pytest.fixture(autouse=True)
def _basis(database: Database) -> None:
    with database.writing() as session:
        rows.add_network(session)
        rows.add_dataset(session)


def test_concurrent_batches_do_not_block_each_other(database: Database, announcer: RecordingAnnouncer) -> None:
    problems = together(
        lambda: batch(database, announcer, ["cat", "dog", "fox"]),
        lambda: batch(database, announcer, ["fox", "dog", "cat"]),
        lambda: ask(database, announcer, "dog"),
    )
    assert problems == []
    assert (count(database, Circuit), job_count(database), len(announcer.announced)) == (3, 3, 3)


def test_a_batch_makes_one_job_for_each_class(database: Database, announcer: RecordingAnnouncer) -> None:
    ask(database, announcer, "dog")
    asked = batch(database, announcer, ["fox", "Dog", "cat", "FOX"])
    assert [(circuit.class_name, begun) for circuit, begun in asked] == [("fox", True), ("dog", False), ("cat", True)]
    assert len(announcer.announced) == 3


def test_a_batch_of_all_classes_takes_those_that_the_data_set_names(
    database: Database, announcer: RecordingAnnouncer
) -> None:
    with database.writing() as session:
        session.get_one(Network, rows.NETWORK).classes = ["fox, red fox", "bird", "cat"]
    assert [circuit.class_name for circuit, _ in batch(database, announcer, None)] == ["fox, red fox", "cat"]


def test_a_batch_of_all_classes_takes_all_if_the_data_set_has_no_labels(
    database: Database, announcer: RecordingAnnouncer
) -> None:
    with database.writing() as session:
        session.get_one(Dataset, rows.DATASET).classes = []
    assert [circuit.class_name for circuit, _ in batch(database, announcer, None)] == ["cat", "dog", "fox"]


def test_an_empty_batch_is_refused(database: Database, announcer: RecordingAnnouncer) -> None:
    with pytest.raises(BadValue, match="classes is empty: list at least one class"):
        batch(database, announcer, [])
    with database.writing() as session:
        session.get_one(Network, rows.NETWORK).classes = ["n01440764"]
    with pytest.raises(BadValue, match="the data set shares no class with the network"):
        batch(database, announcer, None)


def test_a_repeated_large_batch_returns_the_same_circuits(
    database: Database, announcer: RecordingAnnouncer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "_AT_ONCE", 50)
    names = [f"class {number}" for number in range(120)]
    with database.writing() as session:
        session.get_one(Network, rows.NETWORK).classes = names
        session.get_one(Dataset, rows.DATASET).classes = []
    assert all(begun for _, begun in batch(database, announcer, names))
    assert not any(begun for _, begun in batch(database, announcer, names))
    assert count(database, Circuit) == job_count(database) == len(announcer.announced) == 120
