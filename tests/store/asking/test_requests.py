"""Requests for circuits: the same request returns the same circuit and job, also at the same time."""

from __future__ import annotations

from typing import Any

import pytest

from neurflow_store.asking import requests
from neurflow_store.asking.trace_parameters import TraceParameters
from neurflow_store.errors import BadValue, Conflict, NotFound
from neurflow_store.installation.database import Database
from neurflow_store.jobs import queue
from neurflow_store.repositories import requests as queries
from neurflow_store.repositories.requests import free_id
from neurflow_store.tables import (
    Circuit,
    Dataset,
    JobKind,
    JobState,
    Network,
    Queue,
)
from tests.services.fixtures import RecordingAnnouncer
from tests.store import rows
from tests.store.circuit_requests import ask, batch, claim, count, end, job_count, together


@pytest.fixture(autouse=True)
def _basis(database: Database) -> None:
    with database.writing() as session:
        rows.add_network(session)
        rows.add_dataset(session)


def test_a_requested_circuit_has_a_job(database: Database, announcer: RecordingAnnouncer) -> None:
    circuit, begun = ask(database, announcer, request_id="r1")
    assert begun
    assert announcer.announced == [(Queue.CIRCUITS, circuit.job_id)]
    assert circuit.id.startswith("cat-")
    assert (circuit.name, circuit.class_name) == ("cat", "cat")
    assert circuit.parameters == TraceParameters().model_dump(mode="json")
    with database.reading() as session:
        job = queue.find(session, circuit.job_id)
        assert (job.kind, job.subject, job.state, job.request_id) == (JobKind.TRACE, circuit.id, JobState.QUEUED, "r1")


@pytest.mark.parametrize("state", [JobState.QUEUED, JobState.RUNNING, JobState.SUCCEEDED])
def test_the_same_request_is_the_same_circuit_and_job(
    database: Database, announcer: RecordingAnnouncer, state: JobState
) -> None:
    first, _ = ask(database, announcer, name="Mine")
    if state is JobState.RUNNING:
        claim(database, first.job_id)
    elif state is JobState.SUCCEEDED:
        end(database, first.job_id, state)
    again, begun = ask(database, announcer, "Cat", parameters=TraceParameters(images=50), name="Yours")
    assert not begun
    assert (again.id, again.job_id, again.name) == (first.id, first.job_id, "Mine")
    assert len(announcer.announced) == 1


@pytest.mark.parametrize("state", [JobState.FAILED, JobState.CANCELLED])
def test_a_failed_or_cancelled_circuit_gets_a_new_job(
    database: Database, announcer: RecordingAnnouncer, state: JobState
) -> None:
    first, _ = ask(database, announcer)
    end(database, first.job_id, state)
    again, begun = ask(database, announcer)
    assert begun
    assert again.id == first.id
    assert again.job_id != first.job_id
    assert announcer.announced[1:] == [(Queue.CIRCUITS, again.job_id)]


def test_a_circuit_that_is_being_cancelled_gets_a_new_job(database: Database, announcer: RecordingAnnouncer) -> None:
    first, _ = ask(database, announcer)
    claim(database, first.job_id)
    with database.writing() as session:
        queue.cancel(session, first.job_id)
    again, begun = ask(database, announcer)
    assert begun
    assert again.job_id != first.job_id
    assert not ask(database, announcer)[1]


@pytest.mark.parametrize("values", [{"class_name": "dog"}, {"parameters": TraceParameters(images=10)}])
def test_a_different_request_is_a_different_circuit(
    database: Database, announcer: RecordingAnnouncer, values: dict[str, Any]
) -> None:
    first, _ = ask(database, announcer)
    other, begun = ask(database, announcer, **values)
    assert begun
    assert other.id != first.id


def test_concurrent_requests_make_one_circuit_and_one_job(database: Database, announcer: RecordingAnnouncer) -> None:
    found: list[tuple[str, bool]] = []

    def once() -> None:
        circuit, begun = ask(database, announcer)
        found.append((circuit.id, begun))

    assert together(*[once] * 8) == []
    assert len({id for id, _ in found}) == 1
    assert sorted(begun for _, begun in found) == [False] * 7 + [True]
    assert (count(database, Circuit), job_count(database), len(announcer.announced)) == (1, 1, 1)


