"""Cancelling queued and running jobs, and workers that lost their lease."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.orm import Session

from neurflow_store.errors import LeaseLost, NotFound
from neurflow_store.installation.database import Database
from neurflow_store.jobs import lease, queue
from neurflow_store.tables import Artifact, Job, JobState
from tests.services.fixtures import RecordingAnnouncer
from tests.store import clock as clocks
from tests.store.job_steps import PROBLEM, REPORT, Jobs


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> clocks.Clock:
    return clocks.put_in(monkeypatch)


@pytest.fixture
def jobs(database: Database, announcer: RecordingAnnouncer) -> Jobs:
    return Jobs(database, announcer)


def test_cancelling_ends_a_queued_job(jobs: Jobs, clock: clocks.Clock) -> None:
    job_id = jobs.enqueue()
    job = jobs.do(queue.cancel, job_id)
    assert (job.state, job.finished_at, job.version) == (JobState.CANCELLED, clock.time, 2)
    assert jobs.claim(job_id) is None


def test_cancelling_a_running_job_asks_its_worker_to_stop(jobs: Jobs) -> None:
    held = jobs.claimed()
    job = jobs.do(queue.cancel, held.job_id)
    assert (job.state, job.cancel_requested, job.finished_at) == (JobState.RUNNING, True, None)
    assert jobs.do(lease.renew, held, 30) is True
    assert jobs.do(lease.report, held, REPORT) is True
    jobs.do(lease.stop, held)
    assert jobs.row(held.job_id).state is JobState.CANCELLED


def test_cancelling_twice_equals_cancelling_once(jobs: Jobs) -> None:
    held = jobs.claimed()
    assert jobs.do(queue.cancel, held.job_id).version == jobs.do(queue.cancel, held.job_id).version


def test_cancelling_an_ended_job_changes_nothing(jobs: Jobs) -> None:
    held = jobs.claimed()
    jobs.do(lease.succeed, held)
    job = jobs.do(queue.cancel, held.job_id)
    assert (job.state, job.cancel_requested) == (JobState.SUCCEEDED, False)


def test_cancelling_a_missing_job_is_refused(jobs: Jobs) -> None:
    with pytest.raises(NotFound, match="job-gone"):
        jobs.do(queue.cancel, "job-gone")


@pytest.mark.parametrize(
    "put_back", [lambda session, held: lease.retry(session, held, PROBLEM, 5), lease.release], ids=["retry", "release"]
)
def test_a_job_to_be_cancelled_is_not_queued_again(
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
def test_a_worker_without_its_lease_changes_nothing(jobs: Jobs, step: Callable[..., Any], how: str) -> None:
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
