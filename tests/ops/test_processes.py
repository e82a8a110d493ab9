"""A supervised process and its output. Commands without PyTorch stand in for workers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from neurflow_worker.demo import processes
from neurflow_worker.demo.output import Output
from neurflow_worker.demo.processes import Child, Role

SLEEPER = "import time, sys; print('now warning up', flush=True); time.sleep(60)"
# Stands in for `python -m neurflow_worker.demo.child serve`, with the same watch on its parent.
WATCHED = """
import sys, time
from neurflow_worker.demo.child import end_with
end_with(sys.stdin.fileno(), patience=0.2)
print("up", flush=True)
until = time.monotonic() + 120
while time.monotonic() < until:
    try: time.sleep(1)
    except BaseException: pass
"""


def until(holds: Callable[[], object], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.02)


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def make_child(tmp_path: Path, said: list[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Child]]:
    """Return a function that makes a child that runs some code in place of a command."""
    children: list[Child] = []
    popen = subprocess.Popen

    def make(code: str) -> Child:
        def run(command: list[str], **options: object) -> subprocess.Popen[str]:
            assert command[:3] == [sys.executable, "-m", "neurflow_worker.demo.child"]
            return popen([sys.executable, "-c", code], **options)  # type: ignore[call-overload, no-any-return]

        monkeypatch.setattr(subprocess, "Popen", run)
        children.append(Child(Role("sleeper", ("serve",)), Output("sleeper", tmp_path, said.append), said.append))
        return children[-1]

    yield make
    for child in children:
        child.kill()
        assert child.join(10.0)


def pid_of(child: Child) -> int:
    process = child._process
    return process.pid if process is not None and process.poll() is None else 0


def test_a_process_is_restarted_when_it_dies_and_ends_when_told(
    make_child: Callable[[str], Child], said: list[str]
) -> None:
    child = make_child(SLEEPER)
    child.start()
    until(lambda: "[sleeper] now warning up" in said)
    first = pid_of(child)
    os.kill(first, signal.SIGKILL)
    until(lambda: said.count("[sleeper] now warning up") == 2)
    assert pid_of(child) not in (0, first)
    (told,) = [line for line in said if "restarting" in line]
    assert told.startswith("sleeper was ended by signal 9: restarting in 0.5 s")
    child.end()
    assert child.join(10.0)
    assert not psutil.pid_exists(first)
    assert said.count("[sleeper] now warning up") == 2


def test_a_process_that_keeps_dying_is_restarted_ever_later(
    make_child: Callable[[str], Child], said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "_FIRST_WAIT", 0.01)
    child = make_child("raise SystemExit('no settings')")
    child.start()
    until(lambda: child.quick_deaths >= 3)
    child.end()
    assert child.join(10.0)
    waits = [line.partition(" in ")[2].split()[0] for line in said if "ended with exit code 1" in line]
    assert waits[:3] == ["0.01", "0.02", "0.04"]
    assert "no settings" in child.output.last
    assert "no settings" in child.output.path.read_text("utf-8")


def test_a_process_that_cannot_be_started_is_retried(
    make_child: Callable[[str], Child], said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    child = make_child(SLEEPER)
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    monkeypatch.setattr(subprocess, "Popen", subprocess.Popen)
    child.start()
    until(lambda: said)
    assert said[0].startswith("sleeper could not be started (")


def test_a_process_ends_when_its_parent_is_killed_even_if_it_hangs() -> None:
    """The parent holds the only other end of its standard input."""
    parent = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", sys.argv[1]], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
child.stdout.readline()
print(child.pid, flush=True)
time.sleep(60)
"""
    with subprocess.Popen(  # noqa: S603 - our own words
        [sys.executable, "-c", parent, WATCHED], stdout=subprocess.PIPE, encoding="utf-8"
    ) as process:
        assert process.stdout is not None
        child = int(process.stdout.readline())
        process.kill()
    until(lambda: not psutil.pid_exists(child) or psutil.Process(child).status() == psutil.STATUS_ZOMBIE)


@pytest.mark.parametrize("verbose", [False, True])
def test_the_terminal_gets_warnings_and_the_file_everything(tmp_path: Path, verbose: bool) -> None:
    said: list[str] = []
    output = Output("web", tmp_path / "logs", said.append, verbose)
    lines = [
        "2026-11-22T12:00:00Z info    neurflow_server: begun",
        "2026-11-22T12:00:01Z error   uvicorn.error: broken",
        "    Traceback (most recent call last):",
        "2026-11-22T12:00:02Z info    neurflow_server: an error [error] was mended",
        '{"event": "late", "level": "warning"}',
    ]
    for line in lines:
        output.take(line)
    output.close()
    assert output.path.read_text("utf-8").splitlines() == lines
    shown = lines if verbose else [lines[1], lines[2], lines[4]]
    assert said == [f"[web] {line}" for line in shown]


def test_a_long_log_is_rotated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("neurflow_worker.demo.output._MOST_BYTES", 1000)
    output = Output("web", tmp_path, lambda line: None)
    for number in range(100):
        output.take(f"now info line {number} " + "x" * 50)
    output.close()
    sizes = {path.name: path.stat().st_size for path in tmp_path.iterdir()}
    assert set(sizes) == {"web.log", "web.log.1"}
    assert max(sizes.values()) <= 1000
