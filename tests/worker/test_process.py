"""``neurflow worker`` as a process, with messages as files and with Redis."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import select

from neurflow_store.asking import registry, requests
from neurflow_store.asking.trace_parameters import TraceParameters
from neurflow_store.installation.broker import CeleryAnnouncer
from neurflow_store.installation.database import Database
from neurflow_store.installation.settings import Settings, load_settings
from neurflow_store.tables import Dataset, Job, JobState, Network, WorkerRow
from tests.worker.workplace import job_of

_PATIENCE = 120.0


class Process:
    """A worker process and its log."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.lines: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        self.lines.extend(iter(self.process.stderr.readline, ""))

    def ended(self) -> int:
        code = self.process.wait(_PATIENCE)
        self._reader.join()
        return code

    @property
    def log(self) -> str:
        return "".join(self.lines)


@contextmanager
def worker(environment: Mapping[str, str], *options: str) -> Iterator[Process]:
    command = [sys.executable, "-c", "from neurflow.cli import main; main()", "worker", *options]
    values = {"OMP_NUM_THREADS": "1", "NEURFLOW_THREADS": "1", "NEURFLOW_DEVICE": "cpu", **environment}
    process = subprocess.Popen(  # noqa: S603 - our own words
        command, env={**os.environ, **values}, stderr=subprocess.PIPE, text=True
    )
    wrapped = Process(process)
    try:
        yield wrapped
    finally:
        process.kill()
        wrapped.ended()
        if process.stderr is not None:
            process.stderr.close()


def wait_until(condition: Callable[[], object], process: Process) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not condition():
        assert process.process.poll() is None, process.log
        assert time.monotonic() < deadline, process.log
        time.sleep(0.02)


def ready(process: Process) -> Callable[[], bool]:
    return lambda: "worker ready" in process.log


def reinspected(database: Database, settings: Settings, kind: type[Network] | type[Dataset]) -> str:
    """Request the inspection of the demo's network or data set, announce it, and return the job."""
    with database.writing() as session:
        id = session.scalars(select(kind.id)).one()
        again = registry.reinspect_network if kind is Network else registry.reinspect_dataset
        return again(session, CeleryAnnouncer(settings), id).job_id


def picked_up(job: Job) -> float:
    assert job.started_at is not None
    return (job.started_at - job.created_at).total_seconds()


@pytest.mark.usefixtures("demo_worker")
def test_a_worker_runs_jobs_and_releases_the_one_in_hand_when_stopped(tmp_path: Path) -> None:
    settings = load_settings(home=tmp_path / "home")
    database = Database(settings.database_url)
    with worker({"NEURFLOW_HOME": str(settings.home)}) as process:
        wait_until(ready(process), process)
        with database.reading() as session:
            (row,) = session.scalars(select(WorkerRow)).all()
        assert row.queues == ["circuits", "interactive"]
        times = []
        for _ in range(3):
            job_id = reinspected(database, settings, Network)
            wait_until(lambda job_id=job_id: job_of(database, job_id).state is JobState.SUCCEEDED, process)  # type: ignore[misc]
            times.append(picked_up(job_of(database, job_id)))
        sys.stdout.write(f"picked up after {', '.join(f'{seconds:.3f} s' for seconds in times)}\n")

        with database.writing() as session:
            ids = session.scalars(select(Network.id)).one(), session.scalars(select(Dataset.id)).one()
            circuit, _ = requests.request_circuit(
                session,
                CeleryAnnouncer(settings),
                network_id=ids[0],
                dataset_id=ids[1],
                class_name="cat",
                parameters=TraceParameters(),
            )
        wait_until(lambda: job_of(database, circuit.job_id).stage == "activations", process)
        asked = time.monotonic()
        process.process.send_signal(signal.SIGTERM)
        assert process.ended() == 0, process.log
        sys.stdout.write(f"ended after {time.monotonic() - asked:.2f} s\n")
    given_back = job_of(database, circuit.job_id)
    assert (given_back.state, given_back.attempts, given_back.worker) == (JobState.QUEUED, 0, None)
    with database.reading() as session:
        assert session.scalars(select(WorkerRow)).all() == []
    assert f"job_id={circuit.job_id}" in process.log
    assert "Traceback" not in process.log
    database.close()


def test_a_second_signal_ends_a_worker_at_once(make_settings: Callable[..., Settings], tmp_path: Path) -> None:
    """In a process of its own, because that is what ends."""
    program = (
        "import os, signal, threading, time\n"
        "from neurflow_worker.process import _handle_signals\n"
        "_handle_signals(threading.Event())\n"
        "os.kill(os.getpid(), signal.SIGTERM)\n"
        "os.kill(os.getpid(), signal.SIGTERM)\n"
        "time.sleep(60)\n"
    )
    ended = subprocess.run([sys.executable, "-c", program], check=False, timeout=_PATIENCE)  # noqa: S603 - as above
    assert ended.returncode == 128 + signal.SIGTERM


@pytest.mark.parametrize("at_work", [False, True], ids=["waiting", "before the acknowledgement"])
def test_a_worker_reconnects_after_redis_restarts(
    demo_worker: object, redis_url: str, redis_service: object, tmp_path: Path, at_work: bool
) -> None:
    settings = load_settings(home=tmp_path / "home", broker_url=redis_url)
    database = Database(settings.database_url)
    environment = {"NEURFLOW_HOME": str(settings.home), "NEURFLOW_BROKER_URL": redis_url}
    with worker(environment, "--queue", "interactive") as process:
        wait_until(ready(process), process)
        job_id = reinspected(database, settings, Dataset)
        wait_until(lambda: job_of(database, job_id).state is JobState.SUCCEEDED, process)
        sys.stdout.write(f"picked up after {picked_up(job_of(database, job_id)):.3f} s\n")
        if at_work:
            taken = reinspected(database, settings, Dataset)
            wait_until(lambda: job_of(database, taken).state is JobState.RUNNING, process)
        redis_service.kill()  # type: ignore[attr-defined]
        if at_work:
            wait_until(lambda: job_of(database, taken).state is JobState.SUCCEEDED, process)
        time.sleep(0.5)
        redis_service.start()  # type: ignore[attr-defined]
        further = reinspected(database, settings, Dataset)
        wait_until(lambda: job_of(database, further).state is JobState.SUCCEEDED, process)
        process.process.send_signal(signal.SIGINT)
        assert process.ended() == 0, process.log
    database.close()


def test_a_worker_refuses_tables_of_another_version(make_settings: Callable[..., Settings], tmp_path: Path) -> None:
    home = tmp_path / "home"
    with worker({"NEURFLOW_HOME": str(home)}) as process:
        assert process.ended() == 2
    (line,) = process.lines
    assert line.startswith("error: ")
    assert "neurflow migrate" in line
