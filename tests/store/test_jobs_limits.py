"""Jobs exactly at a limit: the end of a lease, the last attempt, the longest wait."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from neurflow_store.errors import LeaseLost
from neurflow_store.installation.database import Database
from neurflow_store.installation.settings import Settings
from neurflow_store.jobs import lease, queue
from neurflow_store.jobs.latest import queue_again, state_of, unfinished
from neurflow_store.jobs.sweep import overdue, sweep
from neurflow_store.tables import Job, JobKind, JobState, Network, WorkerRow
from tests.services.fixtures import RecordingAnnouncer
from tests.store import clock as clocks
from tests.store import rows

PROBLEM = {"type": "passing", "title": "It will pass", "detail": "Wait."}
MOMENT = timedelta(microseconds=1)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> clocks.Clock:
    return clocks.put_in(monkeypatch)


def _do(database: Database, step: Callable[..., Any], *args: Any, **values: Any) -> Any:
    with database.writing() as session:
        return step(session, *args, **values)


def _row(database: Database, job_id: str) -> Job:
    with database.reading() as session:
        return queue.find(session, job_id)


def _claimed(database: Database, announcer: RecordingAnnouncer, seconds: float = 30) -> lease.Claim:
    job = _do(database, queue.enqueue, announcer, JobKind.TRACE, "cat-00000")
    held: lease.Claim = _do(database, lease.claim, job.id, "worker", seconds)
    return held


def test_a_lease_holds_to_its_very_end(
    database: Database, announcer: RecordingAnnouncer, clock: clocks.Clock, make_settings: Callable[..., Settings]
) -> None:
    held = _claimed(database, announcer, 30)
    clock.advance(30)
    assert _do(database, sweep, announcer, make_settings()) == 0
    assert _row(database, held.job_id).state is JobState.RUNNING
    clock.time += MOMENT
    assert _do(database, sweep, announcer, make_settings()) == 2  # queued again, and announced
    job = _row(database, held.job_id)
    assert (job.state, job.sends, job.sent_at) == (JobState.QUEUED, 1, clock.time)


def test_a_worker_is_forgotten_after_more_than_an_hour(
    database: Database, announcer: RecordingAnnouncer, clock: clocks.Clock, make_settings: Callable[..., Settings]
) -> None:
    with database.writing() as session:
        session.add(WorkerRow(id="quiet", queues=["circuits"], started_at=clock.time, seen_at=clock.time))
    for advance, there in ((timedelta(hours=1), True), (MOMENT, False)):
        clock.time += advance
        _do(database, sweep, announcer, make_settings())
        with database.reading() as session:
            assert (session.get(WorkerRow, "quiet") is not None) is there


def test_overdue_seconds_are_counted_from_the_end_of_the_lease(
    database: Database, announcer: RecordingAnnouncer, clock: clocks.Clock
) -> None:
    def count(seconds: float = 60) -> int:
        with database.reading() as session:
            return overdue(session, seconds)

    assert count() == 0
    first = _claimed(database, announcer, 30)
    _claimed(database, announcer, 40)
    _do(database, queue.enqueue, announcer, JobKind.TRACE, "cat-00000")
    clock.advance(90)
    assert (count(), count(59)) == (0, 1), "the first lease ended 60 seconds ago, no more"
    clock.time += MOMENT
    assert count() == 1
    clock.advance(10)
    assert count() == 2
    _do(database, lease.stop, first)
    assert count() == 1


def test_an_ended_job_is_never_overdue(database: Database, announcer: RecordingAnnouncer, clock: clocks.Clock) -> None:
    with database.writing() as session:
        rows.add_job(session, "cat", JobKind.TRACE, JobState.SUCCEEDED, lease_until=clock.time)
    clock.advance(3600)
    with database.reading() as session:
        assert overdue(session, 60) == 0


def test_the_job_that_waited_longest_is_announced_first(
    database: Database, announcer: RecordingAnnouncer, clock: clocks.Clock, make_settings: Callable[..., Settings]
) -> None:
    with database.writing() as session:
        for minutes, subject in enumerate(("cow", "bee", "ant")):
            rows.add_job(session, subject, JobKind.TRACE, JobState.QUEUED, available_at=rows.later(minutes))
    clock.time = rows.later(60)
    _do(database, sweep, announcer, make_settings())
    assert [job_id for _, job_id in announcer.announced] == ["job-cow", "job-bee", "job-ant"]


def test_a_job_s_id_cannot_be_guessed(database: Database, announcer: RecordingAnnouncer) -> None:
    found = {_do(database, queue.enqueue, announcer, JobKind.TRACE, "cat-00000").id for _ in range(3)}
    assert len(found) == 3 and all(re.fullmatch(r"job-[0-9a-z]{12}", job_id) for job_id in found)


def test_the_wait_before_a_retry_doubles_up_to_an_hour(
    database: Database, announcer: RecordingAnnouncer, clock: clocks.Clock, make_settings: Callable[..., Settings]
) -> None:
    settings = make_settings(max_attempts=10, retry_seconds=1000)
    job = _do(database, queue.enqueue, announcer, JobKind.TRACE, "cat-00000")
    waits = []
    for _ in range(4):
        held = _do(database, lease.claim, job.id, "worker", 30)
        _do(database, lease.retry_or_fail, held, PROBLEM, settings)
        waits.append((_row(database, job.id).available_at - clock.time).total_seconds())
        clock.advance(waits[-1])
    assert waits == [1000, 2000, 3600, 3600]


def test_success_can_replace_the_reported_stages(database: Database, announcer: RecordingAnnouncer) -> None:
    for stages in ([{"stage": "walk", "items": 3, "seconds": 0.5}], []):
        held = _claimed(database, announcer)
        _do(database, lease.report, held, lease.ProgressReport("walk", 1, 3, 0.5, None, [{"stage": "images"}]))
        _do(database, lease.succeed, held, stages)
        assert _row(database, held.job_id).stages == stages


@pytest.mark.parametrize("end", [lease.stop, lease.succeed])
def test_a_passed_problem_is_removed_at_the_end(
    database: Database, announcer: RecordingAnnouncer, clock: clocks.Clock, end: Callable[..., None]
) -> None:
    held = _claimed(database, announcer)
    _do(database, lease.retry, held, PROBLEM, 0)
    again = _do(database, lease.claim, held.job_id, "worker", 30)
    _do(database, end, again)
    assert _row(database, held.job_id).problem is None


def test_a_worker_without_its_lease_can_neither_retry_nor_fail(
    database: Database, announcer: RecordingAnnouncer, make_settings: Callable[..., Settings]
) -> None:
    held = _claimed(database, announcer)
    _do(database, lease.release, held)
    for most in (1, 5):
        with pytest.raises(LeaseLost, match=held.job_id):
            _do(database, lease.retry_or_fail, held, PROBLEM, make_settings(max_attempts=most))
    assert _row(database, held.job_id).state is JobState.QUEUED


def test_a_running_job_keeps_its_progress_when_cancelled(database: Database, announcer: RecordingAnnouncer) -> None:
    held = _claimed(database, announcer)
    _do(database, lease.report, held, lease.ProgressReport("layer1", 3, 10, 0.25, 12.5, []))
    job = _do(database, queue.cancel, held.job_id)
    assert (job.stage, job.fraction, job.remaining_seconds, job.finished_at) == ("layer1", 0.25, 12.5, None)


def test_a_job_is_read_from_the_database_each_time(database: Database, announcer: RecordingAnnouncer) -> None:
    with database.writing() as session:
        job = queue.enqueue(session, announcer, JobKind.TRACE, "cat-00000")
        session.execute(update(Job).values(worker="other").execution_options(synchronize_session=False))
        assert queue.find(session, job.id).worker == "other"


def test_a_worker_s_long_name_is_cut(database: Database, announcer: RecordingAnnouncer) -> None:
    job = _do(database, queue.enqueue, announcer, JobKind.TRACE, "cat-00000")
    assert _do(database, lease.claim, job.id, "w" * 101, 30) is not None
    assert _row(database, job.id).worker == "w" * 100


def test_a_worker_whose_clock_is_far_behind_cannot_claim(
    database: Database, announcer: RecordingAnnouncer, clock: clocks.Clock
) -> None:
    job = _do(database, queue.enqueue, announcer, JobKind.TRACE, "cat-00000")
    clock.advance(-2)
    clock.time -= MOMENT
    assert _do(database, lease.claim, job.id, "worker", 30) is None
    clock.time += MOMENT
    assert _do(database, lease.claim, job.id, "worker", 30) is not None


def _network(database: Database, state: JobState, **values: Any) -> Network:
    with database.writing() as session:
        rows.add_network(session, state=state)
    with database.writing() as session:
        network = session.get_one(Network, rows.NETWORK)
        for name, value in values.items():
            setattr(queue.find(session, network.job_id), name, value)
        return network


def _anew(database: Database, announcer: RecordingAnnouncer, **values: Any) -> tuple[bool, Job]:
    with database.writing() as session:
        network = session.get_one(Network, rows.NETWORK)
        begun = queue_again(session, announcer, network, JobKind.INSPECT_NETWORK, **values)
    with database.reading() as session:
        return begun, queue.find(session, session.get_one(Network, rows.NETWORK).job_id)


@pytest.mark.parametrize("state", [JobState.FAILED, JobState.CANCELLED])
def test_an_unsuccessful_job_is_restarted_with_the_new_request(
    database: Database, announcer: RecordingAnnouncer, state: JobState
) -> None:
    before = _network(database, state).job_id
    begun, job = _anew(database, announcer, payload={"file": "sha256:00"}, request_id="r-2")
    assert begun and job.id != before
    assert (job.kind, job.subject, job.state) == (JobKind.INSPECT_NETWORK, rows.NETWORK, JobState.QUEUED)
    assert (job.payload, job.request_id) == ({"file": "sha256:00"}, "r-2")
    assert announcer.announced == [(job.queue, job.id)]


@pytest.mark.parametrize(
    ("age", "begun"), [(MOMENT, True), (timedelta(), False), (-MOMENT, False)], ids=["older", "as old", "younger"]
)
def test_a_succeeded_job_is_restarted_if_older_than_its_inputs(
    database: Database, announcer: RecordingAnnouncer, age: timedelta, begun: bool
) -> None:
    _network(database, JobState.SUCCEEDED)
    assert _anew(database, announcer, since=rows.START + age)[0] is begun
    assert len(announcer.announced) == int(begun)


@pytest.mark.parametrize("state", [JobState.QUEUED, JobState.RUNNING, JobState.SUCCEEDED])
def test_an_unfinished_or_current_job_is_not_restarted(
    database: Database, announcer: RecordingAnnouncer, state: JobState
) -> None:
    before = _network(database, state).job_id
    later = None if state is JobState.SUCCEEDED else rows.later()
    assert _anew(database, announcer, since=later)[0] is False
    assert _row(database, before).state is state and announcer.announced == []


def test_a_job_that_is_being_cancelled_is_restarted_and_counts_as_ended(
    database: Database, announcer: RecordingAnnouncer
) -> None:
    network = _network(database, JobState.RUNNING, cancel_requested=True)
    with database.reading() as session:
        assert not unfinished(session, network)
    assert _anew(database, announcer)[0]
    with database.reading() as session:
        assert unfinished(session, session.get_one(Network, rows.NETWORK))


@pytest.mark.parametrize(
    ("state", "problem", "expected"),
    [
        (JobState.QUEUED, None, "its job queued"),
        (JobState.FAILED, {"detail": "no such file"}, "its job failed, no such file"),
        (JobState.FAILED, {"title": "Failed"}, "its job failed"),
        (JobState.FAILED, None, "its job failed"),
        (JobState.QUEUED, {"detail": "no such file"}, "its job queued"),
    ],
    ids=["queued", "with a reason", "without detail", "without reason", "tried again"],
)
def test_a_job_s_state_is_described(
    database: Database, state: JobState, problem: dict[str, str] | None, expected: str
) -> None:
    network = _network(database, state, problem=problem)
    with database.reading() as session:
        assert state_of(session, network) == expected
