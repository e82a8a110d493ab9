"""Jobs under random steps of workers, API and sweeper only take the transitions that ``tables/jobs.py`` draws.

A slow twin of the rules runs beside the database; each row is compared with it after each step.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import delete

from neurflow_store.errors import LeaseLost
from neurflow_store.installation.database import Database
from neurflow_store.installation.settings import Settings
from neurflow_store.jobs import lease, queue
from neurflow_store.jobs.lease import Claim, ProgressReport
from neurflow_store.jobs.sweep import sweep
from neurflow_store.tables import Job, JobKind, JobState
from tests.services.fixtures import RecordingAnnouncer
from tests.store import clock as clocks

WHICH = st.integers(0, 2)
LEASE, SKEW, RESEND, MOST = 30, 2, 60, 3
PROBLEM = {"type": "passing", "title": "It will pass", "detail": "Wait."}
WAYS = {
    JobState.QUEUED: {JobState.QUEUED, JobState.RUNNING, JobState.CANCELLED},
    JobState.RUNNING: set(JobState),
    JobState.SUCCEEDED: {JobState.SUCCEEDED},
    JobState.FAILED: {JobState.FAILED},
    JobState.CANCELLED: {JobState.CANCELLED},
}


@dataclass
class Twin:
    """The expected state of a job."""

    available: datetime
    sent: datetime | None
    state: JobState = JobState.QUEUED
    cancelling: bool = False
    attempts: int = 0
    sends: int = 0
    token: str | None = None
    until: datetime | None = None
    problem: Any = None

    def end(self, state: JobState, problem: Any = None) -> None:
        self.state, self.token, self.until, self.problem = state, None, None, problem

    def put_back(self, available: datetime, problem: Any) -> None:
        self.end(JobState.CANCELLED if self.cancelling else JobState.QUEUED, None if self.cancelling else problem)
        self.available, self.sent, self.sends = available, None, 0


class Life(RuleBasedStateMachine):
    """Jobs, claims that may be stale, and a clock. There are few jobs at a time, so that each one takes many steps."""

    def __init__(self, database: Database, clock: clocks.Clock, limits: Settings) -> None:
        super().__init__()
        self.database, self.clock, self.limits = database, clock, limits
        self.twins: dict[str, Twin] = {}
        self.holds: list[Claim] = []
        self.last: dict[str, tuple[int, JobState]] = {}
        self.announcer = RecordingAnnouncer()
        with database.writing() as session:
            session.execute(delete(Job))

    def later(self, seconds: float) -> datetime:
        return self.clock.time + timedelta(seconds=seconds)

    def living(self) -> list[str]:
        return [job_id for job_id, twin in self.twins.items() if twin.state not in queue.ENDED]

    @precondition(lambda self: len(self.living()) < 2)
    @rule()
    def enqueue(self) -> None:
        with self.database.writing() as session:
            job_id = queue.enqueue(session, self.announcer, JobKind.TRACE, "cat-00000").id
        self.twins[job_id] = Twin(self.clock.time, self.clock.time)

    @precondition(lambda self: self.living())
    @rule(which=WHICH)
    def claim(self, which: int) -> None:
        job_id = self.living()[which % len(self.living())]
        with self.database.writing() as session:
            held = lease.claim(session, job_id, "worker", LEASE)
        twin = self.twins[job_id]
        assert (held is not None) == (twin.state is JobState.QUEUED and twin.available <= self.later(SKEW))
        if held is not None:
            twin.state, twin.token, twin.until = JobState.RUNNING, held.token, self.later(LEASE)
            twin.attempts += 1
            assert held.attempts == twin.attempts
            self.holds.append(held)

    @precondition(lambda self: self.twins)
    @rule(which=st.integers(0, 9))
    def cancel(self, which: int) -> None:
        job_id = list(self.twins)[which % len(self.twins)]
        with self.database.writing() as session:
            queue.cancel(session, job_id)
        twin = self.twins[job_id]
        if twin.state is JobState.QUEUED:
            twin.cancelling = True
            twin.end(JobState.CANCELLED)
        elif twin.state is JobState.RUNNING and not twin.cancelling:
            twin.cancelling, twin.problem = True, None

    def held(self, which: int, step: Callable[..., Any], *args: Any, **values: Any) -> Twin | None:
        """Run a worker's step; return the twin to change, or ``None`` if the lease was lost and this was reported."""
        held = self.holds[-1 - which % len(self.holds)]
        twin = self.twins[held.job_id]
        mine = twin.state is JobState.RUNNING and twin.token == held.token
        try:
            with self.database.writing() as session:
                told = step(session, held, *args, **values)
        except LeaseLost:
            assert not mine
            return None
        assert mine
        if step in (lease.renew, lease.report):
            assert told is twin.cancelling
        return twin

    @precondition(lambda self: self.holds)
    @rule(which=WHICH)
    def renew(self, which: int) -> None:
        if twin := self.held(which, lease.renew, LEASE):
            twin.until = self.later(LEASE)

    @precondition(lambda self: self.holds)
    @rule(which=WHICH, kept=st.booleans())
    def report(self, which: int, kept: bool) -> None:
        twin = self.held(which, lease.report, ProgressReport("stage", 1, 2, 0.5, None, []), kept=kept)
        if twin and kept:
            twin.attempts = 1

    @precondition(lambda self: self.holds)
    @rule(which=WHICH, state=st.sampled_from(queue.ENDED))
    def end(self, which: int, state: JobState) -> None:
        if state is JobState.FAILED:
            twin = self.held(which, lease.fail, PROBLEM)
        else:
            twin = self.held(which, lease.succeed if state is JobState.SUCCEEDED else lease.stop)
        if twin:
            twin.end(state, PROBLEM if state is JobState.FAILED else None)

    @precondition(lambda self: self.holds)
    @rule(which=WHICH, seconds=st.sampled_from([1, 10, 100]))
    def retry(self, which: int, seconds: int) -> None:
        if twin := self.held(which, lease.retry, PROBLEM, seconds):
            twin.put_back(self.later(seconds), PROBLEM)

    @precondition(lambda self: self.holds)
    @rule(which=WHICH)
    def release(self, which: int) -> None:
        if twin := self.held(which, lease.release):
            twin.put_back(self.clock.time, twin.problem)
            twin.attempts -= 1

    @rule(seconds=st.sampled_from([5, 31, 100]))
    def wait(self, seconds: float) -> None:
        self.clock.advance(seconds)

    @rule()
    def sweep(self) -> None:
        self.announcer.announced.clear()
        with self.database.writing() as session:
            sweep(session, self.announcer, self.limits)
        expected = set()
        for job_id, twin in self.twins.items():
            if twin.state is JobState.RUNNING and twin.until is not None and twin.until < self.clock.time:
                if twin.cancelling:
                    twin.end(JobState.CANCELLED)
                elif twin.attempts >= MOST:
                    twin.end(JobState.FAILED, "worker-lost")
                else:
                    twin.put_back(self.clock.time, twin.problem)
            if twin.state is JobState.QUEUED and twin.available <= self.clock.time:
                wait = min(RESEND * 2**twin.sends, 3600)
                if twin.sent is None or twin.sent <= self.later(-wait):
                    twin.sent, twin.sends = self.clock.time, twin.sends + 1
                    expected.add(job_id)
        assert sorted(job_id for _, job_id in self.announcer.announced) == sorted(expected)

    @invariant()
    def rows_are_as_the_twins(self) -> None:
        with self.database.reading() as session:
            rows = {job_id: queue.find(session, job_id) for job_id in self.twins}
        for job_id, twin in self.twins.items():
            row = rows[job_id]
            problem = row.problem["type"] if twin.problem == "worker-lost" and row.problem else row.problem
            assert (row.state, row.cancel_requested, row.attempts) == (twin.state, twin.cancelling, twin.attempts)
            assert (row.lease_token, row.lease_until, problem) == (twin.token, twin.until, twin.problem)
            assert (row.available_at, row.sent_at, row.sends) == (twin.available, twin.sent, twin.sends)
            assert (row.finished_at is not None) == (row.state in queue.ENDED)
            assert row.attempts >= 0
            version, state = self.last.get(job_id, (row.version, row.state))
            assert row.state in WAYS[state]
            assert row.version >= version
            assert row.version > version or row.state == state, "a watcher would miss it"
            self.last[job_id] = row.version, row.state


def test_jobs_only_take_the_drawn_transitions(
    database: Database, make_settings: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = clocks.put_in(monkeypatch)
    limits = make_settings(max_attempts=MOST, resend_seconds=RESEND, lease_seconds=LEASE)
    run_state_machine_as_test(
        cast("type[Life]", lambda: Life(database, clock, limits)),
        settings=settings(max_examples=40, stateful_step_count=40, suppress_health_check=list(HealthCheck)),
    )
