"""The life of a job, transition by transition as the drawing in ``tables/jobs.py`` has them, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from neurflow_store.errors import LeaseLost, NotFound
from neurflow_store.installation.database import Database
from neurflow_store.installation.settings import Settings
from neurflow_store.jobs import lease, queue
from neurflow_store.jobs.lease import Claim, ProgressReport
from neurflow_store.tables import Artifact, Job, JobKind, JobState, Queue
from tests.services.fixtures import RecordingAnnouncer
from tests.store import clock as clocks

PROBLEM = {"type": "out-of-memory", "title": "Out of memory", "detail": "Fewer images may help."}
REPORT = ProgressReport("layer4.1", 3, 10, 0.25, 12.5, [{"stage": "patches", "items": 40, "seconds": 1.5}])


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> clocks.Clock:
    return clocks.put_in(monkeypatch)


class Jobs:
    """A store's jobs, each step a transaction of its own."""

    def __init__(self, database: Database, announcer: RecordingAnnouncer) -> None:
        self.database = database
        self.announcer = announcer

    def enqueue(self, kind: JobKind = JobKind.TRACE, **values: Any) -> str:
        with self.database.writing() as session:
            return queue.enqueue(session, self.announcer, kind, "cat-00000", **values).id

    def claim(self, job_id: str, worker: str = "worker", seconds: float = 30) -> Claim | None:
        with self.database.writing() as session:
            return lease.claim(session, job_id, worker, seconds)

    def claimed(self, seconds: float = 30) -> Claim:
        held = self.claim(self.enqueue(), seconds=seconds)
        assert held is not None
        return held

    def do(self, step: Callable[..., Any], *args: Any, **values: Any) -> Any:
        with self.database.writing() as session:
            return step(session, *args, **values)

    def row(self, job_id: str) -> Job:
        with self.database.reading() as session:
            return queue.find(session, job_id)


@pytest.fixture
def jobs(database: Database, announcer: RecordingAnnouncer) -> Jobs:
    return Jobs(database, announcer)


def test_a_job_is_announced_once_it_is_committed(database: Database, announcer: RecordingAnnouncer) -> None:
    with database.writing() as session:
        job = queue.enqueue(session, announcer, JobKind.TRACE, "cat-00000")
        assert announcer.announced == []
    assert announcer.announced == [(Queue.CIRCUITS, job.id)]


def test_a_job_that_is_not_committed_is_never_announced(database: Database, announcer: RecordingAnnouncer) -> None:
    def enqueue_and_fall_over() -> None:
        with database.writing() as session:
            queue.enqueue(session, announcer, JobKind.TRACE, "cat-00000")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        enqueue_and_fall_over()
    assert announcer.announced == []
    with database.reading() as session:
        assert session.scalars(select(Job)).all() == []


def test_a_new_job_is_queued(jobs: Jobs, clock: clocks.Clock) -> None:
    job = jobs.row(jobs.enqueue(JobKind.IMPORT, payload={"archive": "sha256:00"}, request_id="r-1"))
    assert (job.state, job.queue, job.subject) == (JobState.QUEUED, Queue.INTERACTIVE, "cat-00000")
    assert (job.payload, job.request_id, job.attempts) == ({"archive": "sha256:00"}, "r-1", 0)
    assert job.available_at == job.sent_at == job.created_at == clock.time
    assert (job.version, job.fraction, job.problem, job.lease_token) == (1, 0.0, None, None)


def test_every_kind_has_its_workers() -> None:
    assert set(queue.QUEUES) == set(JobKind)


def test_a_claim_gives_the_job_to_one_worker(jobs: Jobs, clock: clocks.Clock) -> None:
    job_id = jobs.enqueue(payload={"some": [1, None]}, request_id="r-1")
    held = jobs.claim(job_id, "first", seconds=30)
    assert held == Claim(
        job_id, held.token if held else "", JobKind.TRACE, Queue.CIRCUITS, "cat-00000", {"some": [1, None]}, 1, "r-1"
    )
    job = jobs.row(job_id)
    assert (job.state, job.worker, job.started_at) == (JobState.RUNNING, "first", clock.time)
    assert job.lease_until == clock.time + timedelta(seconds=30)
    assert jobs.claim(job_id, "second") is None
    assert jobs.row(job_id).worker == "first"


@pytest.mark.parametrize("end", [lease.succeed, lease.stop])
def test_a_job_that_has_ended_cannot_be_claimed(jobs: Jobs, end: Callable[..., None]) -> None:
    held = jobs.claimed()
    jobs.do(end, held)
    assert jobs.claim(held.job_id) is None


def test_a_job_that_is_gone_cannot_be_claimed(jobs: Jobs) -> None:
    assert jobs.claim("job-gone") is None


def test_a_worker_whose_clock_is_a_little_behind_claims_all_the_same(jobs: Jobs, clock: clocks.Clock) -> None:
    job_id = jobs.enqueue()
    clock.advance(-1)
    assert jobs.claim(job_id) is not None


