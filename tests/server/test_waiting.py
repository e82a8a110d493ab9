"""Requests that wait for their jobs, on a real server: they hold no threads or connections and block nothing."""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from neurflow_store.installation.database import Database
from neurflow_store.installation.settings import Settings
from neurflow_store.jobs import lease, queue
from neurflow_store.tables import Analysis, JobKind
from tests.server.lens_worker import working
from tests.server.running import Running, Stream, running, wait_until
from tests.services.fixtures import RecordingAnnouncer
from tests.store import rows
from tests.store.analysing import lens_jobs, write_analysis, write_measured
from tests.store.circuit_requests import count

MANY = 50


@pytest.fixture(autouse=True)
def _analysis(database: Database) -> None:
    with database.writing() as session:
        rows.add_basis(session)
        rows.add_circuit(session)
        rows.add_analysis(session)


class Waiter(threading.Thread):
    """A client that requests an analysis or a knock-out, and waits."""

    def __init__(self, server: Running, number: int, wait: float = 20) -> None:
        super().__init__(name=f"waiter {number}")
        self.status, self.answer, self.seconds = 0, b"", 0.0
        self._connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        self._asked: tuple[str, Any]
        if number % 2:
            image = {"dataset": rows.DATASET, "position": 0}
            self._asked = f"/api/v1/analyses?wait={wait}", {"circuit": "cat-00000", "image": image}
        else:
            group = {"group": "layer0/0", "factor": number / 100}
            body = {"kind": "knock_out", "circuit": "cat-00000", "analysis": "photo-00000", "groups": [group]}
            self._asked = f"/api/v1/measurements?wait={wait}", body

    def run(self) -> None:
        begun = time.monotonic()
        path, body = self._asked
        try:
            self._connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
            answer = self._connection.getresponse()
            self.status, self.answer = answer.status, answer.read()
        except OSError:
            self.status = -1
        finally:
            self._connection.close()
            self.seconds = time.monotonic() - begun

    def go_away(self) -> None:
        assert self._connection.sock is not None
        self._connection.sock.shutdown(socket.SHUT_RDWR)


@contextmanager
def waiting(server: Running, many: int, **values: Any) -> Iterator[list[Waiter]]:
    """Start several clients; yield once all of them wait."""
    others = server.follower.watching
    waiters = [Waiter(server, number, **values) for number in range(many)]
    for waiter in waiters:
        waiter.start()
    wait_until(lambda: server.follower.watching == others + many, 20)
    try:
        yield waiters
    finally:
        for waiter in waiters:
            waiter.join(30)
            assert not waiter.is_alive()


def seconds_of(ask: Callable[[], object]) -> float:
    begun = time.monotonic()
    ask()
    return time.monotonic() - begun


def get(server: Running, path: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.request("GET", path)
    answer = connection.getresponse()
    found = answer.status, answer.read()
    connection.close()
    return found


def connections(server: Running) -> int:
    """Return how many connections to the database are in use."""
    return server.database.engine.pool.checkedout()  # type: ignore[attr-defined, no-any-return]


def test_many_waiting_requests_hold_no_threads_and_no_connections(settings: Settings, database: Database) -> None:
    with running(settings) as server:
        idle = threading.active_count()
        with waiting(server, MANY) as waiters:
            for path, status in (("/healthz", 200), ("/api/v1/circuits", 200), ("/api/v1/analyses/photo-00000", 200)):
                assert get(server, path)[0] == status
                assert min(seconds_of(lambda path=path: get(server, path)) for _ in range(5)) < 0.5  # type: ignore[misc]
            wait_until(lambda: connections(server) <= 1)  # the follower's, while it polls
            assert (
                threading.active_count() - idle - MANY <= 45
            )  # threads that wait for work: at most the framework's forty
            with working(database):
                for waiter in waiters:
                    waiter.join(30)
        assert {waiter.status for waiter in waiters} == {200}
        assert {json.loads(waiter.answer)["state"] for waiter in waiters} == {"succeeded"}
        wait_until(lambda: server.follower.watching == 0)
        wait_until(lambda: connections(server) == 0)


def test_the_end_of_a_job_is_noticed_at_once(settings: Settings, database: Database) -> None:
    with running(settings) as server:
        ended: list[float] = []

        def measure(database: Database, held: lease.Claim) -> None:
            time.sleep(0.3)
            write_measured(database, held)
            ended.append(time.monotonic())

        late = []
        with working(database, measure=measure):
            for number in (2, 4, 6):
                with waiting(server, 1) as (waiter,):
                    pass
                late.append(time.monotonic() - ended[-1])
                assert waiter.status == 200, number
                with database.writing() as session:
                    session.execute(rows.tables.Measurement.__table__.delete())  # type: ignore[attr-defined]
        assert min(late) < 0.15


def test_a_server_that_stops_answers_waiting_requests(settings: Settings, database: Database) -> None:
    with running(settings) as server, waiting(server, 6) as waiters:
        assert server.stop() < 4
        for waiter in waiters:
            waiter.join(5)
        assert {waiter.status for waiter in waiters} == {202}
        assert {json.loads(waiter.answer)["state"] for waiter in waiters} == {"queued"}


def test_a_client_that_disconnects_leaves_nothing_behind(settings: Settings, database: Database) -> None:
    with running(settings) as server:
        with waiting(server, 4, wait=3) as waiters:
            for waiter in waiters:
                waiter.go_away()
        wait_until(lambda: server.follower.watching == 0)
        wait_until(lambda: connections(server) == 0)
        with working(database) as done:
            wait_until(lambda: len(done) == 4)
        assert count(database, Analysis) == 3, "what was asked for is done"


def test_polling_slows_down_when_nobody_waits(settings: Settings, database: Database) -> None:
    asked: list[float] = []
    with database.writing() as session:
        job_id = queue.enqueue(session, RecordingAnnouncer(), JobKind.TRACE, "cat-00000").id
    with running(settings) as server:

        def note(*call: Any) -> None:
            if "jobs.version" in call[2]:
                asked.append(time.monotonic())

        event.listen(server.database.engine, "before_cursor_execute", note)

        def looks(seconds: float) -> int:
            before = len(asked)
            time.sleep(seconds)
            return len(asked) - before

        stream = Stream(server.port, f"/api/v1/jobs/{job_id}/events")
        next(stream.events())
        looks(0.2)
        slow = looks(1)
        with waiting(server, 2, wait=2):
            hurried = looks(1)
        looks(0.3)
        again = looks(1)
        stream.close()
    assert slow <= 6 and again <= 6
    assert hurried >= 15


def test_a_redis_notification_ends_the_wait(
    make_settings: Callable[..., Settings], database_url: str, database: Database, redis_url: str
) -> None:
    from neurflow_store.installation.events import publisher

    settings = make_settings(database_url=database_url, broker_url=redis_url)
    notifier = publisher(settings)

    def look(database: Database, held: lease.Claim) -> None:
        write_analysis(database, held)
        notifier.changed(held.job_id)

    with running(settings) as server:
        wait_until(lambda: server.follower._connected)
        with working(database, look):
            waiter = Waiter(server, 1)
            waiter.run()
        assert waiter.status == 200
        assert waiter.seconds < 1.5, "sooner than it is looked for without a word"
    notifier.close()
    assert len(lens_jobs(database)) == 2
