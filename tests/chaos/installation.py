"""A whole installation whose processes can be killed and started again.

Two servers, two workers and a sweeper; with PostgreSQL and Redis also these.
"""

from __future__ import annotations

import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import psutil

from neurflow_store.installation.database import Database
from neurflow_store.upkeep.migrate import upgrade
from tests.faults.launcher import Launcher, kill, launcher
from tests.ops.service import environment, until
from tests.services import processes

Kind = Literal["files", "servers"]
SETTINGS = {
    "NEURFLOW_DEVICE": "cpu",
    "NEURFLOW_THREADS": "1",
    "NEURFLOW_LEASE_SECONDS": "4",
    "NEURFLOW_HEARTBEAT_SECONDS": "0.3",
    "NEURFLOW_SWEEP_SECONDS": "0.2",
    "NEURFLOW_RESEND_SECONDS": "1",
    "NEURFLOW_RETRY_SECONDS": "0.2",
    "NEURFLOW_MAX_ATTEMPTS": "100",
    "NEURFLOW_BROWSABLE_IMAGES": "4",
    "NEURFLOW_UPLOADS_PER_HOUR": "1000000",
}
_PATIENCE = 120.0
QUEUES = ("circuits", "interactive")


@dataclass
class Victim:
    """A process of the installation. ``strike`` kills it and starts it again with a clock that is ``shift`` s ahead."""

    name: str
    weight: int
    strike: Callable[[float], None]


class Installation:
    """Processes on ``home``, started by :func:`running`. What ends by itself is started again, as a supervisor does."""

    def __init__(self, home: Path, database_url: str, variables: dict[str, str], starts: Launcher) -> None:
        self.home, self.database_url = home, database_url
        self.servers = [processes.free_port() for _ in range(2)]
        self.victims: list[Victim] = []
        self.variables, self._launcher = variables, starts
        self._workers: dict[str, int] = {}
        self._commands: dict[tuple[str, ...], subprocess.Popen[bytes]] = {}
        self._lock, self._stopped = threading.Lock(), threading.Event()
        self._supervisor = threading.Thread(target=self._supervise, daemon=True)

    def start(self) -> None:
        """Start what the project's own processes are, and list them as victims."""
        for queue in QUEUES:
            self._workers[queue] = self._launcher.start(queue)
            self.victims.append(Victim(f"worker ({queue})", 5, lambda shift, q=queue: self._strike_worker(q, shift)))  # type: ignore[misc]
        for port in self.servers:
            command = ("serve", "--port", str(port))
            self._start(command, 0.0)
            self.victims.append(Victim("server", 2, lambda shift, c=command: self._strike(c, shift)))  # type: ignore[misc]
        self._start(("sweeper",), 0.0)
        self.victims.append(Victim("sweeper", 2, lambda shift: self._strike(("sweeper",), shift)))
        for port in self.servers:
            until(lambda p=port: answers(p), _PATIENCE, f"the answer of the server on port {port}")  # type: ignore[misc]

        self._supervisor.start()

    def stop(self) -> None:
        """End the commands; the launcher ends the workers."""
        if not self._stopped.is_set():
            self._stopped.set()
            self._supervisor.join()
        for process in self._commands.values():
            process.kill()
            process.wait()

    def _strike_worker(self, queue: str, shift: float) -> None:
        with self._lock:
            kill(self._workers[queue])
            until(lambda: not psutil.pid_exists(self._workers[queue]), _PATIENCE, "the end of a worker")
            self._workers[queue] = self._launcher.start(queue, shift)

    def _strike(self, command: tuple[str, ...], shift: float) -> None:
        with self._lock:
            process = self._commands[command]
            process.kill()
            process.wait()
            self._start(command, shift)

    def _start(self, command: tuple[str, ...], shift: float) -> None:
        words = [sys.executable, "-m", "tests.chaos.shifted", str(shift), *command]
        with (self.home.parent / f"{command[0]}.log").open("ab") as log:
            self._commands[command] = subprocess.Popen(  # noqa: S603 - our own words
                words, env=environment(self.home, **self.variables), stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    def _supervise(self) -> None:
        """Start again what ended because it began while the database was away."""
        while not self._stopped.wait(0.5):
            with self._lock:
                for queue, pid in self._workers.items():
                    if not psutil.pid_exists(pid):
                        self._workers[queue] = self._launcher.start(queue)
                for command, process in list(self._commands.items()):
                    if process.poll() is not None:
                        self._start(command, 0.0)


def answers(port: int) -> bool:
    """Whether a server answers."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


@contextmanager
def running(kind: Kind, folder: Path) -> Iterator[Installation]:
    """A new installation in ``folder``: on SQLite and files, or on PostgreSQL and Redis of its own."""
    home = folder / "home"
    home.mkdir(parents=True)
    with ExitStack() as stack:
        variables, url = dict(SETTINGS), f"sqlite:///{home / 'neurflow.db'}"
        more: list[Victim] = []
        if kind == "servers":
            postgresql = stack.enter_context(processes.postgresql())
            redis = stack.enter_context(processes.redis_server())
            url = f"postgresql://neurflow@127.0.0.1:{postgresql.port}/postgres"
            variables |= {
                "NEURFLOW_DATABASE_URL": url,
                "NEURFLOW_BROKER_URL": f"redis://127.0.0.1:{redis.port}/0",
            }
            more = [
                Victim("PostgreSQL", 2, lambda _: _restart(postgresql)),
                Victim("Redis", 2, lambda _: _restart(redis)),
            ]
        database = Database(url)
        upgrade(database)
        database.close()
        starts = stack.enter_context(launcher({**variables, "NEURFLOW_HOME": str(home)}))
        made = Installation(home, url, variables, starts)
        stack.callback(made.stop)
        made.start()
        made.victims += more
        yield made


def _restart(service: processes.Service) -> None:
    service.kill()
    service.start()
