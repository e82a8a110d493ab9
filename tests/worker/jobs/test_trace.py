"""Small circuits of the demo, from the request to the rows."""

from __future__ import annotations

import PIL.Image
import pytest
from sqlalchemy import update

import neurflow
from neurflow.result.circuit import EdgeLink, EdgePatch, HeatMap
from neurflow.result.circuit_json import decode
from neurflow.result.file_format import comparable
from neurflow_store.artifacts import digest_of
from neurflow_store.asking import registry
from neurflow_store.asking.requests import delete
from neurflow_store.repositories import artifacts
from neurflow_store.tables import Circuit, CircuitLayer, Dataset, Edge, Exemplar, Group, JobKind, JobState, Network
from neurflow_worker.jobs import trace as trace_job
from neurflow_worker.jobs.trace import parameters_of
from neurflow_worker.runner import Runner
from neurflow_worker.running.context import JobContext, Outcome, WorkerContext
from tests.services.fixtures import RecordingAnnouncer
from tests.worker.workplace import (
    circuit_of,
    content,
    everything,
    files_in,
    job_of,
    request,
    tapped,
)


def test_a_traced_circuit_equals_the_engine_s_and_is_saved(
    demo_worker: WorkerContext, announcer: RecordingAnnouncer, demo_ids: tuple[str, str]
) -> None:
    worker = demo_worker
    circuit_id = request(worker, announcer, demo_ids).id
    Runner(worker).run(circuit_of(worker.database, circuit_id).job_id)
    row = circuit_of(worker.database, circuit_id)
    job = job_of(worker.database, row.job_id)
    assert job.state is JobState.SUCCEEDED, job.problem
    stages = ["loading", "graph", "images", "activations", "layer fc", "layer layer4.1", "layer layer3.1"]
    assert [stage["stage"] for stage in job.stages] == [*stages, "importance", "saving"]
    network, photos = neurflow.load_network("demo/photos"), neurflow.load_dataset("demo/photos")
    expected = neurflow.trace(network, photos, "cat", parameters_of(row), neurflow.Resources(device="cpu"))
    assert content(worker, circuit_id) == comparable(expected.circuit)
    circuit = expected.circuit
    assert (row.layer_count, row.group_count) == (len(circuit.layers), len(circuit.groups))
    assert (row.edge_count, row.neuron_count) == (len(circuit.edges), len(circuit.neurons))
    assert row.result is not None
    assert row.result["target"] == {"name": "cat", "index": 1}
    assert row.result["network"]["digest"] == network.digest
    parts = everything(worker.database, circuit_id)
    assert len(parts["groups"]) == len(circuit.groups)
    assert len(parts["edges"]) == len(circuit.edges)
    assert len(parts["exemplars"]) == sum(len(group.exemplars) for group in circuit.groups)
    assert len(parts["circuit_patches"]) == len(circuit.patches)
    assert len(parts["semantic_groups"]) == sum(len(neuron.semantic_groups) for neuron in circuit.neurons)
    assert files_in(worker.settings.work / "jobs") == []


def test_labels_are_mapped_as_when_the_circuit_was_requested(
    demo_worker: WorkerContext, announcer: RecordingAnnouncer, demo_ids: tuple[str, str]
) -> None:
    worker = demo_worker
    with worker.database.writing() as session:
        registry.map_labels(session, demo_ids[1], {"cat": "brick", "brick": "cat"})
    try:
        circuit_id = request(worker, announcer, demo_ids, images=30, seed=11).id
    finally:
        with worker.database.writing() as session:
            registry.map_labels(session, demo_ids[1], {})
    Runner(worker).run(circuit_of(worker.database, circuit_id).job_id)
    row = circuit_of(worker.database, circuit_id)
    job = job_of(worker.database, row.job_id)
    # The photographs of bricks are the only candidates, and the network predicts none of them as a cat.
    assert job.state is JobState.FAILED and job.problem is not None
    assert "predicts class 'cat' for none of" in job.problem["detail"]
    assert row.class_map == {"brick": "cat", "cat": "brick"}


def test_links_patches_and_heat_maps_are_saved_in_the_tables(
    demo_worker: WorkerContext, announcer: RecordingAnnouncer, demo_ids: tuple[str, str]
) -> None:
    worker = demo_worker
    circuit_id = request(worker, announcer, demo_ids).id
    Runner(worker).run(circuit_of(worker.database, circuit_id).job_id)
    file = circuit_of(worker.database, circuit_id).file
    assert file is not None
    with worker.store.open(file) as stream:
        circuit = decode(stream.read())
    with worker.database.reading() as session:
        edges = {(row.source, row.target): (row.links or [], row.patches or []) for row in session.query(Edge)}
        heat_maps = {(row.group_id, row.rank): row.heat_map for row in session.query(Exemplar)}
    for edge in circuit.edges:
        links, patches = edges.pop((edge.source, edge.target))
        assert edge.links is not None and edge.patches is not None
        assert [EdgeLink(*link) for link in links] == list(edge.links)
        assert [EdgePatch(*patch) for patch in patches] == list(edge.patches)
        assert sum(link[-1] for link in links) == pytest.approx(edge.weight)
        assert 0 < len(patches) <= 8
    assert edges == {}
    for group in circuit.groups:
        for rank, exemplar in enumerate(group.exemplars):
            found = heat_maps.pop((group.id, rank))
            assert (found is None) == (group.layer == "fc") == (exemplar.heat_map is None)
            if found is not None:
                assert HeatMap(**found | {"values": tuple(found["values"])}) == exemplar.heat_map
    assert heat_maps == {}


