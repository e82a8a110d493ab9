"""Starts real workers quickly, so that a test can kill many: PyTorch is imported once, and each worker is a fork.

Run as a program it reads lines from its standard input: ``start QUEUE SECONDS`` forks a worker of that queue, whose
clock is ahead by these seconds, and answers with its process id. When its input ends, it ends, and so do its workers.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager


class Launcher:
    """The test's side: starts workers, and knows which of them live."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def start(self, queue: str, ahead: float = 0.0) -> int:
        """Start a worker whose clock is ``ahead`` by some seconds; return its process id."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"start {queue} {ahead}\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


def kill(pid: int) -> None:
    """Kill a process, as a power cut would."""
    os.kill(pid, signal.SIGKILL)


@contextmanager
def launcher(environment: Mapping[str, str]) -> Iterator[Launcher]:
    """Run a launcher whose workers have these environment variables, in addition to the test's."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.launcher"],
        env={**os.environ, "OMP_NUM_THREADS": "1", **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield Launcher(process)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                stream.close()


def _serve() -> None:
    from neurflow_worker.cli import worker
    from neurflow_worker.preloading import preload
    from tests.chaos.shifted import shift

    preload()

    # Children that end leave no zombies.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for line in sys.stdin:
        _, queue, ahead = line.split()
        pid = os.fork()
        if pid == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.dup2(os.open(os.devnull, os.O_RDWR), 1)
            os.dup2(1, 0)
            shift(float(ahead))
            worker.command.main(["--queue", queue], prog_name="neurflow worker")
            os._exit(0)
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _serve()
