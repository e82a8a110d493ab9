"""The sweeper's loop: what it does, how it ends, and that nothing else ends it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import structlog
from sqlalchemy.exc import OperationalError

from neurflow_store.artifacts import ArtifactStore, artifact_store
from neurflow_store.clock import now
from neurflow_store.installation.database import Database
from neurflow_store.installation.settings import Settings
from neurflow_store.jobs import lease, queue
from neurflow_store.tables import Job, JobKind, JobState, Queue
from neurflow_store.upkeep import garbage, sweeper
from tests.services.fixtures import RecordingAnnouncer
from tests.services.processes import Service


@pytest.fixture
def settings(make_settings: Callable[..., Settings], database_url: str) -> Settings:
    return make_settings(database_url=database_url, sweep_seconds=0.1)


@pytest.fixture
def store(settings: Settings) -> ArtifactStore:
    return artifact_store(settings)


def lost_job(database: Database) -> str:
    with database.writing() as session:
        job_id = queue.enqueue(session, RecordingAnnouncer(), JobKind.TRACE, "cat-00000").id
    with database.writing() as session:
        assert lease.claim(session, job_id, "worker", 30) is not None
    with database.writing() as session:
        session.get_one(Job, job_id).lease_until = now() - timedelta(seconds=1)
    return job_id


@contextmanager
def running(*parts: Any) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=sweeper.run, args=(*parts, stop))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(20)
    assert not thread.is_alive()


def heard(announcer: RecordingAnnouncer, job_id: str) -> bool:
    return (Queue.CIRCUITS, job_id) in announcer.announced


def wait_for(condition: Callable[[], object], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.02)


def test_a_single_run_sweeps_jobs_and_files(
    database: Database, announcer: RecordingAnnouncer, store: ArtifactStore, make_settings: Callable[..., Settings]
) -> None:
    settings = make_settings(orphan_seconds=1)
    job_id = lost_job(database)
    assert sweeper.sweep_once(database, announcer, store, settings) >= 2
    assert [announced for _, announced in announcer.announced] == [job_id]


def test_the_loop_recovers_lost_jobs_and_ends_when_told(
    database: Database, announcer: RecordingAnnouncer, store: ArtifactStore, settings: Settings
) -> None:
    with running(database, announcer, store, settings):
        for _ in range(2):
            job_id = lost_job(database)
            wait_for(partial(heard, announcer, job_id))


def test_files_are_collected_at_the_start_and_then_hourly(
    database: Database,
    announcer: RecordingAnnouncer,
    store: ArtifactStore,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calls: list[str] = []

    def collect(*_: Any) -> int:
        calls.append("files")
        return 0

    monkeypatch.setattr(garbage, "collect", collect)
    monkeypatch.setattr(sweeper, "sweep_jobs", lambda *_: calls.append("jobs"))
    with running(database, announcer, store, settings):
        wait_for(lambda: calls.count("jobs") >= 4)
    assert calls.count("files") == 1
    calls.clear()
    monkeypatch.setattr(sweeper, "_GARBAGE_SECONDS", 0.0)
    with running(database, announcer, store, settings):
        wait_for(lambda: calls.count("files") >= 3)


@pytest.mark.parametrize(
    "error",
    [
        OperationalError("SELECT", {}, OSError("server closed the connection\nunexpectedly")),
        OSError(28, "No space left on device"),
        ValueError("something that nobody thought of"),
    ],
    ids=["database", "disk", "bug"],
)
def test_no_error_ends_the_loop(
    sqlite_url: str,
    announcer: RecordingAnnouncer,
    make_settings: Callable[..., Settings],
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
) -> None:
    settings = make_settings(database_url=sqlite_url, sweep_seconds=0.1)
    calls: list[int] = []

    def fails_twice(*_: Any) -> int:
        calls.append(1)
        if len(calls) <= 2:
            raise error
        return 0

    monkeypatch.setattr(sweeper, "sweep_jobs", fails_twice)
    database = Database(sqlite_url)
    with structlog.testing.capture_logs() as logs, running(database, announcer, artifact_store(settings), settings):
        wait_for(lambda: len(calls) >= 4)
    database.close()
    told = [entry for entry in logs if entry["log_level"] in ("warning", "error")]
    assert len(told) == 2
    if not isinstance(error, ValueError):
        assert all("\n" not in entry["reason"] for entry in told)


def test_repeated_failures_lengthen_the_wait(make_settings: Callable[..., Settings]) -> None:
    settings = make_settings(sweep_seconds=2)
    assert [sweeper.pause(settings, failures) for failures in (0, 1, 2, 3, 4, 10_000)] == [2, 4, 8, 16, 30, 30]
    assert sweeper.pause(make_settings(sweep_seconds=100), 3) == 100


def test_the_loop_survives_a_database_that_is_away(
    postgresql_url: str,
    postgresql_server: Service,
    announcer: RecordingAnnouncer,
    make_settings: Callable[..., Settings],
) -> None:
    settings = make_settings(database_url=postgresql_url, sweep_seconds=0.1)
    database = Database(postgresql_url)
    with (
        structlog.testing.capture_logs() as logs,
        running(database, announcer, artifact_store(settings), settings),
    ):
        postgresql_server.kill()
        try:
            wait_for(lambda: any(entry["event"] == "sweep postponed" for entry in logs))
        finally:
            postgresql_server.start()
        job_id = lost_job(database)
        wait_for(partial(heard, announcer, job_id))
    with database.reading() as session:
        assert queue.find(session, job_id).state is JobState.QUEUED
    database.close()
