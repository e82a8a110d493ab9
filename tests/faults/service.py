"""A service without its web server, for fault injection: a store, real workers, a sweeper, and jobs."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from neurflow.result.circuit_json import comparable, decode
from neurflow_store.artifacts import ArtifactStore, artifact_store
from neurflow_store.asking import registry, requests
from neurflow_store.asking.trace_parameters import TraceParameters
from neurflow_store.installation.broker import CeleryAnnouncer
from neurflow_store.installation.database import Database
from neurflow_store.installation.settings import Settings
from neurflow_store.jobs import queue
from neurflow_store.tables import Circuit, Job, JobState
from neurflow_store.upkeep import sweeper
from tests.faults.launcher import Launcher, kill, launcher

PARAMETERS = TraceParameters.model_validate(
    {
        "images": 4,
        "top_k": 6,
        "tau": 3,
        "crops": (1.0, 0.5),
        "held_out": 2,
        "layers": ("layer2.1", "layer3.1", "layer4.1"),
    }
)
HASTY = {
    "lease_seconds": 4.0,
    "heartbeat_seconds": 0.3,
    "sweep_seconds": 0.2,
    "resend_seconds": 1.0,
    "retry_seconds": 0.2,
    "max_attempts": 50,
    "progress_seconds": 0.1,
}
"""Settings with which lost jobs are found soon."""
_PATIENCE_SECONDS = 240.0


@dataclass
class Service:
    """The parts that tests use."""

    settings: Settings
    database: Database
    store: ArtifactStore
    announcer: CeleryAnnouncer
    launcher: Launcher
    network: str = ""
    data: str = ""

    def register(self) -> None:
        """Register and inspect the demo's network and data set."""
        worker = self.launcher.start("interactive")
        with self.database.writing() as session:
            network = registry.register_network(session, self.announcer, spec="demo/photos")
            data = registry.register_dataset(session, self.announcer, self.settings, spec="demo/photos")
        self.finish([network.job_id, data.job_id])
        kill(worker)
        self.network, self.data = network.id, data.id

    def ask(self, *classes: str) -> dict[str, str]:
        """Request circuits; return their job ids by circuit id."""
        with self.database.writing() as session:
            asked = requests.request_batch(
                session,
                self.announcer,
                network_id=self.network,
                dataset_id=self.data,
                classes=classes,
                parameters=PARAMETERS,
            )
            return {circuit.id: circuit.job_id for circuit, _ in asked}

    def recompute(self, circuit_id: str) -> str:
        """Recompute a circuit; return its new job's id."""
        with self.database.writing() as session:
            return requests.recompute(session, self.announcer, circuit_id).job_id

    def job(self, job_id: str) -> Job:
        with self.database.reading() as session:
            return queue.find(session, job_id)

    def until(self, reached: Callable[[], bool]) -> None:
        """Wait; fail the test after a limit."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not reached():
            assert time.monotonic() < deadline, "this took too long"
            time.sleep(0.02)

    def until_running(self, job_id: str) -> None:
        """Wait until a worker has reported progress."""
        self.until(lambda: self.job(job_id).state is JobState.RUNNING and bool(self.job(job_id).stage))

    def finish(self, job_ids: list[str]) -> None:
        """Wait until jobs have succeeded."""
        for job_id in job_ids:
            self.until(lambda: self.job(job_id).state in queue.ENDED)  # noqa: B023 - it is asked at once
            assert self.job(job_id).state is JobState.SUCCEEDED, self.job(job_id).problem

    def results(self, circuit_ids: Mapping[str, Any]) -> dict[str, Any]:
        """Return each circuit's content that must not differ; check that its file is complete."""
        found = {}
        with self.database.reading() as session:
            for circuit_id in circuit_ids:
                row = session.get_one(Circuit, circuit_id)
                assert row.file is not None
                with self.store.open(row.file) as file:
                    circuit = decode(file.read())
                assert (row.group_count, row.edge_count) == (len(circuit.groups), len(circuit.edges))
                found[circuit_id] = json.dumps(comparable(circuit), sort_keys=True, default=str)
        return found


@contextmanager
def running(settings: Settings, environment: Mapping[str, str]) -> Iterator[Service]:
    """A service whose sweeper runs all the time. The test starts the workers."""
    database = Database(settings.database_url)
    store, announcer, stop = artifact_store(settings), CeleryAnnouncer(settings), threading.Event()
    sweeping = threading.Thread(target=sweeper.run, args=(database, announcer, store, settings, stop))
    with launcher(environment) as starts:
        sweeping.start()
        try:
            yield Service(settings, database, store, announcer, starts)
        finally:
            stop.set()
            sweeping.join()
            database.close()
