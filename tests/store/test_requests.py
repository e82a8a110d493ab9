"""Circuits: the same request is the same circuit and one job, also at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select

from neurflow_store import content_key, requests
from neurflow_store.artifacts import digest_of
from neurflow_store.clock import now
from neurflow_store.database import Database
from neurflow_store.errors import BadValue, Conflict, LeaseLost, NotFound
from neurflow_store.jobs import lease, queue
from neurflow_store.repositories import artifacts, results
from neurflow_store.repositories import requests as queries
from neurflow_store.repositories.requests import free_id
from neurflow_store.tables import (
    Circuit,
    CircuitLayer,
    Dataset,
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
from neurflow_store.trace_parameters import TraceParameters
from tests.services.fixtures import RecordingBell
from tests.store import rows

ARCHIVE = digest_of(b"a bundle")
OTHER_ARCHIVE = digest_of(b"another bundle")
FILE = digest_of(b"a circuit.json")
PARTS = (Circuit, CircuitLayer, Group, Exemplar, Edge, Neuron, SemanticGroup)


@pytest.fixture(autouse=True)
def _basis(database: Database) -> None:
    with database.writing() as session:
        rows.add_network(session)
        rows.add_dataset(session)
        artifacts.record(session, ARCHIVE, "application/zip", 8)
        artifacts.record(session, OTHER_ARCHIVE, "application/zip", 14)


def ask(database: Database, bell: RecordingBell, class_name: str = "cat", **values: Any) -> tuple[Circuit, bool]:
    wanted: dict[str, Any] = {
        "network_id": rows.NETWORK,
        "dataset_id": rows.DATASET,
        "parameters": TraceParameters(),
    } | values
    with database.writing() as session:
        return requests.request_circuit(session, bell, class_name=class_name, **wanted)


def batch(
    database: Database, bell: RecordingBell, classes: list[str] | None, **values: Any
) -> list[tuple[Circuit, bool]]:
    wanted: dict[str, Any] = {
        "network_id": rows.NETWORK,
        "dataset_id": rows.DATASET,
        "parameters": TraceParameters(),
    } | values
    with database.writing() as session:
        return requests.request_batch(session, bell, classes=classes, **wanted)


def claim(database: Database, job_id: str) -> lease.Claim:
    with database.writing() as session:
        held = lease.claim(session, job_id, "worker", 30)
    assert held is not None
    return held


def end(database: Database, job_id: str, state: JobState) -> None:
    held = claim(database, job_id)
    with database.writing() as session:
        if state is JobState.SUCCEEDED:
            lease.succeed(session, held)
        elif state is JobState.FAILED:
            lease.fail(session, held, {"type": "memory", "title": "Out of memory", "detail": "it was too much"})
        else:
            lease.stop(session, held)


def count(database: Database, table: type[Any]) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def job_count(database: Database, kind: JobKind = JobKind.TRACE) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).where(Job.kind == kind)) or 0


def together(*asks: Callable[[], object]) -> list[BaseException]:
    """Does all at the same moment; gives what they raised."""
    barrier = threading.Barrier(len(asks))
    problems: list[BaseException] = []

    def do(what: Callable[[], object]) -> None:
        barrier.wait()
        try:
            what()
        except BaseException as error:  # noqa: BLE001 - told to the test's own thread
            problems.append(error)

    threads = [threading.Thread(target=do, args=[what]) for what in asks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return problems


def test_a_circuit_is_asked_for(database: Database, bell: RecordingBell) -> None:
    circuit, begun = ask(database, bell, request_id="r1")
    assert begun
    assert bell.rung == [(Queue.CIRCUITS, circuit.job_id)]
    assert circuit.id.startswith("cat-")
    assert (circuit.name, circuit.class_name) == ("cat", "cat")
    assert circuit.parameters == TraceParameters().model_dump(mode="json")
    with database.reading() as session:
        job = queue.find(session, circuit.job_id)
        assert (job.kind, job.subject, job.state, job.request_id) == (JobKind.TRACE, circuit.id, JobState.QUEUED, "r1")


@pytest.mark.parametrize("state", [JobState.QUEUED, JobState.RUNNING, JobState.SUCCEEDED])
def test_the_same_request_is_the_same_circuit_and_job(database: Database, bell: RecordingBell, state: JobState) -> None:
    first, _ = ask(database, bell, name="Mine")
    if state is JobState.RUNNING:
        claim(database, first.job_id)
    elif state is JobState.SUCCEEDED:
        end(database, first.job_id, state)
    again, begun = ask(database, bell, "Cat", parameters=TraceParameters(images=50), name="Yours")
    assert not begun
    assert (again.id, again.job_id, again.name) == (first.id, first.job_id, "Mine")
    assert len(bell.rung) == 1


@pytest.mark.parametrize("state", [JobState.FAILED, JobState.CANCELLED])
def test_what_failed_or_was_cancelled_gets_a_new_job(database: Database, bell: RecordingBell, state: JobState) -> None:
    first, _ = ask(database, bell)
    end(database, first.job_id, state)
    again, begun = ask(database, bell)
    assert begun
    assert again.id == first.id
    assert again.job_id != first.job_id
    assert bell.rung[1:] == [(Queue.CIRCUITS, again.job_id)]


def test_what_is_being_cancelled_gets_a_new_job(database: Database, bell: RecordingBell) -> None:
    first, _ = ask(database, bell)
    claim(database, first.job_id)
    with database.writing() as session:
        queue.cancel(session, first.job_id)
    again, begun = ask(database, bell)
    assert begun
    assert again.job_id != first.job_id
    assert not ask(database, bell)[1]


@pytest.mark.parametrize("values", [{"class_name": "dog"}, {"parameters": TraceParameters(images=10)}])
def test_another_request_is_another_circuit(database: Database, bell: RecordingBell, values: dict[str, Any]) -> None:
    first, _ = ask(database, bell)
    other, begun = ask(database, bell, **values)
    assert begun
    assert other.id != first.id


def test_requests_at_the_same_moment_make_one_circuit_and_one_job(database: Database, bell: RecordingBell) -> None:
    found: list[tuple[str, bool]] = []

    def once() -> None:
        circuit, begun = ask(database, bell)
        found.append((circuit.id, begun))

    assert together(*[once] * 8) == []
    assert len({id for id, _ in found}) == 1
    assert sorted(begun for _, begun in found) == [False] * 7 + [True]
    assert (count(database, Circuit), job_count(database), len(bell.rung)) == (1, 1, 1)


def test_a_failed_circuit_is_asked_for_at_the_same_moment(database: Database, bell: RecordingBell) -> None:
    first, _ = ask(database, bell)
    end(database, first.job_id, JobState.FAILED)

    def again() -> None:
        with database.writing() as session:
            requests.recompute(session, bell, first.id)

    problems = together(*[lambda: ask(database, bell)] * 3, *[again] * 3)
    assert all(isinstance(problem, Conflict) for problem in problems)
    assert job_count(database) == 2


def test_batches_at_the_same_moment_do_not_block_each_other(database: Database, bell: RecordingBell) -> None:
    problems = together(
        lambda: batch(database, bell, ["cat", "dog", "fox"]),
        lambda: batch(database, bell, ["fox", "dog", "cat"]),
        lambda: ask(database, bell, "dog"),
    )
    assert problems == []
    assert (count(database, Circuit), job_count(database), len(bell.rung)) == (3, 3, 3)


def test_the_unique_key_stands_behind_it_all(database: Database, bell: RecordingBell) -> None:
    circuit, _ = ask(database, bell)
    with database.writing() as session, pytest.raises(Exception, match=r"(?i)unique"), session.begin_nested():
        rows.add_circuit(session, "cat-copy0", state=JobState.QUEUED, content_key=circuit.content_key)


@pytest.mark.parametrize("table", [Network, Dataset])
@pytest.mark.parametrize(
    ("state", "says"), [(JobState.QUEUED, "its job queued"), (JobState.FAILED, "its job failed, made up")]
)
def test_what_was_not_looked_at_cannot_be_traced(
    database: Database, bell: RecordingBell, table: type[Any], state: JobState, says: str
) -> None:
    with database.writing() as session:
        add = rows.add_network if table is Network else rows.add_dataset
        id = add(session, "new", state=state)
    word = "network" if table is Network else "data set"
    where = {"network_id": id} if table is Network else {"dataset_id": id}
    for attempt in (lambda: ask(database, bell, **where), lambda: batch(database, bell, None, **where)):
        with pytest.raises(Conflict, match=f"{word} 'new' was not looked at yet: {says}"):
            attempt()
    assert count(database, Circuit) == 0


def test_what_is_not_there_cannot_be_traced(database: Database, bell: RecordingBell) -> None:
    with pytest.raises(NotFound, match="no network 'missing'"):
        ask(database, bell, network_id="missing")
    with pytest.raises(NotFound, match="no data set 'missing'"):
        ask(database, bell, dataset_id="missing")
    with database.writing() as session:
        for act in (
            requests.delete,
            lambda s, i: requests.rename(s, i, "x"),
            lambda s, i: requests.recompute(s, bell, i),
        ):
            with pytest.raises(NotFound, match="no circuit 'missing'"):
                act(session, "missing")


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("bird", r"no class 'bird': its classes are cat, dog, fox"),
        ("foxx", r"no class 'foxx': did you mean 'fox'\?"),
        ("", "no class ''"),
        ("#3", "no class '#3'"),
        ("#" + "9" * 400, "no class '#9"),
        ("c\0t", r"no class 'c\\x00t'"),
    ],
)
def test_a_class_that_the_network_lacks_is_told(database: Database, bell: RecordingBell, name: str, says: str) -> None:
    with pytest.raises(BadValue, match=says):
        ask(database, bell, name)
    with pytest.raises(BadValue, match=says):
        batch(database, bell, ["cat", name])
    assert count(database, Circuit) == 0


def test_classes_that_share_a_name_are_told_apart_by_their_place(database: Database, bell: RecordingBell) -> None:
    with database.writing() as session:
        session.get_one(Network, rows.NETWORK).classes = ["crane", "cat", "crane"]
    with pytest.raises(BadValue, match="class 'crane' is ambiguous: write #0 or #2"):
        ask(database, bell, "crane")
    bird, machine, cat = (ask(database, bell, name)[0] for name in ("#0", "#2", "#1"))
    assert (bird.class_name, bird.name) == ("#0", "crane (#0)")
    assert bird.id.startswith("crane-0-")
    assert bird.id != machine.id
    assert cat.class_name == "cat"
    assert [c.class_name for c, _ in batch(database, bell, None)] == ["cat"]


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
    assert all(begun for _, begun in batch(database, bell, names))
    assert not any(begun for _, begun in batch(database, bell, names))
    assert count(database, Circuit) == job_count(database) == len(bell.rung) == 120


def test_ids_grow_when_they_are_taken(database: Database, bell: RecordingBell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "new_id", lambda name, length: f"{name}-{'7' * length}")
    first, second = ask(database, bell)[0], ask(database, bell, parameters=TraceParameters(seed=1))[0]
    assert (first.id, second.id) == ("cat-77777", "cat-777777")
    with database.reading() as session:
        assert free_id(session, Network, "cat") == "cat-77777"


def test_computing_again_keeps_the_circuit(database: Database, bell: RecordingBell) -> None:
    circuit, _ = ask(database, bell)
    with database.writing() as session, pytest.raises(Conflict, match="is being computed: wait"):
        requests.recompute(session, bell, circuit.id)
    end(database, circuit.job_id, JobState.SUCCEEDED)
    with database.writing() as session:
        again = requests.recompute(session, bell, circuit.id, request_id="r2")
    assert (again.id, again.content_key) == (circuit.id, circuit.content_key)
    assert again.job_id != circuit.job_id
    assert bell.rung[-1] == (Queue.CIRCUITS, again.job_id)


def test_computing_again_with_a_new_engine_is_what_such_a_request_gives(
    database: Database, bell: RecordingBell, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, _ = ask(database, bell)
    end(database, old.job_id, JobState.SUCCEEDED)
    monkeypatch.setattr(requests, "engine_version", lambda: "99")
    with database.writing() as session:
        requests.recompute(session, bell, old.id)
    same, begun = ask(database, bell)
    assert (same.id, begun) == (old.id, False)


def test_what_would_become_another_circuit_is_not_computed_again(
    database: Database, bell: RecordingBell, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, _ = ask(database, bell)
    end(database, old.job_id, JobState.SUCCEEDED)
    monkeypatch.setattr(requests, "engine_version", lambda: "99")
    new, _ = ask(database, bell)
    with database.writing() as session, pytest.raises(Conflict, match=f"would become '{new.id}'"):
        requests.recompute(session, bell, old.id)


def test_an_imported_circuit_cannot_be_computed_again(database: Database, bell: RecordingBell) -> None:
    with database.writing() as session:
        circuit = requests.request_import(session, bell, archive=ARCHIVE)
    with database.writing() as session, pytest.raises(Conflict, match="was imported: ask for it of a network"):
        requests.recompute(session, bell, circuit.id)


def test_renaming_keeps_the_id(database: Database, bell: RecordingBell) -> None:
    circuit, _ = ask(database, bell)
    with database.writing() as session:
        assert requests.rename(session, circuit.id, "  Whiskers <b>").name == "Whiskers <b>"
        with pytest.raises(BadValue, match="the name is empty"):
            requests.rename(session, circuit.id, " ")
    assert ask(database, bell)[0].name == "Whiskers <b>"


def test_deleting_takes_all_parts_and_jobs_along(database: Database, bell: RecordingBell) -> None:
    with database.writing() as session:
        rows.add_circuit(session, "cat-00000")
        rows.add_circuit(session, "dog-00000")
    with database.writing() as session:
        requests.recompute(session, bell, "cat-00000")
    before = [count(database, table) for table in PARTS]
    with database.writing() as session:
        requests.delete(session, "cat-00000")
    assert [count(database, table) * 2 for table in PARTS] == before
    with database.reading() as session:
        assert session.scalars(select(Job.subject).where(Job.kind == JobKind.TRACE)).all() == ["dog-00000"]


def test_deleting_leaves_jobs_of_others_with_the_same_id_alone(database: Database) -> None:
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


def test_a_worker_whose_circuit_is_deleted_loses_its_job(database: Database, bell: RecordingBell) -> None:
    circuit, _ = ask(database, bell)
    held = claim(database, circuit.job_id)
    with database.writing() as session:
        requests.delete(session, circuit.id)
    with database.writing() as session, pytest.raises(LeaseLost):
        lease.renew(session, held, 30)
    assert count(database, Circuit) == job_count(database) == 0
    assert ask(database, bell)[0].id != circuit.id


def test_deleting_while_a_worker_writes_its_result(database: Database, bell: RecordingBell) -> None:
    """Whichever comes first, nothing of the circuit is left, and neither side gets a database's error."""
    for number in range(6):
        circuit, _ = ask(database, bell, parameters=TraceParameters(seed=number))
        held = claim(database, circuit.job_id)
        layer = {"position": 0, "name": "fc", "channels": 3, "shape": [3]}

        def write(id: str = circuit.id, held: lease.Claim = held, layer: dict[str, Any] = layer) -> None:
            with database.writing() as session:
                results.replace_result(session, id, {"layer_count": 1}, {CircuitLayer: [layer]})
                lease.succeed(session, held)

        def delete(id: str = circuit.id) -> None:
            with database.writing() as session:
                requests.delete(session, id)

        problems = together(write, delete)
        assert all(isinstance(problem, (LeaseLost, NotFound)) for problem in problems), problems
    assert (count(database, Circuit), count(database, CircuitLayer), job_count(database)) == (0, 0, 0)


