"""Retries: when, how often, and what is kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from neurflow_store.installation.database import Database
from neurflow_store.installation.settings import Settings
from neurflow_store.jobs import lease
from neurflow_store.tables import JobState
from tests.services.fixtures import RecordingAnnouncer
from tests.store import clock as clocks
from tests.store.job_steps import PROBLEM, REPORT, Jobs


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> clocks.Clock:
    return clocks.put_in(monkeypatch)


@pytest.fixture
def jobs(database: Database, announcer: RecordingAnnouncer) -> Jobs:
    return Jobs(database, announcer)


def test_saved_results_reset_the_attempts(jobs: Jobs, clock: clocks.Clock) -> None:
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


def test_a_retry_waits_and_keeps_the_problem(jobs: Jobs, clock: clocks.Clock) -> None:
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


def test_retries_wait_ever_longer_and_end_in_failure(
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


def test_saved_results_reset_the_limit_of_retries(jobs: Jobs, make_settings: Callable[..., Settings]) -> None:
    settings = make_settings(max_attempts=2, retry_seconds=0.01)
    job_id = jobs.enqueue()
    for _ in range(5):
        held = jobs.claim(job_id)
        assert held is not None
        jobs.do(lease.report, held, REPORT, kept=True)
        assert jobs.do(lease.retry_or_fail, held, PROBLEM, settings) is JobState.QUEUED


def test_a_released_job_can_be_claimed_at_once_and_keeps_its_attempts(jobs: Jobs) -> None:
    held = jobs.claimed()
    jobs.do(lease.report, held, REPORT)
    jobs.do(lease.release, held)
    job = jobs.row(held.job_id)
    assert (job.state, job.attempts, job.sent_at, job.fraction) == (JobState.QUEUED, 0, None, 0.25)
    assert jobs.claim(held.job_id) is not None
