"""``neurflow serve`` as a process: how it starts, what it refuses, how it ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from neurflow_store.installation.database import Database
from neurflow_store.installation.settings import Settings
from tests.server.running import Stream, wait_until

MOST_SECONDS = 1.5
MOST_BYTES = 150 * 2**20
# Parallel tests share the cores, so the process's own CPU time says more than the clock.
_START = [sys.executable, "-c", "from neurflow.cli import main; main()", "serve"]


def _environment(settings: Settings) -> dict[str, str]:
    return {**os.environ, "NEURFLOW_HOME": str(settings.home), "NEURFLOW_DATABASE_URL": settings.database_url}


@contextmanager
def _served(settings: Settings, *options: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Yield the process and its port."""
    process = subprocess.Popen(  # noqa: S603 - our own words
        [*_START, "--port", "0", *options],
        env=_environment(settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        assert line.startswith("NeurFlow Explorer listens on http://127.0.0.1:"), line
        yield process, int(line.rpartition(":")[2])
    finally:
        process.kill()
        process.wait(10)
        process.stdout.close()


def _refused(settings: Settings, *options: str, **environment: str) -> str:
    """Return the error message of a start that is refused."""
    result = subprocess.run(  # noqa: S603 - our own words
        [*_START, *options],
        env={**_environment(settings), **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert result.returncode == 2, result.stdout + result.stderr
    assert result.stderr.count("\n") == 1 and result.stderr.startswith("error: "), result.stderr
    return result.stderr


def test_the_server_starts_quickly_and_uses_little_memory(sqlite_settings: Settings) -> None:
    with _served(sqlite_settings) as (process, port):
        used = psutil.Process(process.pid).cpu_times()
        assert used.user + used.system < MOST_SECONDS
        for path in ("/", "/api/v1/jobs", "/api/v1/circuits", "/api/v1/openapi.json", "/metrics"):
            for _ in range(5):
                with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}") as answer:
                    assert answer.status == 200
                    answer.read()
        assert psutil.Process(process.pid).memory_info().rss < MOST_BYTES


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_server_ends_cleanly_while_streams_are_open(sqlite_settings: Settings, number: signal.Signals) -> None:
    with _served(sqlite_settings) as (process, port):
        stream = Stream(port, "/api/v1/events")
        assert stream.status == 200
        begun = time.monotonic()
        process.send_signal(number)
        assert process.wait(10) == 0
        assert time.monotonic() - begun < 4.0
        assert list(stream.events()) == []
        stream.close()


def test_a_request_in_progress_is_finished(sqlite_settings: Settings) -> None:
    with _served(sqlite_settings) as (process, port), socket.create_connection(("127.0.0.1", port), 10) as client:
        head = f"POST /api/v1/circuits HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Length: 2\r\n"
        client.sendall(f"{head}Content-Type: application/json\r\n\r\n{{".encode())
        time.sleep(0.3)
        process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        client.sendall(b"}")
        assert client.makefile("rb").readline().split()[1] == b"422"
        assert process.wait(10) == 0


def test_an_upload_is_received_into_the_data_folder(sqlite_settings: Settings) -> None:
    with _served(sqlite_settings) as (process, port), socket.create_connection(("127.0.0.1", port), 10) as client:
        size = 3 * 2**20
        head = f"POST /api/v1/uploads/datasets HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Length: {size}\r\n"
        part = 'Content-Disposition: form-data; name="file"; filename="a.zip"\r\n\r\n'
        client.sendall(f"{head}Content-Type: multipart/form-data; boundary=edge\r\n\r\n--edge\r\n{part}".encode())
        client.sendall(bytes(size - 2**20))
        files = Path(f"/proc/{process.pid}/fd")
        wait_until(lambda: any(_of(file).startswith(str(sqlite_settings.home / "uploads")) for file in files.iterdir()))


def _of(descriptor: Path) -> str:
    try:
        return os.readlink(descriptor)
    except FileNotFoundError:
        return ""  # closed since


def test_an_unusable_data_folder_is_refused(sqlite_settings: Settings) -> None:
    (sqlite_settings.home / "uploads").write_text("in the way")
    assert "NEURFLOW_HOME" in _refused(sqlite_settings)


def test_a_database_without_tables_is_refused(make_settings: Callable[..., Settings], empty_database_url: str) -> None:
    settings = make_settings(database_url=empty_database_url)
    assert "run `neurflow migrate`" in _refused(settings)
    if (database := Database(empty_database_url)).is_sqlite:
        assert not os.path.exists(str(database.url.database)), "a start that is refused makes nothing"
    database.close()


def test_without_accounts_other_machines_are_refused(sqlite_settings: Settings) -> None:
    assert "NEURFLOW_AUTH=proxy" in _refused(sqlite_settings, "--host", "0.0.0.0")  # noqa: S104 - what is refused
    assert "NEURFLOW_AUTH=proxy" in _refused(sqlite_settings, NEURFLOW_HOST="::")


def test_a_port_in_use_is_refused(sqlite_settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = _refused(sqlite_settings, "--port", str(port))
    assert f"port {port}" in said and "--port" in said


def test_an_invalid_setting_is_refused(sqlite_settings: Settings) -> None:
    assert "NEURFLOW_LOG_LEVEL" in _refused(sqlite_settings, NEURFLOW_LOG_LEVEL="loud")