def test_a_bundle_is_imported_once(database: Database, bell: RecordingBell) -> None:
    with database.writing() as session:
        first = requests.request_import(session, bell, archive=ARCHIVE, id="cat-7k2m9", name="Theirs", request_id="r1")
    with database.writing() as session:
        again = requests.request_import(session, bell, archive=ARCHIVE, id="cat-7k2m9")
    assert (first.id, first.name) == ("cat-7k2m9", "Theirs")
    assert (again.id, again.job_id) == (first.id, first.job_id)
    assert bell.rung == [(Queue.INTERACTIVE, first.job_id)]
    with database.reading() as session:
        job = queue.find(session, first.job_id)
        assert (job.kind, job.subject, job.payload, job.request_id) == (
            JobKind.IMPORT,
            "cat-7k2m9",
            {"archive": ARCHIVE},
            "r1",
        )
    assert first.content_key == content_key.import_key(ARCHIVE)


def test_a_failed_import_is_tried_again_with_its_archive(database: Database, bell: RecordingBell) -> None:
    with database.writing() as session:
        first = requests.request_import(session, bell, archive=ARCHIVE)
    end(database, first.job_id, JobState.FAILED)
    with database.writing() as session:
        again = requests.request_import(session, bell, archive=ARCHIVE)
        assert again.id == first.id
        assert queue.find(session, again.job_id).payload == {"archive": ARCHIVE}
        assert queue.find(session, again.job_id).state is JobState.QUEUED


