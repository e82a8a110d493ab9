"""Existing circuits: recomputed, renamed and deleted, with or without a worker on them."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from neurflow_store.artifacts import digest_of
from neurflow_store.asking import content_key, requests
from neurflow_store.asking.trace_parameters import TraceParameters
from neurflow_store.clock import now
from neurflow_store.errors import BadValue, Conflict, LeaseLost, NotFound
from neurflow_store.installation.database import Database
from neurflow_store.jobs import lease
from neurflow_store.repositories import artifacts
from neurflow_store.sharing import following
from neurflow_store.tables import (
    Circuit,
    CircuitLayer,
    Edge,
    Exemplar,
    Group,
    Job,
    JobKind,
    JobState,
    Network,
    Neuron,
    Queue,
    SemanticGroup,
)
from tests.services.fixtures import RecordingAnnouncer
from tests.store import rows
from tests.store.circuit_requests import ask, claim, count, end, job_count, together

ARCHIVE = digest_of(b"a bundle")
PARTS = (Circuit, CircuitLayer, Group, Exemplar, Edge, Neuron, SemanticGroup)


@pytest.fixture(autouse=True)
def _basis(database: Database) -> None:
    with database.writing() as session:
        rows.add_network(session)
        rows.add_dataset(session)
        artifacts.record(session, ARCHIVE, "application/zip", 8)


def test_recomputing_keeps_the_circuit(database: Database, announcer: RecordingAnnouncer) -> None:
    circuit, _ = ask(database, announcer)
    with database.writing() as session, pytest.raises(Conflict, match="is already being computed: wait"):
        requests.recompute(session, announcer, circuit.id)
    end(database, circuit.job_id, JobState.SUCCEEDED)
    with database.writing() as session:
        again = requests.recompute(session, announcer, circuit.id, request_id="r2")
    assert (again.id, again.content_key) == (circuit.id, circuit.content_key)
    assert again.job_id != circuit.job_id
    assert announcer.announced[-1] == (Queue.CIRCUITS, again.job_id)


def test_a_recomputed_circuit_gets_the_key_of_the_new_engine(
    database: Database, announcer: RecordingAnnouncer, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, _ = ask(database, announcer)
    end(database, old.job_id, JobState.SUCCEEDED)
    monkeypatch.setattr(content_key, "engine_version", lambda: "99")
    with database.writing() as session:
        requests.recompute(session, announcer, old.id)
    same, begun = ask(database, announcer)
    assert (same.id, begun) == (old.id, False)


def test_a_circuit_that_would_equal_another_is_not_recomputed(
    database: Database, announcer: RecordingAnnouncer, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, _ = ask(database, announcer)
    end(database, old.job_id, JobState.SUCCEEDED)
    monkeypatch.setattr(content_key, "engine_version", lambda: "99")
    new, _ = ask(database, announcer)
    with database.writing() as session, pytest.raises(Conflict, match=f"would now equal '{new.id}'"):
        requests.recompute(session, announcer, old.id)


def test_an_imported_circuit_cannot_be_recomputed(database: Database, announcer: RecordingAnnouncer) -> None:
    with database.writing() as session:
        circuit = requests.request_import(session, announcer, archive=ARCHIVE)
    with database.writing() as session, pytest.raises(Conflict, match="was imported: request it for a network"):
        requests.recompute(session, announcer, circuit.id)


def test_renaming_keeps_the_id(database: Database, announcer: RecordingAnnouncer) -> None:
    circuit, _ = ask(database, announcer)
    with database.writing() as session:
        assert requests.rename(session, circuit.id, "  Whiskers <b>").name == "Whiskers <b>"
        with pytest.raises(BadValue, match="the name is empty"):
            requests.rename(session, circuit.id, " ")
    assert ask(database, announcer)[0].name == "Whiskers <b>"


def test_deleting_removes_all_parts_and_jobs(database: Database, announcer: RecordingAnnouncer) -> None:
    with database.writing() as session:
        rows.add_circuit(session, "cat-00000")
        rows.add_circuit(session, "dog-00000")
    with database.writing() as session:
        requests.recompute(session, announcer, "cat-00000")
    before = [count(database, table) for table in PARTS]
    with database.writing() as session:
        requests.delete(session, "cat-00000")
    assert [count(database, table) * 2 for table in PARTS] == before
    with database.reading() as session:
        assert session.scalars(select(Job.subject).where(Job.kind == JobKind.TRACE)).all() == ["dog-00000"]


def test_deleting_keeps_jobs_of_other_subjects_with_the_same_id(database: Database) -> None:
    with database.writing() as session:
        rows.add_network(session, "same")
        rows.add_job(session, "x", JobKind.TRACE)
        session.add(
            Circuit(
                id="same", name="same", class_name="", parameters={}, content_key="k", job_id="job-x", created_at=now()
            )
        )
    with database.writing() as session:
        requests.delete(session, "same")
    with database.reading() as session:
        assert session.get(Network, "same") is not None
        assert session.get(Job, "job-same") is not None


def test_a_worker_whose_circuit_is_deleted_loses_its_job(database: Database, announcer: RecordingAnnouncer) -> None:
    circuit, _ = ask(database, announcer)
    held = claim(database, circuit.job_id)
    with database.writing() as session:
        requests.delete(session, circuit.id)
    with database.writing() as session, pytest.raises(LeaseLost):
        lease.renew(session, held, 30)
    assert count(database, Circuit) == job_count(database) == 0
    assert ask(database, announcer)[0].id != circuit.id


def test_deleting_works_while_a_worker_saves_the_result(database: Database, announcer: RecordingAnnouncer) -> None:
    """In either order, nothing of the circuit is left, and neither side gets a database error."""
    for number in range(6):
        circuit, _ = ask(database, announcer, parameters=TraceParameters(seed=number))
        held = claim(database, circuit.job_id)
        layer = {"position": 0, "name": "fc", "channels": 3, "shape": [3]}

        def write(id: str = circuit.id, held: lease.Claim = held, layer: dict[str, Any] = layer) -> None:
            with database.writing() as session:
                following.replace_result(session, id, {"layer_count": 1}, {CircuitLayer: [layer]})
                lease.succeed(session, held)

        def delete(id: str = circuit.id) -> None:
            with database.writing() as session:
                requests.delete(session, id)

        problems = together(write, delete)
        assert all(isinstance(problem, (LeaseLost, NotFound)) for problem in problems), problems
    assert (count(database, Circuit), count(database, CircuitLayer), job_count(database)) == (0, 0, 0)