def test_renewing_moves_the_lease_on_and_disturbs_no_watcher(jobs: Jobs, clock: clocks.Clock) -> None:
    held = jobs.claimed(seconds=30)
    version = jobs.row(held.job_id).version
    clock.advance(20)
    assert jobs.do(lease.renew, held, 30) is False
    job = jobs.row(held.job_id)
    assert (job.lease_until, job.version) == (clock.time + timedelta(seconds=30), version)


def test_a_report_is_read_back(jobs: Jobs) -> None:
    held = jobs.claimed()
    before = jobs.row(held.job_id)
    assert jobs.do(lease.report, held, REPORT) is False
    job = jobs.row(held.job_id)
    assert (job.stage, job.stage_done, job.stage_total) == ("layer4.1", 3, 10)
    assert (job.fraction, job.remaining_seconds, job.stages) == (0.25, 12.5, REPORT.stages)
    assert (job.version, job.attempts) == (before.version + 1, 1)


def test_attempts_count_anew_from_what_was_kept(jobs: Jobs, clock: clocks.Clock) -> None:
    held = jobs.claimed()
    for attempt in (2, 3):
        jobs.do(lease.retry, held, PROBLEM, 60)
        clock.advance(60)
        again = jobs.claim(held.job_id)
        assert again is not None
        assert again.attempts == attempt
        held = again
    jobs.do(lease.report, held, REPORT)
    assert jobs.row(held.job_id).attempts == 3
    jobs.do(lease.report, held, REPORT, kept=True)
    assert jobs.row(held.job_id).attempts == 1


def test_success_ends_the_job(jobs: Jobs, clock: clocks.Clock) -> None:
    held = jobs.claimed()
    jobs.do(lease.report, held, REPORT)
    jobs.do(lease.succeed, held)
    job = jobs.row(held.job_id)
    assert (job.state, job.finished_at, job.fraction) == (JobState.SUCCEEDED, clock.time, 1.0)
    assert (job.lease_token, job.lease_until, job.remaining_seconds) == (None, None, None)
    assert job.stages == REPORT.stages
    assert job.worker == "worker"


def test_failing_ends_the_job_with_the_reason(jobs: Jobs, clock: clocks.Clock) -> None:
    held = jobs.claimed()
    jobs.do(lease.fail, held, PROBLEM)
    job = jobs.row(held.job_id)
    assert (job.state, job.finished_at, job.problem) == (JobState.FAILED, clock.time, PROBLEM)


def test_a_reason_that_no_database_would_take_is_told_all_the_same(jobs: Jobs) -> None:
    held = jobs.claimed()
    jobs.do(lease.fail, held, PROBLEM | {"detail": "cannot read b\0d \udcff.png"})
    told = jobs.row(held.job_id).problem
    assert told is not None
    assert told["detail"] == "cannot read b\N{REPLACEMENT CHARACTER}d ?.png"


def test_a_stage_with_a_long_name_is_cut(jobs: Jobs) -> None:
    held = jobs.claimed()
    jobs.do(lease.report, held, ProgressReport("l" * 500, 0, 1, 0.0, None, []))
    assert jobs.row(held.job_id).stage == "l" * 200


def test_a_retry_waits_and_keeps_the_reason(jobs: Jobs, clock: clocks.Clock) -> None:
    held = jobs.claimed()
    jobs.do(lease.retry, held, PROBLEM, 60)
    job = jobs.row(held.job_id)
    assert (job.state, job.worker, job.lease_token, job.problem) == (JobState.QUEUED, None, None, PROBLEM)
    assert (job.attempts, job.sent_at, job.sends) == (1, None, 0)
    assert job.available_at == clock.time + timedelta(seconds=60)
    clock.advance(50)
    assert jobs.claim(held.job_id) is None
    clock.advance(10)
    again = jobs.claim(held.job_id)
    assert again is not None
    assert again.attempts == 2
    jobs.do(lease.succeed, again)
    assert jobs.row(held.job_id).problem is None


def test_what_passes_is_tried_again_ever_later_and_then_given_up(
    jobs: Jobs, clock: clocks.Clock, make_settings: Callable[..., Settings]
) -> None:
    settings = make_settings(max_attempts=4, retry_seconds=5)
    job_id = jobs.enqueue()
    waits = []
    for _ in range(3):
        held = jobs.claim(job_id)
        assert held is not None
        assert jobs.do(lease.retry_or_fail, held, PROBLEM, settings) is JobState.QUEUED
        waits.append((jobs.row(job_id).available_at - clock.time).total_seconds())
        clock.advance(waits[-1])
    assert waits == [5, 10, 20]
    held = jobs.claim(job_id)
    assert held is not None
    assert jobs.do(lease.retry_or_fail, held, PROBLEM, settings) is JobState.FAILED
    assert jobs.row(job_id).problem == PROBLEM