def test_concurrent_requests_for_a_failed_circuit_make_one_job(
    database: Database, announcer: RecordingAnnouncer
) -> None:
    first, _ = ask(database, announcer)
    end(database, first.job_id, JobState.FAILED)

    def again() -> None:
        with database.writing() as session:
            requests.recompute(session, announcer, first.id)

    problems = together(*[lambda: ask(database, announcer)] * 3, *[again] * 3)
    assert all(isinstance(problem, Conflict) for problem in problems)
    assert job_count(database) == 2


def test_the_database_refuses_two_circuits_with_one_key(database: Database, announcer: RecordingAnnouncer) -> None:
    circuit, _ = ask(database, announcer)
    with database.writing() as session, pytest.raises(Exception, match=r"(?i)unique"), session.begin_nested():
        rows.add_circuit(session, "cat-copy0", state=JobState.QUEUED, content_key=circuit.content_key)


@pytest.mark.parametrize("table", [Network, Dataset])
@pytest.mark.parametrize(
    ("state", "says"), [(JobState.QUEUED, "its job queued"), (JobState.FAILED, "its job failed, made up")]
)
def test_uninspected_networks_and_data_sets_cannot_be_traced(
    database: Database, announcer: RecordingAnnouncer, table: type[Any], state: JobState, says: str
) -> None:
    with database.writing() as session:
        add = rows.add_network if table is Network else rows.add_dataset
        id = add(session, "new", state=state)
    word = "network" if table is Network else "data set"
    where = {"network_id": id} if table is Network else {"dataset_id": id}
    for attempt in (lambda: ask(database, announcer, **where), lambda: batch(database, announcer, None, **where)):
        with pytest.raises(Conflict, match=f"{word} 'new' has not been inspected yet: {says}"):
            attempt()
    assert count(database, Circuit) == 0


def test_missing_networks_and_data_sets_cannot_be_traced(database: Database, announcer: RecordingAnnouncer) -> None:
    with pytest.raises(NotFound, match="no network 'missing'"):
        ask(database, announcer, network_id="missing")
    with pytest.raises(NotFound, match="no data set 'missing'"):
        ask(database, announcer, dataset_id="missing")
    with database.writing() as session:
        for act in (
            requests.delete,
            lambda s, i: requests.rename(s, i, "x"),
            lambda s, i: requests.recompute(s, announcer, i),
        ):
            with pytest.raises(NotFound, match="no circuit 'missing'"):
                act(session, "missing")


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("bird", r"no class 'bird'\. Its classes are cat, dog, fox"),
        ("foxx", r"no class 'foxx'\. Did you mean fox\?"),
        ("", "no class ''"),
        ("#3", "no output #3: its outputs are #0 to #2"),
        ("#" + "9" * 400, "no class '#9"),
        ("c\0t", r"no class 'c\\x00t'"),
    ],
)
def test_a_class_that_cannot_be_found_is_refused(
    database: Database, announcer: RecordingAnnouncer, name: str, says: str
) -> None:
    with pytest.raises(BadValue, match=says):
        ask(database, announcer, name)
    with pytest.raises(BadValue, match=says):
        batch(database, announcer, ["cat", name])
    assert count(database, Circuit) == 0


def test_classes_with_the_same_name_are_told_apart_by_their_number(
    database: Database, announcer: RecordingAnnouncer
) -> None:
    with database.writing() as session:
        session.get_one(Network, rows.NETWORK).classes = ["crane", "cat", "crane"]
        session.get_one(Dataset, rows.DATASET).class_map = {"dog": "#0", "fox": "#2"}
    with pytest.raises(BadValue, match="class 'crane' is ambiguous: write #0 or #2"):
        ask(database, announcer, "crane")
    bird, machine, cat = (ask(database, announcer, name)[0] for name in ("#0", "#2", "#1"))
    assert (bird.class_name, bird.name) == ("#0", "crane (#0)")
    assert bird.id.startswith("crane-0-")
    assert bird.id != machine.id
    assert cat.class_name == "cat"
    assert [c.class_name for c, _ in batch(database, announcer, None)] == ["#0", "cat", "#2"]
    with database.writing() as session:
        session.get_one(Dataset, rows.DATASET).class_map = {}
    assert [c.class_name for c, _ in batch(database, announcer, None)] == ["cat"]


def test_an_id_gets_longer_if_it_is_in_use(
    database: Database, announcer: RecordingAnnouncer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "new_id", lambda name, length: f"{name}-{'7' * length}")
    first, second = ask(database, announcer)[0], ask(database, announcer, parameters=TraceParameters(seed=1))[0]
    assert (first.id, second.id) == ("cat-77777", "cat-777777")
    with database.reading() as session:
        assert free_id(session, Network, "cat") == "cat-77777"
