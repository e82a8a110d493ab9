"""What the sweeper recovers, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from neurflow_store.ids import new_id
from neurflow_store.installation.database import Database
from neurflow_store.installation.settings import Settings
from neurflow_store.jobs import lease, queue
from neurflow_store.jobs.lease import Claim
from neurflow_store.jobs.sweep import sweep
from neurflow_store.tables import Job, JobKind, JobState, Queue, WorkerRow
from tests.services.fixtures import RecordingAnnouncer
from tests.store import clock as clocks

PROBLEM = {"type": "passing", "title": "It will pass", "detail": "Wait."}


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> clocks.Clock:
    return clocks.put_in(monkeypatch)


@pytest.fixture
def settings(make_settings: Callable[..., Settings]) -> Settings:
    return make_settings(max_attempts=3, resend_seconds=60)


@pytest.fixture
def swept(database: Database, announcer: RecordingAnnouncer, settings: Settings) -> Callable[[], int]:
    """Sweep once; the announcer then holds what this sweep announced."""

    def once() -> int:
        announcer.announced.clear()
        with database.writing() as session:
            return sweep(session, announcer, settings)

    return once


def add(database: Database, kind: JobKind = JobKind.TRACE) -> str:
    with database.writing() as session:
        return queue.enqueue(session, RecordingAnnouncer(), kind, "cat-00000").id


def claim(database: Database, job_id: str) -> Claim:
    with database.writing() as session:
        held = lease.claim(session, job_id, "worker", 30)
    assert held is not None
    return held


def row(database: Database, job_id: str) -> Job:
    with database.reading() as session:
        return queue.find(session, job_id)


def test_a_sweep_without_lost_jobs_changes_nothing(
    database: Database, announcer: RecordingAnnouncer, swept: Callable[[], int], clock: clocks.Clock
) -> None:
    waiting, running = add(database), add(database)
    claim(database, running)
    clock.advance(29)
    before = row(database, waiting).version, row(database, running).version
    assert swept() == 0
    assert announcer.announced == []
    assert (row(database, waiting).version, row(database, running).version) == before


def test_a_job_of_a_silent_worker_is_queued_and_announced_again(
    database: Database, announcer: RecordingAnnouncer, swept: Callable[[], int], clock: clocks.Clock
) -> None:
    job_id = add(database)
    held = claim(database, job_id)
    clock.advance(31)
    assert swept() == 2  # queued again, and announced
    assert announcer.announced == [(Queue.CIRCUITS, job_id)]
    job = row(database, job_id)
    assert (job.state, job.worker, job.lease_token, job.lease_until) == (JobState.QUEUED, None, None, None)
    assert (job.version, job.attempts) == (3, 1)
    again = claim(database, job_id)
    assert again.attempts == 2
    assert again.token != held.token


def test_followers_are_told_after_the_commit(
    database: Database, announcer: RecordingAnnouncer, settings: Settings, clock: clocks.Clock
) -> None:
    lost, waiting = add(database), add(database)
    claim(database, lost)
    clock.advance(120)
    heard: list[str] = []
    with database.writing() as session:
        sweep(session, announcer, settings, heard.append)
        assert heard == []
    assert heard == [lost]
    assert {job_id for _, job_id in announcer.announced} == {lost, waiting}


def test_a_job_that_keeps_losing_its_worker_fails(
    database: Database, swept: Callable[[], int], clock: clocks.Clock
) -> None:
    job_id = add(database)
    for _ in range(3):
        assert row(database, job_id).state is JobState.QUEUED
        claim(database, job_id)
        clock.advance(31)
        swept()
    job = row(database, job_id)
    assert (job.state, job.finished_at, job.lease_token) == (JobState.FAILED, clock.time, None)
    assert job.problem is not None
    assert job.problem["type"] == "worker-lost"
    assert "3 times" in job.problem["detail"]
    assert swept() == 0


def test_a_lost_job_to_be_cancelled_is_cancelled(
    database: Database, announcer: RecordingAnnouncer, swept: Callable[[], int], clock: clocks.Clock
) -> None:
    job_id = add(database)
    claim(database, job_id)
    with database.writing() as session:
        queue.cancel(session, job_id)
    clock.advance(31)
    assert swept() == 1
    job = row(database, job_id)
    assert (job.state, job.finished_at, announcer.announced) == (JobState.CANCELLED, clock.time, [])


def test_a_job_that_stays_queued_is_announced_ever_more_rarely(
    database: Database, announcer: RecordingAnnouncer, swept: Callable[[], int], clock: clocks.Clock
) -> None:
    job_id = add(database)
    begun, rung_at = clock.time, []
    for _ in range(4 * 60):
        clock.advance(60)
        swept()
        if announcer.announced:
            assert announcer.announced == [(Queue.CIRCUITS, job_id)]
            rung_at.append((clock.time - begun) // timedelta(minutes=1))
    assert rung_at == [1, 3, 7, 15, 31, 63, 123, 183]
    assert row(database, job_id).version == 1, "that it was announced is nothing to watch"


def test_many_announced_jobs_do_not_hide_a_new_one(
    database: Database, announcer: RecordingAnnouncer, swept: Callable[[], int], clock: clocks.Clock
) -> None:
    for _ in range(600):
        with database.writing() as session:
            session.add(queued_long_ago(clock))
    newest = add(database)
    clock.advance(61)
    swept()
    assert announcer.announced == [(Queue.CIRCUITS, newest)]


def queued_long_ago(clock: clocks.Clock) -> Job:
    return Job(
        id=f"job-{new_id('old', 12)}",
        kind=JobKind.TRACE,
        queue=Queue.CIRCUITS,
        subject="cat-00000",
        available_at=clock.time - timedelta(hours=3),
        created_at=clock.time - timedelta(hours=3),
        sent_at=clock.time - timedelta(minutes=5),
        sends=7,
    )


def test_a_retry_is_announced_when_due(
    database: Database, announcer: RecordingAnnouncer, swept: Callable[[], int], clock: clocks.Clock
) -> None:
    job_id = add(database, JobKind.INSPECT_NETWORK)
    held = claim(database, job_id)
    with database.writing() as session:
        lease.retry(session, held, PROBLEM, 10)
    clock.advance(9)
    assert swept() == 0
    clock.advance(1)
    assert swept() == 1
    assert announcer.announced == [(Queue.INTERACTIVE, job_id)]
    assert swept() == 0
    assert claim(database, job_id).attempts == 2


def test_a_released_job_is_announced_at_once(
    database: Database, announcer: RecordingAnnouncer, swept: Callable[[], int], clock: clocks.Clock
) -> None:
    job_id = add(database)
    held = claim(database, job_id)
    with database.writing() as session:
        lease.release(session, held)
    assert swept() == 1
    assert announcer.announced == [(Queue.CIRCUITS, job_id)]


def test_an_ended_job_is_never_announced(database: Database, swept: Callable[[], int], clock: clocks.Clock) -> None:
    for end in (lease.succeed, lease.stop):
        held = claim(database, add(database))
        with database.writing() as session:
            end(session, held)
    with database.writing() as session:
        queue.cancel(session, add_within(session))
    clock.advance(7200)
    assert swept() == 0


def add_within(session: Session) -> str:
    return queue.enqueue(session, RecordingAnnouncer(), JobKind.TRACE, "cat-00000").id


def test_workers_that_were_silent_for_long_are_forgotten(
    database: Database, swept: Callable[[], int], clock: clocks.Clock
) -> None:
    with database.writing() as session:
        for name, minutes in (("old", 61), ("new", 1)):
            seen = clock.time - timedelta(minutes=minutes)
            session.add(WorkerRow(id=name, queues=["circuits"], started_at=seen, seen_at=seen))
    swept()
    with database.reading() as session:
        assert session.get(WorkerRow, "old") is None
        assert session.get(WorkerRow, "new") is not None


def test_a_sweep_that_is_not_committed_announces_nothing(
    database: Database, announcer: RecordingAnnouncer, settings: Settings, clock: clocks.Clock
) -> None:
    job_id = add(database)
    claim(database, job_id)
    clock.advance(31)

    def sweep_and_fall_over() -> None:
        with database.writing() as session:
            sweep(session, announcer, settings)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        sweep_and_fall_over()
    assert announcer.announced == []
    assert row(database, job_id).state is JobState.RUNNING
