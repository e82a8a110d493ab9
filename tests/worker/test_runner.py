"""A job from its claim to its end, on both databases, with made-up work."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from neurflow_store.clock import now
from neurflow_store.errors import NotFound
from neurflow_store.jobs import queue
from neurflow_store.tables import Job, JobKind, JobState, WorkerRow
from neurflow_worker.job_interface import Bench, Outcome, Work
from neurflow_worker.plan import Stage
from neurflow_worker.runner import Runner
from tests.worker.workplace import RecordingPublisher, does, endless, job_of, meanwhile, silent

Enqueue = Callable[..., Job]
ANOTHERS = {"lease_token": "another's", "worker": "another"}


def test_a_result_is_there_with_the_jobs_end(bench: Bench, enqueued: Enqueue, publisher: RecordingPublisher) -> None:
    tidied: list[bool] = []

    def work_and_write(work: Work) -> Outcome:
        work.progress.follow([Stage("pieces", 4)])
        for done in range(5):
            work.progress("pieces", done, 4)

        def write(session: Session) -> None:
            # The result first, the end last, and both in one transaction.
            assert queue.find(session, job.id).state is JobState.RUNNING
            session.add(WorkerRow(id="the result", queues=[], started_at=now(), seen_at=now()))

        return Outcome(write, lambda: tidied.append(True))

    job = enqueued(bench)
    Runner(bench, {JobKind.TRACE: work_and_write}).run(job.id)
    done = job_of(bench.database, job.id)
    assert (done.state, done.fraction, done.problem, done.lease_token) == (JobState.SUCCEEDED, 1.0, None, None)
    assert [(stage["stage"], stage["items"]) for stage in done.stages] == [("pieces", 4)]
    assert done.worker == "worker-of-the-test"
    with bench.database.reading() as session:
        assert session.get(WorkerRow, "the result") is not None
    assert tidied == [True]
    # At its claim, its first report and its end at least.
    assert publisher.said.count(job.id) >= 3


def test_a_job_that_is_done_or_gone_is_passed_by(bench: Bench, enqueued: Enqueue) -> None:
    begun: list[str] = []
    runner = Runner(bench, does(lambda work: begun.append(work.held.job_id)))
    job = enqueued(bench)
    for job_id in (job.id, job.id, "job-gone"):
        runner.run(job_id)
    assert begun == [job.id]


@pytest.mark.parametrize("work", [endless, silent])
def test_cancelling_takes_effect_within_two_seconds(
    bench: Bench, enqueued: Enqueue, work: Callable[[Work], None]
) -> None:
    job = enqueued(bench)
    asked: list[float] = []

    def cancel() -> None:
        with bench.database.writing() as session:
            queue.cancel(session, job.id)
        asked.append(time.monotonic())

    with bench.interrupter.installed():
        Runner(bench, does(meanwhile(work, cancel))).run(job.id)
    ended = time.monotonic()
    assert job_of(bench.database, job.id).state is JobState.CANCELLED
    assert ended - asked[0] < 2.0


@pytest.mark.parametrize("work", [endless, silent])
def test_a_worker_that_is_stopped_gives_its_job_back(
    bench: Bench, enqueued: Enqueue, work: Callable[[Work], None]
) -> None:
    job = enqueued(bench)
    asked: list[float] = []

    def stop() -> None:
        bench.stopping.set()
        asked.append(time.monotonic())

    with bench.interrupter.installed():
        Runner(bench, does(meanwhile(work, stop))).run(job.id)
    assert time.monotonic() - asked[0] < 2.0
    given_back = job_of(bench.database, job.id)
    assert (given_back.state, given_back.attempts, given_back.lease_token) == (JobState.QUEUED, 0, None)
    # Another one takes it up at once.
    Runner(replace(bench, stopping=threading.Event()), does(lambda work: None)).run(job.id)
    assert job_of(bench.database, job.id).state is JobState.SUCCEEDED


@pytest.mark.parametrize("loss", ["taken", "deleted"])
def test_who_loses_the_lease_stops_and_changes_nothing(bench: Bench, enqueued: Enqueue, loss: str) -> None:
    job = enqueued(bench)

    def lose() -> None:
        with bench.database.writing() as session:
            mine = Job.id == job.id
            session.execute(
                delete(Job).where(mine) if loss == "deleted" else update(Job).where(mine).values(**ANOTHERS)
            )

    pieces: list[int] = []

    def count(work: Work) -> None:
        for done in range(1000):
            time.sleep(0.02)
            work.progress("pieces", done, 1000)
            pieces.append(done)

    Runner(bench, does(meanwhile(count, lose))).run(job.id)
    assert len(pieces) < 300
    if loss == "deleted":
        with bench.database.reading() as session, pytest.raises(NotFound):
            queue.find(session, job.id)
    else:
        assert job_of(bench.database, job.id).worker == "another"


def test_a_result_of_a_lost_lease_is_not_written(bench: Bench, enqueued: Enqueue) -> None:
    job = enqueued(bench)
    tidied: list[bool] = []

    def lose_at_the_end(work: Work) -> Outcome:
        with bench.database.writing() as session:
            session.execute(update(Job).where(Job.id == job.id).values(**ANOTHERS))
        row = WorkerRow(id="the result", queues=[], started_at=now(), seen_at=now())
        return Outcome(lambda session: session.add(row), lambda: tidied.append(True))

    Runner(bench, {JobKind.TRACE: lose_at_the_end}).run(job.id)
    with bench.database.reading() as session:
        assert session.get(WorkerRow, "the result") is None
    assert job_of(bench.database, job.id).state is JobState.RUNNING
    assert tidied == []


def test_a_lease_is_kept_while_the_work_is_silent(bench: Bench, enqueued: Enqueue) -> None:
    short = replace(bench, settings=bench.settings.model_copy(update={"lease_seconds": 0.6}))
    job = enqueued(short)
    lasted: list[timedelta] = []

    def wait(work: Work) -> None:
        time.sleep(1.2)
        until = job_of(bench.database, job.id).lease_until
        assert until is not None
        lasted.append(until - now())

    Runner(short, does(wait)).run(job.id)
    assert lasted[0] > timedelta(0)
    assert job_of(bench.database, job.id).state is JobState.SUCCEEDED


def test_stages_of_an_earlier_attempt_stay_unless_done_again(bench: Bench, enqueued: Enqueue) -> None:
    job = enqueued(bench)
    earlier = [{"stage": name, "items": 5, "seconds": 9.0} for name in ("images", "layer top")]
    with bench.database.writing() as session:
        session.execute(update(Job).where(Job.id == job.id).values(stages=earlier))

    def again(work: Work) -> None:
        for stage in ("images", "layer low"):
            work.progress(stage, 0, 1)
            work.progress(stage, 1, 1)

    Runner(bench, does(again)).run(job.id)
    stages = {stage["stage"]: stage["items"] for stage in job_of(bench.database, job.id).stages}
    assert stages == {"layer top": 5, "images": 1, "layer low": 1}
