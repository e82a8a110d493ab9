"""PostgreSQL and Redis as processes of a test run: started on free ports of loopback, stopped by their process ids."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import redis

_WAIT_SECONDS = 30.0


def find_program(name: str) -> Path | None:
    """A program in the path, or where Debian puts PostgreSQL's."""
    places = [*sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)]
    found = shutil.which(name) or next((str(p / name) for p in places if (p / name).exists()), None)
    return Path(found) if found else None


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Service:
    """A server process that can be killed and started again on the same port with the same data."""

    command: list[str]
    port: int
    ready: Callable[[], bool]
    user: str | None = None
    stop_signal: int = 15
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def start(self) -> None:
        self.process = subprocess.Popen(  # noqa: S603 - our own words
            self.command, user=self.user, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/"
        )
        deadline = time.monotonic() + _WAIT_SECONDS
        while not self.ready():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{self.command[0]} did not start")
            time.sleep(0.02)

    def stop(self) -> None:
        if self.process is not None:
            self.process.send_signal(self.stop_signal)
            self.process.wait(_WAIT_SECONDS)
            self.process = None

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait(_WAIT_SECONDS)
            self.process = None


@contextmanager
def postgresql() -> Iterator[Service]:
    """A PostgreSQL server with the superuser ``neurflow``, in a folder of its own that is removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="neurflow-postgresql-"))
    # PostgreSQL refuses to run as root.
    user = "postgres" if os.geteuid() == 0 else None
    if user:
        owner = pwd.getpwnam(user)
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    port = free_port()
    data = str(folder / "data")
    initdb, postgres = find_program("initdb"), find_program("postgres")
    try:
        subprocess.run(  # noqa: S603 - our own words
            [str(initdb), "-D", data, "-U", "neurflow", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"],
            user=user,
            check=True,
            stdout=subprocess.DEVNULL,
            cwd="/",
        )
        command = [str(postgres), "-D", data, "-p", str(port), "-k", str(folder), "-h", "127.0.0.1"]
        # Faults of processes are tested, not of the power supply.
        command += ["-c", "fsync=off", "-c", "full_page_writes=off", "-c", "max_connections=200"]
        service = Service(command, port, lambda: _answers_sql(port), user, stop_signal=2)
        service.start()
        try:
            yield service
        finally:
            service.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def redis_server() -> Iterator[Service]:
    """A Redis server that writes its data down, so that it may be restarted, in a folder that is removed at the end."""
    with tempfile.TemporaryDirectory(prefix="neurflow-redis-") as folder:
        port = free_port()
        command = [str(find_program("redis-server")), "--port", str(port), "--bind", "127.0.0.1", "--dir", folder]
        service = Service(
            [*command, "--appendonly", "yes", "--appendfsync", "always"], port, lambda: _answers_redis(port)
        )
        service.start()
        try:
            yield service
        finally:
            service.stop()


def _answers_sql(port: int) -> bool:
    try:
        psycopg.connect(f"postgresql://neurflow@127.0.0.1:{port}/postgres", connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def _answers_redis(port: int) -> bool:
    try:
        with redis.Redis(port=port) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False
