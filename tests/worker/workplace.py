"""Shared parts of the tests of workers."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from neurflow.result.file_format import comparable
from neurflow_store.asking import registry, requests
from neurflow_store.asking.trace_parameters import TraceParameters
from neurflow_store.installation.database import Database
from neurflow_store.installation.events import CHANNEL
from neurflow_store.jobs import queue
from neurflow_store.tables import (
    Circuit,
    CircuitImage,
    CircuitLayer,
    CircuitPatch,
    Edge,
    Exemplar,
    Group,
    Job,
    JobKind,
    JobState,
    Neuron,
    SemanticGroup,
)
from neurflow_worker.runner import Runner
from neurflow_worker.running.context import JobContext, JobFunction, Outcome, WorkerContext
from neurflow_worker.running.plan import Stage
from neurflow_worker.running.progress import Progress
from tests.services.fixtures import RecordingAnnouncer

SMALL = TraceParameters.model_validate(
    {"images": 4, "top_k": 5, "tau": 2, "crops": [1.0, 0.5], "layers": ["layer3.1", "layer4.1"], "held_out": 2}
)
"""A trace of a second or two."""

PARTS = (CircuitLayer, CircuitImage, CircuitPatch, Group, Exemplar, Edge, Neuron, SemanticGroup)


class RecordingPublisher:
    """Records which jobs were announced as changed."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def changed(self, id: str, channel: str = CHANNEL) -> None:
        if channel == CHANNEL:
            self.said.append(id)

    def close(self) -> None:
        """Do nothing."""


def job_of(database: Database, job_id: str) -> Job:
    with database.reading() as session:
        return queue.find(session, job_id)


def circuit_of(database: Database, circuit_id: str) -> Circuit:
    with database.reading() as session:
        return session.get_one(Circuit, circuit_id)


def demo(worker: WorkerContext, announcer: RecordingAnnouncer) -> tuple[str, str]:
    """Return the ids of the demo's network and data set, inspected."""
    with worker.database.writing() as session:
        network = registry.register_network(session, announcer, spec="demo/photos")
        dataset = registry.register_dataset(session, announcer, worker.settings, spec="demo/photos")
    runner = Runner(worker)
    for job_id in (network.job_id, dataset.job_id):
        runner.run(job_id)
        job = job_of(worker.database, job_id)
        assert job.state is JobState.SUCCEEDED, job.problem
    return network.id, dataset.id


def request(
    worker: WorkerContext,
    announcer: RecordingAnnouncer,
    ids: tuple[str, str],
    class_name: str = "cat",
    **parameters: Any,
) -> Circuit:
    with worker.database.writing() as session:
        circuit, _ = requests.request_circuit(
            session,
            announcer,
            network_id=ids[0],
            dataset_id=ids[1],
            class_name=class_name,
            parameters=SMALL.model_copy(update=parameters),
        )
    return circuit


def content(worker: WorkerContext, circuit_id: str) -> bytes:
    """Return a circuit's file without its timings."""
    file = circuit_of(worker.database, circuit_id).file
    assert file is not None
    with worker.store.open(file) as stream:
        return comparable(stream.read())


def everything(database: Database, circuit_id: str) -> dict[str, list[tuple[str, ...]]]:
    """Return all rows of a circuit's parts."""
    rows = {}
    with database.reading() as session:
        for part in PARTS:
            columns = [column for column in part.__table__.columns if column.name != "circuit_id"]
            statement = select(*columns).where(part.__table__.c.circuit_id == circuit_id)
            rows[part.__tablename__] = sorted(tuple(map(repr, row)) for row in session.execute(statement))
    return rows


def files_in(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


class Killed(BaseException):
    """Simulates the death of a process: nothing catches it."""


def killing(at: str) -> Callable[[str, int, int], None]:
    """Return a listener that ends the process in stage ``at``."""

    def kill(stage: str, done: int, total: int) -> None:
        if stage == at:
            raise Killed

    return kill


def put_back(worker: WorkerContext, job_id: str) -> None:
    """Put a job back, as the sweeper does if its worker is lost."""
    with worker.database.writing() as session:
        values = {"state": JobState.QUEUED, "lease_token": None, "lease_until": None}
        session.execute(update(Job).where(Job.id == job_id).values(**values))


class Tap:
    """A job's progress, with a callback before each call."""

    def __init__(self, progress: Progress, listen: Callable[[str, int, int], object]) -> None:
        self._progress, self._listen = progress, listen

    def __call__(self, stage: str, done: int, total: int) -> None:
        self._listen(stage, done, total)
        self._progress(stage, done, total)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._progress, name)


def tapped(kind: JobFunction, listen: Callable[[str, int, int], object]) -> dict[JobKind, JobFunction]:
    """Run traces with ``kind`` and pass all progress to ``listen``."""

    def run(work: JobContext) -> Outcome:
        return kind(replace(work, progress=Tap(work.progress, listen)))  # type: ignore[arg-type]

    return {JobKind.TRACE: run}


def nothing(session: Session) -> None:
    """Write nothing."""


def does(function: Callable[[JobContext], object]) -> dict[JobKind, JobFunction]:
    """Return work of the kind of a trace that calls ``function`` and has no result."""

    def kind(work: JobContext) -> Outcome:
        function(work)
        return Outcome(nothing)

    return {JobKind.TRACE: kind}


def raises(error: BaseException) -> dict[JobKind, JobFunction]:
    def kind(work: JobContext) -> Outcome:
        raise error

    return {JobKind.TRACE: kind}


def endless(work: JobContext) -> None:
    """Work in small pieces."""
    work.progress("pieces", 0, 1000)
    for done in range(1000):
        time.sleep(0.02)
        work.progress("pieces", done, 1000)


def silent(work: JobContext) -> None:
    """Work without progress reports for a long time."""
    work.progress.follow([Stage("silence", 1, interruptible=True)])
    work.progress("silence", 0, 1)
    for _ in range(1000):
        time.sleep(0.02)


def meanwhile(function: Callable[[JobContext], object], action: Callable[[], object]) -> Callable[[JobContext], object]:
    """Run ``function``, and ``action`` in another thread shortly after the start."""

    def begin(work: JobContext) -> None:
        timer = threading.Timer(0.4, action)
        timer.start()
        try:
            function(work)
        finally:
            timer.join()

    return begin
