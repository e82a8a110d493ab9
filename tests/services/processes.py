"""PostgreSQL and Redis as processes of a test run: started on free local ports, stopped by their process ids."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
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

_WAIT_SECONDS = 60.0
_TRIES = 5
# Ends a server whose test run was killed: the pipe that it reads from closes then.
_WATCH = 'read -r _; kill -"$1" "$2" 2>/dev/null'


def find_program(name: str) -> Path | None:
    """Return a program in the path, or where Debian installs PostgreSQL's."""
    places = [*sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)]
    found = shutil.which(name) or next((str(p / name) for p in places if (p / name).exists()), None)
    return Path(found) if found else None


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Service:
    """A server process that can be killed and started again on the same port with the same data.

    ``ready`` says whether this very server answers: another one may have taken the port.
    """

    command: list[str]
    port: int
    ready: Callable[[], bool]
    user: str | None = None
    stop_signal: int = signal.SIGTERM
    # The server of a killed test run ends at once, except that PostgreSQL has to end its own processes first.
    orphan_signal: int = signal.SIGKILL
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)
    watch: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def start(self) -> None:
        """Start the server unless it runs, and wait until it answers."""
        if self.running:
            return
        self._forget()
        self.process = subprocess.Popen(  # noqa: S603 - our own words
            self.command,
            user=self.user,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            start_new_session=True,  # Ctrl-C is for the test run, which stops the server cleanly
        )
        words = ["sh", "-c", _WATCH, "sh", str(int(self.orphan_signal)), str(self.process.pid)]
        self.watch = subprocess.Popen(words, stdin=subprocess.PIPE, start_new_session=True)  # noqa: S603 - as above
        deadline = time.monotonic() + _WAIT_SECONDS
        while not self.ready():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"{self.command[0]} did not start")
            time.sleep(0.02)

    def stop(self) -> None:
        """Stop the server cleanly."""
        self._end(self.stop_signal)

    def kill(self) -> None:
        """Kill the server, as a crash would."""
        self._end(signal.SIGKILL)

    def _end(self, how: int) -> None:
        if self.process is not None:
            self.process.send_signal(how)
            try:
                self.process.wait(_WAIT_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self._forget()

    def _forget(self) -> None:
        if self.watch is not None:
            self.watch.kill()
            self.watch.wait()
            if self.watch.stdin is not None:
                self.watch.stdin.close()
        self.process = self.watch = None


@contextmanager
def postgresql() -> Iterator[Service]:
    """Run a PostgreSQL server with the superuser ``neurflow``, in a folder of its own that is removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="neurflow-postgresql-"))
    # PostgreSQL refuses to run as root.
    user = _other_user() if os.geteuid() == 0 else None
    if user:
        owner = pwd.getpwnam(user)
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    data = str(folder / "data")
    initdb, postgres = find_program("initdb"), find_program("postgres")
    # Crashes of processes are tested, not power cuts. Commits stay synchronous: a killed server has lost none.
    options = ["fsync=off", "full_page_writes=off", "wal_level=minimal", "max_wal_senders=0"]
    options += ["autovacuum=off", "max_connections=200", "unix_socket_directories="]

    def service(port: int) -> Service:
        command = [str(postgres), "-D", data, "-p", str(port), "-h", "127.0.0.1"]
        command += [word for option in options for word in ("-c", option)]
        return Service(
            command,
            port,
            lambda: _answers_sql(port, data),
            user,
            stop_signal=signal.SIGINT,
            orphan_signal=signal.SIGQUIT,
        )

    try:
        subprocess.run(  # noqa: S603 - our own words
            [str(initdb), "-D", data, "-U", "neurflow", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"],
            user=user,
            check=True,
            stdout=subprocess.DEVNULL,
            cwd="/",
        )
        with _started(service) as running:
            yield running
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def redis_server() -> Iterator[Service]:
    """Run a Redis server that saves its data, so that it can be restarted, in a folder that is removed at the end."""
    with tempfile.TemporaryDirectory(prefix="neurflow-redis-") as folder:

        def service(port: int) -> Service:
            command = [str(find_program("redis-server")), "--port", str(port), "--bind", "127.0.0.1", "--dir", folder]
            command += ["--save", "", "--appendonly", "yes", "--appendfsync", "always"]
            return Service(command, port, lambda: _answers_redis(port, folder))

        with _started(service) as running:
            yield running


@contextmanager
def _started(make: Callable[[int], Service]) -> Iterator[Service]:
    """Start a service on a port that no one else took meanwhile."""
    for attempt in range(_TRIES):
        service = make(free_port())
        try:
            service.start()
            break
        except RuntimeError:
            if attempt == _TRIES - 1:
                raise
    try:
        yield service
    finally:
        service.stop()


def _other_user() -> str:
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in known)


def _answers_sql(port: int, data: str) -> bool:
    try:
        with psycopg.connect(f"postgresql://neurflow@127.0.0.1:{port}/postgres", connect_timeout=2) as connection:
            row = connection.execute("SHOW data_directory").fetchone()
    except psycopg.OperationalError:
        return False
    return row is not None and row[0] == data


def _answers_redis(port: int, folder: str) -> bool:
    try:
        with redis.Redis(port=port, socket_timeout=2) as client:
            answer = client.config_get("dir")
    except redis.RedisError:
        return False
    return isinstance(answer, dict) and Path(str(answer.get("dir"))).resolve() == Path(folder).resolve()