def test_pictures_are_stored_and_recorded(
    demo_worker: WorkerContext, announcer: RecordingAnnouncer, demo_ids: tuple[str, str]
) -> None:
    worker = demo_worker
    circuit_id = request(worker, announcer, demo_ids).id
    Runner(worker).run(circuit_of(worker.database, circuit_id).job_id)
    with worker.database.reading() as session:
        digests = {row.picture for row in session.query(Exemplar)}
        layers = session.query(CircuitLayer).all()
        groups = session.query(Group).all()
        exemplars = session.query(Exemplar).all()
        cover = session.get_one(Circuit, circuit_id).cover
        for digest in (*digests, *cover):
            assert artifacts.find(session, digest).media_type == "image/webp"
    assert 0 < len(cover) <= 6
    for layer in layers:
        assert layer.sprite is not None
        mine = [group for group in groups if group.layer == layer.position]
        most = max(sum(e.group_id == group.id for e in exemplars) for group in mine)
        with worker.store.open(layer.sprite) as stream, PIL.Image.open(stream) as sheet:
            assert sheet.size == (64 * most, 64 * len(mine))
            assert layer.tile == 64


@pytest.mark.parametrize("table", [Network, Dataset])
def test_a_network_or_data_set_that_changed_since_its_inspection_is_not_traced(
    demo_worker: WorkerContext,
    announcer: RecordingAnnouncer,
    demo_ids: tuple[str, str],
    table: type[Network] | type[Dataset],
) -> None:
    worker = demo_worker
    circuit = request(worker, announcer, demo_ids)
    with worker.database.writing() as session:
        session.execute(update(table).values(digest=digest_of(b"another")))
    Runner(worker).run(circuit.job_id)
    job = job_of(worker.database, circuit.job_id)
    assert job.state is JobState.FAILED
    assert job.problem is not None
    assert job.problem["type"] == "changed"
    assert "have changed since it was inspected: inspect it again" in job.problem["detail"]


def test_an_unknown_layer_is_named(
    demo_worker: WorkerContext, announcer: RecordingAnnouncer, demo_ids: tuple[str, str]
) -> None:
    worker = demo_worker
    circuit = request(worker, announcer, demo_ids, layers=("layer9",))
    Runner(worker).run(circuit.job_id)
    problem = job_of(worker.database, circuit.job_id).problem
    assert problem is not None
    assert problem["title"] == "The layers do not fit the network"
    assert "'layer9'" in problem["detail"]


def test_a_circuit_requested_with_other_data_is_not_computed(
    demo_worker: WorkerContext, announcer: RecordingAnnouncer, demo_ids: tuple[str, str]
) -> None:
    circuit = request(demo_worker, announcer, demo_ids)
    with demo_worker.database.writing() as session:
        session.execute(update(Circuit).where(Circuit.id == circuit.id).values(content_key="0" * 64))
    Runner(demo_worker).run(circuit.job_id)
    problem = job_of(demo_worker.database, circuit.job_id).problem
    assert problem is not None
    assert "compute it again" in problem["detail"]
    with demo_worker.database.reading() as session:
        assert session.get_one(Circuit, circuit.id).computed_at is None


@pytest.mark.parametrize(
    "stage", ["loading", "activations", "layer layer4.1", "layer layer3.1", "importance", "saving"]
)
def test_a_circuit_that_is_deleted_while_it_is_computed_leaves_nothing(
    stage: str,
    demo_worker: WorkerContext,
    announcer: RecordingAnnouncer,
    demo_ids: tuple[str, str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    worker = demo_worker
    circuit = request(worker, announcer, demo_ids)
    calls: list[str] = []

    def delete_once(name: str, done: int, total: int) -> None:
        # At the second call of the stage: at the first, the progress is written and the job found to be gone.
        calls.append(name)
        if name == stage and calls.count(stage) == 2:
            with worker.database.writing() as session:
                delete(session, circuit.id)

    capsys.readouterr()
    Runner(worker, tapped(trace_job.run, delete_once)).run(circuit.job_id)
    said = capsys.readouterr()
    assert calls.count(stage) >= 2
    with worker.database.reading() as session:
        assert session.get(Circuit, circuit.id) is None
    assert "Traceback" not in said.out + said.err and "error" not in said.out + said.err, said
    assert not (worker.settings.work / "jobs").exists() or list((worker.settings.work / "jobs").iterdir()) == []


def test_a_circuit_that_is_deleted_as_its_result_is_written_leaves_nothing(
    demo_worker: WorkerContext, announcer: RecordingAnnouncer, demo_ids: tuple[str, str]
) -> None:
    worker = demo_worker
    circuit = request(worker, announcer, demo_ids)

    def deleted_before_writing(job: JobContext) -> Outcome:
        outcome = trace_job.run(job)
        assert list((worker.settings.work / "jobs").iterdir()) != []
        with worker.database.writing() as session:
            delete(session, circuit.id)
        return outcome

    Runner(worker, {JobKind.TRACE: deleted_before_writing}).run(circuit.job_id)
    assert list((worker.settings.work / "jobs").iterdir()) == []