def test_an_id_that_is_taken_is_replaced_by_a_fresh_one(database: Database, bell: RecordingBell) -> None:
    with database.writing() as session:
        first = requests.request_import(session, bell, archive=ARCHIVE, id="cat-7k2m9")
        other = requests.request_import(session, bell, archive=OTHER_ARCHIVE, id="cat-7k2m9")
    assert first.id == "cat-7k2m9"
    assert other.id.startswith("cat-")
    assert other.id != first.id


def test_a_circuit_that_comes_home_is_recognised(database: Database, bell: RecordingBell) -> None:
    with database.writing() as session:
        rows.add_circuit(session, "cat-00000", file=FILE)
    with database.writing() as session:
        home = requests.request_import(session, bell, archive=ARCHIVE, id="cat-00000", file=FILE)
        assert home.id == "cat-00000"
        other = requests.request_import(session, bell, archive=ARCHIVE, id="cat-00000", file=digest_of(b"changed"))
        assert other.id != "cat-00000"
    assert len(bell.rung) == 1


@pytest.mark.parametrize("id", ["", "Cat-7", "cat_7", "../cat", "cat-", "-cat", "a" * 65, "cat 7", "cat\n"])
def test_ids_that_cannot_stand_in_an_address_are_refused(database: Database, bell: RecordingBell, id: str) -> None:
    with database.writing() as session, pytest.raises(BadValue, match="id .* is none: write at most 64 of a-z"):
        requests.request_import(session, bell, archive=ARCHIVE, id=id)


def test_an_archive_that_is_not_stored_cannot_be_imported(database: Database, bell: RecordingBell) -> None:
    with database.writing() as session, pytest.raises(NotFound, match=FILE):
        requests.request_import(session, bell, archive=FILE)
