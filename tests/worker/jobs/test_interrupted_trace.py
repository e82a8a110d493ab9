"""Traces of the demo that are killed, cancelled or run out of disk space, and continue."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import update

from neurflow_store.asking.requests import recompute
from neurflow_store.errors import StorageFull
from neurflow_store.jobs import queue
from neurflow_store.tables import Job, JobState
from neurflow_worker.jobs import trace as trace_job
from neurflow_worker.runner import Runner
from neurflow_worker.running.context import WorkerContext
from tests.services.fixtures import RecordingAnnouncer
from tests.worker.workplace import (
    Killed,
    circuit_of,
    content,
    everything,
    files_in,
    job_of,
    killing,
    put_back,
    request,
    tapped,
)


def test_a_trace_that_is_killed_at_every_stage_gives_the_same_circuit(
    demo_worker: WorkerContext, announcer: RecordingAnnouncer, demo_ids: tuple[str, str]
) -> None:
    worker = demo_worker
    undisturbed, disturbed = (request(worker, announcer, demo_ids, name) for name in ("cat", "#1"))
    assert undisturbed.id == disturbed.id  # one class, one circuit
    seen: list[str] = []
    stages = ["layer layer4.1", "layer layer3.1", "saving"]

    def kill(stage: str, done: int, total: int) -> None:
        if done == 0:
            seen.append(stage)
        if stages and stage == stages[0]:
            stages.pop(0)
            raise Killed

    for _ in range(len(stages)):
        with pytest.raises(Killed):
            Runner(worker, tapped(trace_job.run, kill)).run(disturbed.job_id)
        put_back(worker, disturbed.job_id)
    seen.clear()
    Runner(worker, tapped(trace_job.run, kill)).run(disturbed.job_id)
    assert job_of(worker.database, disturbed.job_id).state is JobState.SUCCEEDED
    assert "layer layer4.1" not in seen  # finished before
    rows, file = everything(worker.database, disturbed.id), content(worker, disturbed.id)
    with worker.database.writing() as session:
        job_id = recompute(session, announcer, disturbed.id).job_id
    Runner(worker, tapped(trace_job.run, lambda *call: seen.append(call[0]))).run(job_id)
    assert "layer layer4.1" in seen  # there is no checkpoint to continue from
    assert content(worker, disturbed.id) == file
    assert everything(worker.database, disturbed.id) == rows


@pytest.mark.parametrize("damage", ["activations.npz", "layer-2.json"])
def test_a_damaged_checkpoint_is_computed_again(
    demo_worker: WorkerContext, announcer: RecordingAnnouncer, demo_ids: tuple[str, str], damage: str
) -> None:
    worker = demo_worker
    circuit = request(worker, announcer, demo_ids)

    with pytest.raises(Killed):
        Runner(worker, tapped(trace_job.run, killing("layer layer3.1"))).run(circuit.job_id)
    put_back(worker, circuit.job_id)
    (path,) = (worker.settings.work / "jobs").glob(f"*/{damage}")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    Runner(worker).run(circuit.job_id)
    job = job_of(worker.database, circuit.job_id)
    assert job.state is JobState.SUCCEEDED, job.problem


def test_progress_is_saved_and_saved_stages_reset_the_attempts(
    demo_worker: WorkerContext, announcer: RecordingAnnouncer, demo_ids: tuple[str, str]
) -> None:
    worker = demo_worker
    circuit = request(worker, announcer, demo_ids)
    told: list[tuple[str | None, float, int]] = []

    def look(stage: str, done: int, total: int) -> None:
        job = job_of(worker.database, circuit.job_id)
        told.append((job.stage, job.fraction, job.attempts))

    with worker.database.writing() as session:
        session.execute(update(Job).where(Job.id == circuit.job_id).values(attempts=3))
    Runner(worker, tapped(trace_job.run, look)).run(circuit.job_id)
    fractions = [fraction for _, fraction, _ in told]
    assert fractions == sorted(fractions)
    assert fractions[-1] > 0.5
    assert {stage for stage, _, _ in told} >= {"activations", "layer fc", "layer layer4.1", "saving"}
    assert told[1][2] == 4
    assert told[-1][2] == 1


def test_cancelling_keeps_finished_layers(
    demo_worker: WorkerContext, announcer: RecordingAnnouncer, demo_ids: tuple[str, str]
) -> None:
    worker = demo_worker
    circuit = request(worker, announcer, demo_ids)

    def cancel(stage: str, done: int, total: int) -> None:
        if stage == "layer layer3.1":
            with worker.database.writing() as session:
                queue.cancel(session, circuit.job_id)

    Runner(worker, tapped(trace_job.run, cancel)).run(circuit.job_id)
    assert job_of(worker.database, circuit.job_id).state is JobState.CANCELLED
    assert circuit_of(worker.database, circuit.id).computed_at is None
    assert any("layer-1.json" in name for name in files_in(worker.settings.work / "jobs"))


class FullStore:
    """A store with room for a limited number of further files."""

    def __init__(self, inner: object, room: int) -> None:
        self._inner, self.room = inner, room

    def put(self, data: bytes) -> str:
        self.room -= 1
        if self.room < 0:
            raise StorageFull("the folder of stored files is full: free space, then try again")
        return self._inner.put(data)  # type: ignore[attr-defined, no-any-return]

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)


def test_a_full_disk_queues_the_job_again_and_it_continues(
    demo_worker: WorkerContext, announcer: RecordingAnnouncer, demo_ids: tuple[str, str]
) -> None:
    worker = demo_worker
    circuit = request(worker, announcer, demo_ids)
    full = replace(worker, store=FullStore(worker.store, 5))  # type: ignore[arg-type]
    Runner(full).run(circuit.job_id)
    waiting = job_of(worker.database, circuit.job_id)
    assert waiting.state is JobState.QUEUED
    assert waiting.problem is not None
    assert waiting.problem["title"] == "The disk is full"
    assert circuit_of(worker.database, circuit.id).computed_at is None
    assert all(not rows for rows in everything(worker.database, circuit.id).values())
    with worker.database.writing() as session:
        session.execute(update(Job).where(Job.id == circuit.job_id).values(available_at=waiting.created_at))
    seen: list[str] = []
    Runner(worker, tapped(trace_job.run, lambda *call: seen.append(call[0]))).run(circuit.job_id)
    assert job_of(worker.database, circuit.job_id).state is JobState.SUCCEEDED
    assert "layer layer4.1" not in seen
