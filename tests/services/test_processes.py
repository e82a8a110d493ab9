"""The servers of the tests: they answer, keep their data after a crash, and end with their test run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
import redis

from tests.services import processes
from tests.services.processes import Service

ROOT = Path(__file__).parents[2]
ORPHAN = """
import os, time
from tests.services import processes
with processes.redis_server() as service:
    print(service.process.pid, flush=True)
    time.sleep(60)
"""


def test_postgresql_keeps_its_data_through_a_crash(postgresql_server: Service, postgresql_url: str) -> None:
    with psycopg.connect(postgresql_url) as connection:
        connection.execute("CREATE TABLE numbers (number INTEGER)")
        connection.execute("INSERT INTO numbers VALUES (7)")
    for end in (postgresql_server.kill, postgresql_server.stop):
        end()
        assert not postgresql_server.running
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(postgresql_url)
        postgresql_server.start()
        with psycopg.connect(postgresql_url) as connection:
            assert connection.execute("SELECT number FROM numbers").fetchall() == [(7,)]


def test_redis_keeps_its_data_through_a_crash(redis_service: Service, redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        client.set("number", 7)
    for end in (redis_service.kill, redis_service.stop):
        end()
        redis_service.start()
        with redis.Redis.from_url(redis_url) as client:
            assert client.get("number") == b"7"


def test_starting_a_running_server_does_nothing(redis_service: Service) -> None:
    process = redis_service.process
    redis_service.start()
    assert redis_service.process is process


def test_another_server_on_the_port_is_not_mistaken_for_ours(redis_service: Service) -> None:
    with pytest.raises(RuntimeError, match="did not start"):
        Service(["sh", "-c", "exit 1"], redis_service.port, lambda: False).start()
    other = processes._answers_redis(redis_service.port, "/somewhere/else")
    assert not other


def test_each_test_has_an_empty_database(postgresql_url: str, empty_postgresql_url: str) -> None:
    tables = "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'"
    with psycopg.connect(postgresql_url) as connection:
        assert connection.execute(tables).fetchone() != (0,)
        assert connection.execute("SELECT count(*) FROM jobs").fetchone() == (0,)
    with psycopg.connect(empty_postgresql_url) as connection:
        assert connection.execute(tables).fetchone() == (0,)


def test_a_run_that_is_killed_leaves_no_server_behind(redis_service: Service) -> None:
    run = subprocess.Popen(  # noqa: S603 - our own interpreter and our own words
        [sys.executable, "-c", ORPHAN], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert run.stdout is not None
    pid = int(run.stdout.readline())
    assert alive(pid)
    run.send_signal(signal.SIGKILL)
    run.wait()
    run.stdout.close()
    deadline = time.monotonic() + 20
    while alive(pid):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def alive(pid: int) -> bool:
    """Return whether a process exists that has not ended; a zombie has ended."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    return not status.exists() or status.read_text().rpartition(")")[2].split()[0] != "Z"
