"""Measure the service: responses under load, the API process, two workers and one, and how soon a job starts.

Uses 2,000 circuits and 200,000 groups, in SQLite and in PostgreSQL. Takes about five minutes on two cores; ``--parts
answers`` measures one part only.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psutil

from neurflow_store.asking import registry, requests
from neurflow_store.asking.trace_parameters import TraceParameters
from neurflow_store.installation.broker import CeleryAnnouncer
from neurflow_store.installation.database import Database
from neurflow_store.installation.settings import load_settings
from neurflow_store.jobs import queue
from neurflow_store.tables import Dataset, JobState
from neurflow_store.upkeep.migrate import upgrade
from tests.benchmarks.large_store import fill
from tests.services import processes

ROOT = Path(__file__).resolve().parents[2]
QUESTIONS = {
    "gallery's first page": ["/api/v1/circuits"],
    "gallery, each of another length": ["/api/v1/circuits", "--apart"],
    "circuit's overview": ["/api/v1/circuits/large-00000"],
}
CLASSES = 6
PARAMETERS = TraceParameters.model_validate({"images": 20, "tau": 8, "top_k": 20})


def main() -> None:
    """Run the parts one after another."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--parts", default="answers,pickup,workers", help="which parts to measure")
    arguments.add_argument("--circuits", type=int, default=2000, help="circuits in the store, of 100 groups each")
    options = arguments.parse_args()
    parts = options.parts.split(",")
    if "answers" in parts:
        for kind, database_url in (("SQLite", _sqlite), ("PostgreSQL", _postgresql)):
            with database_url() as url, tempfile.TemporaryDirectory() as home:
                _answers(kind, url, Path(home), options.circuits)
    if "pickup" in parts:
        _pickup()
    if "workers" in parts:
        _workers()


def _answers(kind: str, url: str, home: Path, circuits: int) -> None:
    database = Database(url)
    upgrade(database)
    fill(database, circuits)
    database.close()
    with _process(["serve", "--port", "0"], home, url, "the server") as (server, port):
        print(f"{kind}: the server listened after {server.started:.2f} s with {server.memory():.0f} MB", flush=True)
        for title, question in QUESTIONS.items():
            command = [sys.executable, "-m", "tests.benchmarks.load", str(port), *question]
            done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own words
            figures = json.loads(done.stdout)
            shown = "  ".join(f"{name} {figures[name]:.1f} ms" for name in ("p50", "p95", "p99"))
            print(f"{kind}: {title}, 20 in flight: {shown}  {figures['per_second']} a second", flush=True)
        print(f"{kind}: after that the server holds {server.memory():.0f} MB", flush=True)


def _pickup() -> None:
    """Measure how long after the request an idle worker starts a job, on the embedded default."""
    with tempfile.TemporaryDirectory() as home, _sqlite() as url:
        settings = load_settings(home=Path(home), database_url=url)
        database = Database(url)
        upgrade(database)
        announcer = CeleryAnnouncer(settings)
        with _process(["worker", "--queue", "interactive"], Path(home), url, "the worker"):
            waits = []
            for number in range(20):
                with database.writing() as session:
                    network = registry.register_network(
                        session, announcer, spec="demo/photos", options={"input_size": 64 + 8 * number}
                    )
                    job_id = network.job_id
                waits.append(_until(database, job_id, lambda state: state is not JobState.QUEUED))
                _until(database, job_id, lambda state: state in queue.ENDED)
        database.close()
        worst, median = max(waits), statistics.median(waits)
        print(
            f"a job begins {median:.2f} s after its request (median of {len(waits)}, at most {worst:.2f} s)", flush=True
        )


def _workers() -> None:
    """Measure a batch over several classes by one worker of one thread, and by two."""
    seconds = {}
    for count in (1, 2):
        with tempfile.TemporaryDirectory() as home, _sqlite() as url:
            seconds[count] = _batch(Path(home), url, count)
            print(f"{CLASSES} circuits by {count} of one thread each: {seconds[count]:.1f} s", flush=True)
    print(f"two workers are {seconds[1] / seconds[2]:.2f} times as fast as one", flush=True)


