"""Concurrent steps on the same jobs, on both databases, in real threads."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from neurflow_store.clock import now
from neurflow_store.errors import LeaseLost
from neurflow_store.installation.database import Database
from neurflow_store.installation.settings import Settings
from neurflow_store.jobs import lease, queue
from neurflow_store.jobs.lease import Claim, ProgressReport
from neurflow_store.jobs.sweep import sweep
from neurflow_store.tables import Job, JobKind, JobState
from tests.services.fixtures import RecordingAnnouncer

ROUNDS = 12


def at_once(steps: Iterable[Callable[[], Any]]) -> list[Any]:
    """Run all steps at the same time; return each step's result or exception."""
    steps = list(steps)
    barrier = threading.Barrier(len(steps))

    def begin(step: Callable[[], Any]) -> Any:
        barrier.wait()
        try:
            return step()
        except LeaseLost as error:
            return error

    with ThreadPoolExecutor(len(steps)) as pool:
        return list(pool.map(begin, steps))


class Store:
    """Steps with a transaction each."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self.database = database
        self.settings = settings

    def add(self) -> str:
        with self.database.writing() as session:
            return queue.enqueue(session, RecordingAnnouncer(), JobKind.TRACE, "cat-00000").id

    def claim(self, job_id: str, worker: str = "worker") -> Claim | None:
        with self.database.writing() as session:
            return lease.claim(session, job_id, worker, 30)

    def claimed(self) -> Claim:
        held = self.claim(self.add())
        assert held is not None
        return held

    def lose(self, job_id: str) -> None:
        """Let the lease of a job expire."""
        with self.database.writing() as session:
            session.get_one(Job, job_id).lease_until = now() - timedelta(seconds=1)

    def do(self, step: Callable[..., Any], *args: Any) -> Any:
        with self.database.writing() as session:
            return step(session, *args)

    def row(self, job_id: str) -> Job:
        with self.database.reading() as session:
            return queue.find(session, job_id)


@pytest.fixture
def store(database: Database, make_settings: Callable[..., Settings]) -> Store:
    return Store(database, make_settings())


def test_one_of_many_concurrent_claims_wins(store: Store) -> None:
    for _ in range(ROUNDS):
        job_id = store.add()
        claims = at_once([partial(store.claim, job_id, f"worker-{n}") for n in range(8)])
        won = [held for held in claims if held is not None]
        assert len(won) == 1
        job = store.row(job_id)
        assert (job.lease_token, job.attempts, job.version) == (won[0].token, 1, 2)


def test_a_concurrent_claim_and_cancel_leave_a_job_that_is_to_be_cancelled(store: Store) -> None:
    seen = set()
    for _ in range(ROUNDS):
        job_id = store.add()
        held, _ = at_once([partial(store.claim, job_id), partial(store.do, queue.cancel, job_id)])
        job = store.row(job_id)
        seen.add(job.state)
        assert job.cancel_requested
        if held is None:
            assert job.state is JobState.CANCELLED
        else:
            assert job.state is JobState.RUNNING
            assert store.do(lease.renew, held, 30) is True
    assert seen <= {JobState.CANCELLED, JobState.RUNNING}


def test_a_concurrent_success_and_cancel_end_in_one_of_both(store: Store) -> None:
    for _ in range(ROUNDS):
        held = store.claimed()
        at_once([partial(store.do, lease.succeed, held), partial(store.do, queue.cancel, held.job_id)])
        assert store.row(held.job_id).state is JobState.SUCCEEDED


def test_a_concurrent_release_and_cancel_leave_no_queued_job(store: Store) -> None:
    for _ in range(ROUNDS):
        held = store.claimed()
        at_once([partial(store.do, lease.release, held), partial(store.do, queue.cancel, held.job_id)])
        assert store.row(held.job_id).state is JobState.CANCELLED


@pytest.mark.parametrize("step", [lambda session, held: lease.renew(session, held, 30), lease.succeed])
def test_a_worker_that_reports_during_a_sweep_keeps_the_job_or_learns_of_its_loss(
    store: Store, step: Callable[..., Any]
) -> None:
    for _ in range(ROUNDS):
        held = store.claimed()
        store.lose(held.job_id)
        announcer = RecordingAnnouncer()
        outcome, _ = at_once([partial(store.do, step, held), partial(store.do, sweep, announcer, store.settings)])
        job = store.row(held.job_id)
        if isinstance(outcome, LeaseLost):
            assert (job.state, len(announcer.announced)) == (JobState.QUEUED, 1)
        else:
            assert job.state is (JobState.RUNNING if job.lease_until else JobState.SUCCEEDED)
            assert announcer.announced == []


def test_two_sweepers_queue_and_announce_each_job_once(store: Store) -> None:
    for _ in range(3):
        lost = [store.claimed().job_id for _ in range(10)]
        for job_id in lost:
            store.lose(job_id)
        bells = [RecordingAnnouncer() for _ in range(3)]
        at_once([partial(store.do, sweep, announcer, store.settings) for announcer in bells])
        announced = Counter(job_id for announcer in bells for _, job_id in announcer.announced)
        assert announced == dict.fromkeys(lost, 1)
        for job_id in lost:
            job = store.row(job_id)
            assert (job.state, job.version, job.sends) == (JobState.QUEUED, 3, 1)
            store.do(queue.cancel, job_id)


def test_each_change_gets_a_higher_version(store: Store) -> None:
    held = store.claimed()
    seen: list[int] = []

    def report() -> None:
        for done in range(10):
            with store.database.writing() as session:
                lease.report(session, held, ProgressReport("stage", done, 10, done / 10, None, []))
                seen.append(queue.find(session, held.job_id).version)

    at_once([report, report, report])
    assert sorted(seen) == list(range(3, 33))
    assert store.row(held.job_id).version == 32


def test_many_workers_do_every_job_once(store: Store) -> None:
    """All workers know of every job, each in another order, and some are stopped."""
    jobs = [store.add() for _ in range(20)]
    done: Counter[str] = Counter()
    lock = threading.Lock()

    def work(number: int) -> None:
        for place, job_id in enumerate(jobs[number:] + jobs[:number] + jobs):
            held = store.claim(job_id, f"worker-{number}")
            if held is None:
                continue
            if place % 5 == number % 5:
                store.do(lease.release, held)
                continue
            store.do(lease.succeed, held)
            with lock:
                done[job_id] += 1

    at_once([partial(work, n) for n in range(4)])
    left = [job_id for job_id in jobs if store.row(job_id).state is JobState.QUEUED]
    assert done == dict.fromkeys([job_id for job_id in jobs if job_id not in left], 1)
    assert {store.row(job_id).state for job_id in jobs} <= {JobState.SUCCEEDED, JobState.QUEUED}
    assert all(store.row(job_id).attempts == 0 for job_id in left)