def test_what_was_kept_begins_the_tries_anew(jobs: Jobs, make_settings: Callable[..., Settings]) -> None:
    settings = make_settings(max_attempts=2, retry_seconds=0.01)
    job_id = jobs.enqueue()
    for _ in range(5):
        held = jobs.claim(job_id)
        assert held is not None
        jobs.do(lease.report, held, REPORT, kept=True)
        assert jobs.do(lease.retry_or_fail, held, PROBLEM, settings) is JobState.QUEUED


def test_a_released_job_can_be_claimed_at_once_and_has_lost_no_attempt(jobs: Jobs) -> None:
    held = jobs.claimed()
    jobs.do(lease.report, held, REPORT)
    jobs.do(lease.release, held)
    job = jobs.row(held.job_id)
    assert (job.state, job.attempts, job.sent_at, job.fraction) == (JobState.QUEUED, 0, None, 0.25)
    assert jobs.claim(held.job_id) is not None


def test_cancelling_ends_what_waits(jobs: Jobs, clock: clocks.Clock) -> None:
    job_id = jobs.enqueue()
    job = jobs.do(queue.cancel, job_id)
    assert (job.state, job.finished_at, job.version) == (JobState.CANCELLED, clock.time, 2)
    assert jobs.claim(job_id) is None


def test_cancelling_asks_the_worker_of_what_runs(jobs: Jobs) -> None:
    held = jobs.claimed()
    job = jobs.do(queue.cancel, held.job_id)
    assert (job.state, job.cancel_requested, job.finished_at) == (JobState.RUNNING, True, None)
    assert jobs.do(lease.renew, held, 30) is True
    assert jobs.do(lease.report, held, REPORT) is True
    jobs.do(lease.stop, held)
    assert jobs.row(held.job_id).state is JobState.CANCELLED


def test_cancelling_twice_is_cancelling_once(jobs: Jobs) -> None:
    held = jobs.claimed()
    assert jobs.do(queue.cancel, held.job_id).version == jobs.do(queue.cancel, held.job_id).version


def test_what_has_ended_is_not_changed_by_cancelling(jobs: Jobs) -> None:
    held = jobs.claimed()
    jobs.do(lease.succeed, held)
    job = jobs.do(queue.cancel, held.job_id)
    assert (job.state, job.cancel_requested) == (JobState.SUCCEEDED, False)


def test_cancelling_what_is_not_there(jobs: Jobs) -> None:
    with pytest.raises(NotFound, match="job-gone"):
        jobs.do(queue.cancel, "job-gone")


@pytest.mark.parametrize(
    "put_back", [lambda session, held: lease.retry(session, held, PROBLEM, 5), lease.release], ids=["retry", "release"]
)
def test_what_was_to_be_cancelled_is_not_put_back(
    jobs: Jobs, clock: clocks.Clock, put_back: Callable[..., None]
) -> None:
    held = jobs.claimed()
    jobs.do(queue.cancel, held.job_id)
    jobs.do(put_back, held)
    job = jobs.row(held.job_id)
    assert (job.state, job.finished_at, job.problem) == (JobState.CANCELLED, clock.time, None)


@pytest.mark.parametrize(
    "step",
    [
        lambda session, held: lease.renew(session, held, 30),
        lambda session, held: lease.report(session, held, REPORT),
        lambda session, held: lease.succeed(session, held),
        lambda session, held: lease.fail(session, held, PROBLEM),
        lambda session, held: lease.stop(session, held),
        lambda session, held: lease.retry(session, held, PROBLEM, 5),
        lambda session, held: lease.release(session, held),
    ],
    ids=["renew", "report", "succeed", "fail", "stop", "retry", "release"],
)
@pytest.mark.parametrize("how", ["ended", "taken", "waiting", "gone"])
def test_who_lost_the_lease_changes_nothing(jobs: Jobs, step: Callable[..., Any], how: str) -> None:
    held = jobs.claimed()
    if how == "ended":
        jobs.do(lease.succeed, held)
    elif how == "gone":
        jobs.do(lambda session: session.delete(session.get(Job, held.job_id)))
    else:
        jobs.do(lease.release, held)
        if how == "taken":
            assert jobs.claim(held.job_id, "another") is not None
    before = None if how == "gone" else jobs.row(held.job_id).version

    def write_results_and_end(session: Session) -> None:
        session.add(Artifact(digest="sha256:00", media_type="image/webp", size=1, used_at=clocks.Clock().time))
        step(session, held)

    with pytest.raises(LeaseLost, match=held.job_id):
        jobs.do(write_results_and_end)
    with jobs.database.reading() as session:
        assert session.get(Artifact, "sha256:00") is None
        job = session.get(Job, held.job_id)
        assert (job.version if job else None) == before


def test_a_row_that_was_loaded_before_is_seen_as_it_is(database: Database, announcer: RecordingAnnouncer) -> None:
    with database.writing() as session:
        job = queue.enqueue(session, announcer, JobKind.TRACE, "cat-00000")
        held = lease.claim(session, job.id, "worker", 30)
        assert held is not None
        assert job.state is JobState.RUNNING
        lease.succeed(session, held)
        assert (job.state, job.version) == (JobState.SUCCEEDED, 3)
