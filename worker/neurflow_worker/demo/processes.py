"""Keep a process running: start it, log its output, restart it when it ends, and stop it at the end.

1. It runs in its own session, so that Ctrl-C at the terminal reaches only the supervisor.
2. If it ends on its own, it is restarted: first after half a second, then after increasing delays.
3. :meth:`Child.end` asks it to end, :meth:`Child.kill` forces it.
4. It watches its standard input and ends when the supervisor is gone (:mod:`neurflow_worker.demo.child`).
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from neurflow_worker.demo.output import Output

_FIRST_WAIT: Final = 0.5
_LONGEST_WAIT: Final = 30.0
_STEADY_SECONDS: Final = 30.0
_REFUSED: Final = 2
"""Exit code of a command that prints one line about a problem that users can fix."""


@dataclass(frozen=True)
class Role:
    """What a process runs: the arguments after ``neurflow``, and additional environment variables."""

    name: str
    arguments: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)


class Child:
    """One process that a thread of its own keeps running."""

    def __init__(self, role: Role, output: Output, say: Callable[[str], None]) -> None:
        self.role = role
        self.output = output
        self.quick_deaths = 0
        """How many times in a row it ended soon after starting."""
        self.refused = False
        """Whether it last ended because of a problem that users have to fix."""
        self._say = say
        self._ending = threading.Event()
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._thread = threading.Thread(target=self._keep, name=role.name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def end(self) -> None:
        """Ask it to end, and do not restart it."""
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        self._signal(signal.SIGKILL)

    def join(self, seconds: float) -> bool:
        """Wait until it has ended; returns whether it has."""
        self._thread.join(max(seconds, 0.0))
        return not self._thread.is_alive()

    def _signal(self, number: int) -> None:
        with self._lock:
            self._ending.set()
            if self._process is not None and self._process.poll() is None:
                self._process.send_signal(number)

    def _keep(self) -> None:
        while not self._ending.is_set():
            began = time.monotonic()
            reason = self._run_once()
            if self._ending.is_set():
                break
            self.quick_deaths = self.quick_deaths + 1 if time.monotonic() - began < _STEADY_SECONDS else 1
            wait = min(_FIRST_WAIT * 2 ** (self.quick_deaths - 1), _LONGEST_WAIT)
            self._say(f"{self.role.name} {reason}: restarting in {wait:g} s (log: {self.output.path})")
            self._ending.wait(wait)
        self.output.close()

    def _run_once(self) -> str:
        """Run it until it ends; returns the reason."""
        try:
            with self._lock:
                if self._ending.is_set():
                    return ""
                process = self._process = self._popen()
        except OSError as error:
            return f"could not be started ({error})"
        # Read in parallel: child processes left behind may hold the pipe open longer than the process itself.
        reader = threading.Thread(target=self._read, args=[process], daemon=True)
        reader.start()
        code = process.wait()
        reader.join(1.0)
        self.refused = code == _REFUSED
        return f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"

    def _popen(self) -> subprocess.Popen[str]:
        return subprocess.Popen(  # noqa: S603 - our own interpreter and arguments
            [sys.executable, "-m", "neurflow_worker.demo.child", *self.role.arguments],
            env={**os.environ, "PYTHONUNBUFFERED": "1", **self.role.environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        )

    def _read(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None and process.stdin is not None
        with process.stdin, process.stdout:
            for line in process.stdout:
                self.output.take(line.rstrip("\n"))