def _batch(home: Path, url: str, count: int) -> float:
    settings = load_settings(home=home, database_url=url)
    database = Database(url)
    upgrade(database)
    announcer = CeleryAnnouncer(settings)
    with _process(["worker", "--queue", "interactive"], home, url, "a worker"):
        with database.writing() as session:
            network = registry.register_network(session, announcer, spec="demo/photos")
            data = registry.register_dataset(session, announcer, settings, spec="demo/photos")
        for job_id in (network.job_id, data.job_id):
            _until(database, job_id, lambda state: state is JobState.SUCCEEDED)
    with database.reading() as session:
        classes = [row["name"] for row in session.get_one(Dataset, data.id).classes][:CLASSES]
    workers = [_process(["worker", "--queue", "circuits"], home, url, "a worker") for _ in range(count)]
    with _all(workers):
        start = time.perf_counter()
        with database.writing() as session:
            asked = requests.request_batch(
                session, announcer, network_id=network.id, dataset_id=data.id, classes=classes, parameters=PARAMETERS
            )
        for circuit, _ in asked:
            _until(database, circuit.job_id, lambda state: state is JobState.SUCCEEDED)
        seconds = time.perf_counter() - start
    database.close()
    return seconds


def _until(database: Database, job_id: str, reached: Callable[[JobState], bool]) -> float:
    start = time.perf_counter()
    while True:
        with database.reading() as session:
            job = queue.find(session, job_id)
        if reached(job.state):
            return time.perf_counter() - start
        if job.state is JobState.FAILED:
            raise SystemExit(f"{job_id} failed: {job.problem}")
        time.sleep(0.01)


class _Running:
    """Run one of our commands as a process; yield it, the seconds until it was ready, and its memory."""

    def __init__(self, process: subprocess.Popen[str], started: float) -> None:
        self.process, self.started = process, started

    def memory(self) -> float:
        """Return resident memory in MB."""
        return float(psutil.Process(self.process.pid).memory_info().rss) / 1e6


@contextmanager
def _process(arguments: list[str], home: Path, url: str, what: str) -> Iterator[tuple[_Running, int]]:
    """Run ``neurflow`` until it is ready; yield the port that it prints, or 0."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "NEURFLOW_THREADS": "1", "NEURFLOW_HOME": str(home)}
    log = home / f"{'-'.join(arguments)}-{time.monotonic_ns()}.log"
    start = time.perf_counter()
    with log.open("w") as out:
        process = subprocess.Popen(  # noqa: S603 - our own words
            [str(Path(sys.executable).with_name("neurflow")), *arguments],
            env={**environment, "NEURFLOW_DATABASE_URL": url},
            stdout=out,
            stderr=subprocess.STDOUT,
            text=True,
        )
    try:
        while not (said := re.search(r"http://[^:\s]+:(\d+)|ready", log.read_text())):
            if process.poll() is not None:
                raise SystemExit(f"{what} ended: {log.read_text()}")
            time.sleep(0.005)
        port = int(said[1] or 0)
        if port:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz").close()
        yield _Running(process, time.perf_counter() - start), port
    finally:
        process.terminate()
        process.wait(60)


@contextmanager
def _all(managers: list[Any]) -> Iterator[None]:
    with ExitStack() as stack:
        for manager in managers:
            stack.enter_context(manager)
        yield


@contextmanager
def _sqlite() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        yield f"sqlite:///{folder}/neurflow.db"


@contextmanager
def _postgresql() -> Iterator[str]:
    with processes.postgresql() as service:
        yield f"postgresql://neurflow@127.0.0.1:{service.port}/postgres"


if __name__ == "__main__":
    main()
