"""``neurflow demo`` for real: it starts everything, restarts what dies, and leaves nothing behind however it ends.

The tests share a demo and continue from each other, because its start takes seconds of computing.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.ops import tour
from tests.ops.service import NEURFLOW, Api, end, environment, is_gone, started, until
from tests.services.processes import free_port

PATIENCE = 180.0
"""Seconds, far more than it takes, for busy machines."""


class Demo:
    """A started demo."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, log: Path) -> None:
        self.process, self.port, self.api, self._log = process, port, Api(port), log

    def children(self) -> dict[str, int]:
        """The processes by the last word of their command."""
        found = {}
        for process in psutil.Process(self.process.pid).children():
            try:
                words = " ".join(process.cmdline()).split()
            except psutil.NoSuchProcess:
                continue  # it has ended since it was listed, or is about to be reaped
            # If setproctitle is installed, Celery replaces the command with a title: "[celeryd: …] (worker …)".
            if "neurflow_worker.demo.child" in words or words[:1] == ["[celeryd:"]:
                found[words[-1].rstrip(")")] = process.pid
        return found

    def circuit(self, class_name: str) -> Any:
        circuits = self.api.get("/circuits")["items"]
        return next((circuit for circuit in circuits if circuit["class"] == class_name), None)

    def progress(self, class_name: str) -> Any:
        """Wait for a circuit's first progress; return its job."""
        circuit = self.circuit(class_name)
        return circuit and circuit["job"]["fraction"] > 0 and circuit["job"]

    def said(self) -> str:
        return self._log.read_text("utf-8")


@contextmanager
def demo(home: Path) -> Iterator[Demo]:
    """Run a demo on a free port; yield once it has printed its address."""
    port, log = free_port(), home.with_name(f"demo-{free_port()}.log")
    with started([NEURFLOW, "demo", "--port", str(port)], environment(home), log) as process:
        running = Demo(process, port, log)
        until(lambda: f"ready at http://127.0.0.1:{port}/ " in running.said(), PATIENCE, "the address")
        yield running


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo") / "home"


@pytest.fixture(scope="module")
def running(home: Path) -> Iterator[Demo]:
    """The first start of a demo."""
    with demo(home) as first:
        until(first.api.is_ready, PATIENCE, "all that the service needs")
        yield first


def test_a_killed_worker_is_restarted(running: Demo) -> None:
    children = running.children()
    assert set(children) == {"serve", "circuits", "interactive"}
    os.kill(children["circuits"], signal.SIGKILL)
    until(lambda: running.children().get("circuits") not in (None, children["circuits"]), 20, "another worker")
    assert "circuits was ended by signal 9: restarting in " in running.said()
    assert running.children()["serve"] == children["serve"], "the others go on"


def test_the_first_circuit_shows_progress_and_is_finished(running: Demo) -> None:
    seen = until(lambda: running.progress("cat"), PATIENCE, "progress of the first circuit")
    assert seen["stage"]
    overview = running.api.finished(running.circuit("cat")["id"], PATIENCE)
    assert overview["groups"]
    until(lambda: "the first circuit is finished: cat\n" in running.said(), 10, "the word of it")


def test_the_readme_s_tour_works_as_printed(running: Demo, tmp_path: Path) -> None:
    # It would be queued after the demo's other circuits, each of which takes half a minute.
    for job in running.api.get("/jobs?state=queued")["items"] + running.api.get("/jobs?state=running")["items"]:
        running.api.post(f"/jobs/{job['id']}/cancel")

    _, registered, asked, watched, read, taken = tour.run(running.port, tmp_path)
    assert "event: end" in registered
    assert "'default': True" in registered
    assert asked == taken == ""
    assert "event: progress" in watched
    assert json.loads(watched.rpartition("data: ")[2])["state"] == "succeeded"
    counts, group = read.splitlines()
    assert "'groups': 0" not in counts
    assert json.loads(group)["neurons"]
    assert (tmp_path / "patch.webp").read_bytes()[8:12] == b"WEBP"
    with zipfile.ZipFile(tmp_path / "coins.zip") as bundle:
        assert "circuit.json" in bundle.namelist()
    assert "<graphml" in (tmp_path / "coins.graphml").read_text("utf-8")


def test_ctrl_c_ends_everything_and_releases_the_job_in_hand(running: Demo) -> None:
    running.api.call("DELETE", f"/api/v1/circuits/{running.circuit('cat')['id']}")
    running.api.post(f"/circuits/{running.circuit('flower')['id']}/recompute")
    until(lambda: running.circuit("flower")["state"] == "running", PATIENCE, "a job in hand")
    children = running.children()
    assert end(running.process) == 0
    assert all(is_gone(pid) for pid in children.values())
    assert running.said().endswith("NeurFlow Explorer has stopped\n")
    assert "Traceback" not in running.said()


def test_deleted_circuits_stay_deleted_and_a_killed_demo_leaves_nothing(running: Demo, home: Path) -> None:
    assert running.process.returncode == 0
    with demo(home) as second:
        assert second.circuit("cat") is None
        assert second.circuit("flower")["state"] in ("queued", "running")
        children = second.children()
        second.process.kill()
        until(lambda: all(is_gone(pid) for pid in children.values()), 20, "the end of all processes")
