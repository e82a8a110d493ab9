"""The life of a job: the transitions that ``tables/jobs.py`` draws, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from neurflow_store.installation.database import Database
from neurflow_store.jobs import lease, queue
from neurflow_store.jobs.lease import Claim, ProgressReport
from neurflow_store.tables import Job, JobKind, JobState, Queue
from tests.services.fixtures import RecordingAnnouncer
from tests.store import clock as clocks
from tests.store.job_steps import PROBLEM, REPORT, Jobs


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> clocks.Clock:
    return clocks.put_in(monkeypatch)


@pytest.fixture
def jobs(database: Database, announcer: RecordingAnnouncer) -> Jobs:
    return Jobs(database, announcer)


def test_a_job_is_announced_after_the_commit(database: Database, announcer: RecordingAnnouncer) -> None:
    with database.writing() as session:
        job = queue.enqueue(session, announcer, JobKind.TRACE, "cat-00000")
        assert announcer.announced == []
    assert announcer.announced == [(Queue.CIRCUITS, job.id)]


def test_a_job_that_is_not_committed_is_not_announced(database: Database, announcer: RecordingAnnouncer) -> None:
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


def test_every_kind_has_a_queue() -> None:
    assert set(queue.QUEUES) == set(JobKind)


def test_only_one_worker_gets_a_claim(jobs: Jobs, clock: clocks.Clock) -> None:
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


def test_a_deleted_job_cannot_be_claimed(jobs: Jobs) -> None:
    assert jobs.claim("job-gone") is None


def test_a_worker_whose_clock_is_a_second_behind_can_claim(jobs: Jobs, clock: clocks.Clock) -> None:
    job_id = jobs.enqueue()
    clock.advance(-1)
    assert jobs.claim(job_id) is not None


def test_renewing_extends_the_lease_and_is_not_a_change(jobs: Jobs, clock: clocks.Clock) -> None:
    held = jobs.claimed(seconds=30)
    version = jobs.row(held.job_id).version
    clock.advance(20)
    assert jobs.do(lease.renew, held, 30) is False
    job = jobs.row(held.job_id)
    assert (job.lease_until, job.version) == (clock.time + timedelta(seconds=30), version)


def test_reported_progress_is_stored(jobs: Jobs) -> None:
    held = jobs.claimed()
    before = jobs.row(held.job_id)
    assert jobs.do(lease.report, held, REPORT) is False
    job = jobs.row(held.job_id)
    assert (job.stage, job.stage_done, job.stage_total) == ("layer4.1", 3, 10)
    assert (job.fraction, job.remaining_seconds, job.stages) == (0.25, 12.5, REPORT.stages)
    assert (job.version, job.attempts) == (before.version + 1, 1)


def test_success_ends_the_job(jobs: Jobs, clock: clocks.Clock) -> None:
    held = jobs.claimed()
    jobs.do(lease.report, held, REPORT)
    jobs.do(lease.succeed, held)
    job = jobs.row(held.job_id)
    assert (job.state, job.finished_at, job.fraction) == (JobState.SUCCEEDED, clock.time, 1.0)
    assert (job.lease_token, job.lease_until, job.remaining_seconds) == (None, None, None)
    assert job.stages == REPORT.stages
    assert job.worker == "worker"


def test_failure_ends_the_job_with_the_problem(jobs: Jobs, clock: clocks.Clock) -> None:
    held = jobs.claimed()
    jobs.do(lease.fail, held, PROBLEM)
    job = jobs.row(held.job_id)
    assert (job.state, job.finished_at, job.problem) == (JobState.FAILED, clock.time, PROBLEM)


def test_a_problem_with_characters_that_databases_refuse_is_stored(jobs: Jobs) -> None:
    held = jobs.claimed()
    jobs.do(lease.fail, held, PROBLEM | {"detail": "cannot read b\0d \udcff.png"})
    told = jobs.row(held.job_id).problem
    assert told is not None
    assert told["detail"] == "cannot read b\N{REPLACEMENT CHARACTER}d ?.png"


def test_a_long_stage_name_is_cut(jobs: Jobs) -> None:
    held = jobs.claimed()
    jobs.do(lease.report, held, ProgressReport("l" * 500, 0, 1, 0.0, None, []))
    assert jobs.row(held.job_id).stage == "l" * 200


def test_a_loaded_row_is_refreshed(database: Database, announcer: RecordingAnnouncer) -> None:
    with database.writing() as session:
        job = queue.enqueue(session, announcer, JobKind.TRACE, "cat-00000")
        held = lease.claim(session, job.id, "worker", 30)
        assert held is not None
        assert job.state is JobState.RUNNING
        lease.succeed(session, held)
        assert (job.state, job.version) == (JobState.SUCCEEDED, 3)
