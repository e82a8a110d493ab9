"""Event streams over real sockets: their events, and that clients that disconnect leave nothing behind."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from neurflow_store.installation.database import Database
from neurflow_store.installation.events import publisher
from neurflow_store.installation.settings import Settings
from neurflow_store.jobs import lease, queue
from neurflow_store.jobs.lease import ProgressReport
from neurflow_store.tables import Job, JobKind
from tests.server.running import Running, Stream, running, wait_until
from tests.services.fixtures import RecordingAnnouncer
from tests.services.processes import Service


class Work:
    """A job and its worker. ``tell`` is called after each commit, as a worker does."""

    def __init__(self, database: Database, tell: Callable[[str], object] = lambda _: None) -> None:
        self._database, self._tell = database, tell
        with database.writing() as session:
            self.id = queue.enqueue(session, RecordingAnnouncer(), JobKind.TRACE, "cat-00000").id
        self._held: lease.Claim | None = None

    def begin(self) -> None:
        with self._database.writing() as session:
            self._held = lease.claim(session, self.id, "worker-1", 60)
        self._tell(self.id)

    def report(self, done: int) -> None:
        assert self._held is not None
        with self._database.writing() as session:
            lease.report(session, self._held, ProgressReport("activations", done, 10, done / 10, 10.0 - done, []))
        self._tell(self.id)

    def succeed(self) -> None:
        assert self._held is not None
        with self._database.writing() as session:
            lease.succeed(session, self._held, [{"stage": "activations", "items": 10, "seconds": 1.0}])
        self._tell(self.id)


@pytest.fixture
def sqlite_database(sqlite_url: str) -> Iterator[Database]:
    opened = Database(sqlite_url)
    yield opened
    opened.close()


@contextmanager
def _streams(server: Running, *paths: str) -> Iterator[list[Stream]]:
    opened = [Stream(server.port, path) for path in paths]
    try:
        yield opened
    finally:
        for stream in opened:
            stream.close()


def _follow_to_the_end(server: Running, work: Work) -> None:
    with _streams(server, f"/api/v1/jobs/{work.id}/events") as (stream,):
        assert (stream.status, stream.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
        events = stream.events()
        first = next(events)
        assert (first.kind, first.id, first.data["state"]) == ("progress", "1", "queued")
        work.begin()
        assert next(events).data["state"] == "running"
        for done in (3, 7):
            work.report(done)
            told = next(events)
            assert (told.kind, told.data["done"], told.data["fraction"]) == ("progress", done, done / 10)
        work.succeed()
        last = next(events)
        assert (last.kind, last.data["state"], last.data["stages"][0]["items"]) == ("end", "succeeded", 10)
        assert list(events) == []
    wait_until(lambda: server.follower.watching == 0)


def test_a_job_is_followed_to_its_end(settings: Settings, database: Database) -> None:
    with running(settings) as server:
        _follow_to_the_end(server, Work(database))


def test_redis_notifications_are_sent_on_at_once(
    make_settings: Callable[..., Settings], database_url: str, database: Database, redis_url: str
) -> None:
    settings = make_settings(database_url=database_url, broker_url=redis_url)
    notifier = publisher(settings)
    with running(settings) as server:
        wait_until(lambda: server.follower._connected)
        work = Work(database, notifier.changed)
        _follow_to_the_end(server, work)
        work = Work(database, notifier.changed)
        with _streams(server, f"/api/v1/jobs/{work.id}/events") as (stream,):
            events = stream.events()
            next(events)
            time.sleep(0.3)  # amid the two seconds after which the server polls
            begun = time.monotonic()
            work.begin()
            next(events)
            assert time.monotonic() - begun < 1.0
    notifier.close()


def test_streams_survive_a_restart_of_redis(
    make_settings: Callable[..., Settings],
    sqlite_url: str,
    sqlite_database: Database,
    redis_url: str,
    redis_service: Service,
) -> None:
    settings = make_settings(database_url=sqlite_url, broker_url=redis_url)
    notifier = publisher(settings)
    with running(settings) as server:
        work = Work(sqlite_database, notifier.changed)
        wait_until(lambda: server.follower._connected)
        with _streams(server, f"/api/v1/jobs/{work.id}/events") as (stream,):
            events = stream.events()
            next(events)
            redis_service.kill()
            wait_until(lambda: not server.follower._connected)
            work.begin()  # no notification comes, so polling finds it
            assert next(events).data["state"] == "running"
            redis_service.start()
            wait_until(lambda: server.follower._connected)
            work.report(5)
            assert next(events).data["done"] == 5
            work.succeed()
            assert next(events).kind == "end"
    notifier.close()


def test_streams_survive_a_restart_of_postgresql(
    make_settings: Callable[..., Settings], postgresql_url: str, postgresql_server: Service
) -> None:
    database = Database(postgresql_url)
    with running(make_settings(database_url=postgresql_url)) as server:
        work = Work(database)
        with _streams(server, f"/api/v1/jobs/{work.id}/events") as (stream,):
            events = stream.events()
            next(events)
            postgresql_server.stop()
            time.sleep(0.5)
            postgresql_server.start()
            work.begin()
            assert next(events).data["state"] == "running"
    database.close()


def test_a_client_that_reconnects_gets_what_is_new(settings: Settings, database: Database) -> None:
    with running(settings) as server:
        work = Work(database)
        work.begin()
        path = f"/api/v1/jobs/{work.id}/events"
        stream = Stream(server.port, path, last_event_id=2)
        time.sleep(0.5)
        work.report(4)
        told = next(stream.events())
        assert (told.id, told.data["done"]) == ("3", 4)
        stream.close()
        work.succeed()
        again = Stream(server.port, path, last_event_id=3)
        assert [told.kind for told in again.events()] == ["end"]
        again.close()
        # Browsers reconnect when a stream has ended, unless the response says that there is nothing.
        last = Stream(server.port, path, last_event_id=4)
        assert last.status == 204
        last.close()


def test_a_missing_job_has_no_stream(sqlite_settings: Settings) -> None:
    with running(sqlite_settings) as server:
        stream = Stream(server.port, "/api/v1/jobs/job-00000/events")
        assert (stream.status, stream.headers["content-type"]) == (404, "application/problem+json")
        stream.close()


def test_deleting_the_job_ends_its_stream(settings: Settings, database: Database) -> None:
    with running(settings) as server:
        work = Work(database)
        with _streams(server, f"/api/v1/jobs/{work.id}/events") as (stream,):
            events = stream.events()
            next(events)
            with database.writing() as session:
                session.delete(session.get_one(Job, work.id))
            assert list(events) == []


def test_all_jobs_are_followed(settings: Settings, database: Database) -> None:
    with running(settings) as server:
        first = Work(database)
        with _streams(server, "/api/v1/events", "/api/v1/events") as streams:
            for stream in streams:
                told = next(stream.events())
                assert (told.kind, told.id, told.data["id"]) == ("progress", None, first.id)
            second = Work(database)
            assert [next(stream.events()).data["id"] for stream in streams] == [second.id] * 2
            second.begin()
            assert [next(stream.events()).data["state"] for stream in streams] == ["running"] * 2
            second.succeed()
            assert [next(stream.events()).kind for stream in streams] == ["end"] * 2
            with _streams(server, "/api/v1/events") as (late,):
                events = late.events()  # including what just ended: the client may have lost its stream at that moment
                assert {next(events).data["id"] for _ in range(2)} == {first.id, second.id}
            first.begin()
            for stream in streams:  # no event was repeated because another client connected
                told = next(stream.events())
                assert (told.data["id"], told.data["state"]) == (first.id, "running")


def test_a_client_that_disconnects_leaves_nothing_behind(settings: Settings, database: Database) -> None:
    with running(settings) as server:
        work = Work(database)
        for path in (f"/api/v1/jobs/{work.id}/events", "/api/v1/events"):
            with _streams(server, path) as (stream,):
                next(stream.events())
                assert server.follower.watching == 1
            wait_until(lambda: server.follower.watching == 0, 2)
        wait_until(lambda: not server.server.server_state.tasks)
        wait_until(lambda: _connections(server) == 0)


def _connections(server: Running) -> int:
    """Return how many connections to the database are in use."""
    return server.database.engine.pool.checkedout()  # type: ignore[attr-defined, no-any-return]


def test_two_hundred_streams_hold_no_threads_and_no_connections(settings: Settings, database: Database) -> None:
    with running(settings) as server:
        works = [Work(database) for _ in range(20)]
        paths = [f"/api/v1/jobs/{works[number % 20].id}/events" for number in range(200)]
        with _streams(server, *paths) as streams:
            readers = [stream.events() for stream in streams]
            assert {next(events).data["state"] for events in readers} == {"queued"}
            assert server.follower.watching == 200
            assert _connections(server) <= 1  # the follower's, while it polls
            assert threading.active_count() < 60
            for work in works:
                work.begin()
            assert {next(events).data["state"] for events in readers} == {"running"}
        wait_until(lambda: server.follower.watching == 0, 5)
        wait_until(lambda: not server.server.server_state.tasks, 5)


def test_streams_do_not_delay_the_shutdown(sqlite_settings: Settings, sqlite_database: Database) -> None:
    with running(sqlite_settings) as server:
        work = Work(sqlite_database)
        with _streams(server, f"/api/v1/jobs/{work.id}/events", "/api/v1/events") as streams:
            for stream in streams:
                next(stream.events())
            assert server.stop() < 2.0
            assert [list(stream.events()) for stream in streams] == [[], []]


def test_a_client_that_does_not_read_does_not_delay_the_shutdown(
    sqlite_settings: Settings, sqlite_database: Database
) -> None:
    with running(sqlite_settings) as server:
        works = [Work(sqlite_database) for _ in range(300)]
        with _streams(server, "/api/v1/events"):
            wait_until(lambda: server.follower.watching == 1)
            for work in works[:100]:
                work.begin()
            time.sleep(0.5)
            assert server.stop() < 4.0


def test_without_followers_the_database_is_not_queried(sqlite_settings: Settings, sqlite_database: Database) -> None:
    asked: list[str] = []
    with running(sqlite_settings) as server:
        event.listen(server.database.engine, "before_cursor_execute", lambda *call: asked.append(call[2]))
        work = Work(sqlite_database)
        with _streams(server, f"/api/v1/jobs/{work.id}/events") as (stream,):
            next(stream.events())
        wait_until(lambda: server.follower.watching == 0)
        time.sleep(0.3)
        asked.clear()
        time.sleep(0.7)
        assert asked == []


@pytest.mark.parametrize("known", ["", "x", "-1", "9" * 30])
def test_an_invalid_last_event_id_is_ignored(sqlite_settings: Settings, sqlite_database: Database, known: str) -> None:
    with running(sqlite_settings) as server:
        work = Work(sqlite_database)
        stream = Stream(server.port, f"/api/v1/jobs/{work.id}/events", last_event_id=known)
        assert next(stream.events()).id == "1"
        stream.close()
