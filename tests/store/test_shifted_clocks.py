"""Machines whose clocks differ: the database's clock alone decides when a job begins and when a worker is lost."""

from __future__ import annotations

import datetime as time
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from neurflow_store import clock
from neurflow_store.installation.database import Database
from neurflow_store.installation.settings import Settings
from neurflow_store.jobs import lease, queue
from neurflow_store.jobs.lease import Claim
from neurflow_store.jobs.sweep import overdue, sweep
from neurflow_store.tables import Job, JobKind, JobState, Queue
from neurflow_store.upkeep import workers
from tests.services.fixtures import RecordingAnnouncer

SHIFTS = [-3600.0, -30.0, -5.0, 5.0, 3600.0]
"""By how many seconds a machine's clock differs from the others'."""
PROBLEM = {"type": "disk-full", "title": "The disk is full", "detail": "Free some space."}


class Machine:
    """A machine whose clock differs from that of the database's."""

    def __init__(self, database: Database, patch: pytest.MonkeyPatch, shift: float) -> None:
        self.database, self._patch = database, patch
        self._shift = time.timedelta(seconds=shift)

    def do(self, step: Callable[..., Any], *args: Any) -> Any:
        """Runs a step in a transaction, with this machine's clock."""
        shift = self._shift

        class Shifted(time.datetime):
            @classmethod
            def now(cls, tz: time.tzinfo | None = None) -> time.datetime:  # type: ignore[override]
                return time.datetime.now(tz) + shift

        with self._patch.context() as patch:
            patch.setattr(clock, "datetime", Shifted)
            with self.database.writing() as session:
                return step(session, *args)

    def row(self, job_id: str) -> Job:
        with self.database.reading() as session:
            return session.get_one(Job, job_id)


@pytest.fixture
def machine(database: Database, monkeypatch: pytest.MonkeyPatch) -> Callable[[float], Machine]:
    return lambda shift: Machine(database, monkeypatch, shift)


Machines = Callable[[float], Machine]


@pytest.mark.parametrize("shift", SHIFTS)
def test_a_worker_begins_at_once(machine: Machines, shift: float, announcer: RecordingAnnouncer) -> None:
    job = machine(0).do(queue.enqueue, announcer, JobKind.TRACE, "cat-00000")
    assert machine(shift).do(lease.claim, job.id, "worker", 30.0) is not None


@pytest.mark.parametrize("shift", SHIFTS)
def test_a_worker_begins_what_a_shifted_server_asked_for(
    machine: Machines, shift: float, announcer: RecordingAnnouncer
) -> None:
    job = machine(shift).do(queue.enqueue, announcer, JobKind.TRACE, "cat-00000")
    assert machine(0).do(lease.claim, job.id, "worker", 30.0) is not None


@pytest.mark.parametrize("shift", SHIFTS)
def test_a_worker_that_lives_keeps_its_job(
    machine: Machines, shift: float, announcer: RecordingAnnouncer, settings: Settings
) -> None:
    job = machine(0).do(queue.enqueue, announcer, JobKind.TRACE, "cat-00000")
    held: Claim = machine(shift).do(lease.claim, job.id, "worker", 30.0)
    assert machine(0).do(sweep, announcer, settings) == 0
    assert machine(-shift).do(sweep, announcer, settings) == 0
    machine(shift).do(lease.renew, held, 30.0)
    assert machine(0).do(sweep, announcer, settings) == 0
    assert machine(-shift).do(overdue, 5.0) == 0
    machine(shift).do(lease.succeed, held)
    ended = machine(0).row(job.id)
    assert ended.state is JobState.SUCCEEDED
    assert ended.started_at is not None and ended.finished_at is not None
    assert ended.created_at <= ended.started_at <= ended.finished_at


@pytest.mark.parametrize("shift", SHIFTS)
def test_a_lost_worker_is_found(
    machine: Machines, shift: float, announcer: RecordingAnnouncer, settings: Settings
) -> None:
    job = machine(0).do(queue.enqueue, announcer, JobKind.TRACE, "cat-00000")
    machine(shift).do(lease.claim, job.id, "worker", -0.1)
    assert machine(0).do(sweep, announcer, settings) > 0
    assert machine(0).row(job.id).state is JobState.QUEUED


@pytest.mark.parametrize("shift", SHIFTS)
def test_a_retry_waits_for_its_delay_and_no_longer(
    machine: Machines, shift: float, announcer: RecordingAnnouncer
) -> None:
    job = machine(0).do(queue.enqueue, announcer, JobKind.TRACE, "cat-00000")
    held = machine(0).do(lease.claim, job.id, "worker", 30.0)
    machine(shift).do(lease.retry, held, PROBLEM, 60.0)
    assert machine(0).do(lease.claim, job.id, "worker", 30.0) is None
    again = machine(0).do(queue.enqueue, announcer, JobKind.TRACE, "dog-00000")
    held = machine(0).do(lease.claim, again.id, "worker", 30.0)
    machine(shift).do(lease.retry, held, PROBLEM, 0.0)
    assert machine(0).do(lease.claim, again.id, "worker", 30.0) is not None


@pytest.mark.parametrize("shift", SHIFTS)
def test_a_live_worker_is_listed(machine: Machines, shift: float) -> None:
    machine(shift).do(workers.beat, "worker", [Queue.CIRCUITS])
    assert [row.id for row in machine(0).do(workers.alive, 30.0)] == ["worker"]
    assert [row.id for row in machine(-shift).do(workers.alive, 30.0)] == ["worker"]


def test_the_databases_time_goes_on_within_a_transaction(database: Database) -> None:
    with database.writing() as session:
        first = clock.database_now(session)
        session.scalars(select(Job)).all()
        for _ in range(1000):
            if (later := clock.database_now(session)) > first:
                break
    assert later > first
    assert abs(later - clock.now()) < time.timedelta(seconds=60)
    assert later.tzinfo is time.UTC
