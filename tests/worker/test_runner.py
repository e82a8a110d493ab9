"""A job from claim to end on both databases, with made-up work."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import delete, text, update
from sqlalchemy.orm import Session

from neurflow_store.clock import now
from neurflow_store.errors import NotFound, SchemaError
from neurflow_store.jobs import queue
from neurflow_store.tables import Job, JobKind, JobState, WorkerRow
from neurflow_store.upkeep.migrate import HEAD
from neurflow_worker.runner import Runner
from neurflow_worker.running.context import JobContext, Outcome, WorkerContext
from neurflow_worker.running.plan import Stage
from tests.worker.workplace import RecordingPublisher, does, endless, job_of, meanwhile, silent

Enqueue = Callable[..., Job]
ANOTHERS = {"lease_token": "another's", "worker": "another"}


def test_the_result_is_saved_with_the_job_s_end(
    worker: WorkerContext, enqueued: Enqueue, publisher: RecordingPublisher
) -> None:
    tidied: list[bool] = []

    def work_and_write(work: JobContext) -> Outcome:
        work.progress.follow([Stage("pieces", 4)])
        for done in range(5):
            work.progress("pieces", done, 4)

        def write(session: Session) -> None:
            # The result first, the end last, and both in one transaction.
            assert queue.find(session, job.id).state is JobState.RUNNING
            session.add(WorkerRow(id="the result", queues=[], started_at=now(), seen_at=now()))

        return Outcome(write, lambda: tidied.append(True))

    job = enqueued(worker)
    Runner(worker, {JobKind.TRACE: work_and_write}).run(job.id)
    done = job_of(worker.database, job.id)
    assert (done.state, done.fraction, done.problem, done.lease_token) == (JobState.SUCCEEDED, 1.0, None, None)
    assert [(stage["stage"], stage["items"]) for stage in done.stages] == [("pieces", 4)]
    assert done.worker == "worker-of-the-test"
    with worker.database.reading() as session:
        assert session.get(WorkerRow, "the result") is not None
    assert tidied == [True]
    # At least at its claim, its first report and its end.
    assert publisher.said.count(job.id) >= 3


def test_an_ended_or_missing_job_is_skipped(worker: WorkerContext, enqueued: Enqueue) -> None:
    begun: list[str] = []
    runner = Runner(worker, does(lambda work: begun.append(work.claim.job_id)))
    job = enqueued(worker)
    for job_id in (job.id, job.id, "job-gone"):
        runner.run(job_id)
    assert begun == [job.id]


@pytest.mark.parametrize("work", [endless, silent])
def test_cancelling_takes_effect_within_two_seconds(
    worker: WorkerContext, enqueued: Enqueue, work: Callable[[JobContext], None]
) -> None:
    job = enqueued(worker)
    asked: list[float] = []

    def cancel() -> None:
        with worker.database.writing() as session:
            queue.cancel(session, job.id)
        asked.append(time.monotonic())

    with worker.interrupter.installed():
        Runner(worker, does(meanwhile(work, cancel))).run(job.id)
    ended = time.monotonic()
    assert job_of(worker.database, job.id).state is JobState.CANCELLED
    assert ended - asked[0] < 2.0


@pytest.mark.parametrize("work", [endless, silent])
def test_a_worker_that_is_stopped_releases_its_job(
    worker: WorkerContext, enqueued: Enqueue, work: Callable[[JobContext], None]
) -> None:
    job = enqueued(worker)
    asked: list[float] = []

    def stop() -> None:
        worker.stopping.set()
        asked.append(time.monotonic())

    with worker.interrupter.installed():
        Runner(worker, does(meanwhile(work, stop))).run(job.id)
    assert time.monotonic() - asked[0] < 2.0
    given_back = job_of(worker.database, job.id)
    assert (given_back.state, given_back.attempts, given_back.lease_token) == (JobState.QUEUED, 0, None)
    # Another worker takes it at once.
    Runner(replace(worker, stopping=threading.Event()), does(lambda work: None)).run(job.id)
    assert job_of(worker.database, job.id).state is JobState.SUCCEEDED


@pytest.mark.parametrize("loss", ["taken", "deleted"])
def test_a_worker_that_loses_its_lease_stops_and_changes_nothing(
    worker: WorkerContext, enqueued: Enqueue, loss: str
) -> None:
    job = enqueued(worker)

    def lose() -> None:
        with worker.database.writing() as session:
            mine = Job.id == job.id
            session.execute(
                delete(Job).where(mine) if loss == "deleted" else update(Job).where(mine).values(**ANOTHERS)
            )

    pieces: list[int] = []

    def count(work: JobContext) -> None:
        for done in range(1000):
            time.sleep(0.02)
            work.progress("pieces", done, 1000)
            pieces.append(done)

    Runner(worker, does(meanwhile(count, lose))).run(job.id)
    assert len(pieces) < 300
    if loss == "deleted":
        with worker.database.reading() as session, pytest.raises(NotFound):
            queue.find(session, job.id)
    else:
        assert job_of(worker.database, job.id).worker == "another"


def test_a_result_is_not_saved_without_the_lease(worker: WorkerContext, enqueued: Enqueue) -> None:
    job = enqueued(worker)
    tidied: list[bool] = []

    def lose_at_the_end(work: JobContext) -> Outcome:
        with worker.database.writing() as session:
            session.execute(update(Job).where(Job.id == job.id).values(**ANOTHERS))
        row = WorkerRow(id="the result", queues=[], started_at=now(), seen_at=now())
        return Outcome(lambda session: session.add(row), lambda: tidied.append(True))

    Runner(worker, {JobKind.TRACE: lose_at_the_end}).run(job.id)
    with worker.database.reading() as session:
        assert session.get(WorkerRow, "the result") is None
    assert job_of(worker.database, job.id).state is JobState.RUNNING
    assert tidied == []


def test_the_lease_is_renewed_while_the_work_reports_nothing(worker: WorkerContext, enqueued: Enqueue) -> None:
    short = replace(worker, settings=worker.settings.model_copy(update={"lease_seconds": 0.6}))
    job = enqueued(short)
    lasted: list[timedelta] = []

    def wait(work: JobContext) -> None:
        time.sleep(1.2)
        until = job_of(worker.database, job.id).lease_until
        assert until is not None
        lasted.append(until - now())

    Runner(short, does(wait)).run(job.id)
    assert lasted[0] > timedelta(0)
    assert job_of(worker.database, job.id).state is JobState.SUCCEEDED


def test_stages_of_an_earlier_attempt_stay_unless_repeated(worker: WorkerContext, enqueued: Enqueue) -> None:
    job = enqueued(worker)
    earlier = [{"stage": name, "items": 5, "seconds": 9.0} for name in ("images", "layer top")]
    with worker.database.writing() as session:
        session.execute(update(Job).where(Job.id == job.id).values(stages=earlier))

    def again(work: JobContext) -> None:
        for stage in ("images", "layer low"):
            work.progress(stage, 0, 1)
            work.progress(stage, 1, 1)

    Runner(worker, does(again)).run(job.id)
    stages = {stage["stage"]: stage["items"] for stage in job_of(worker.database, job.id).stages}
    assert stages == {"layer top": 5, "images": 1, "layer low": 1}


def test_a_worker_refuses_jobs_of_newer_tables(worker: WorkerContext, enqueued: Enqueue) -> None:
    begun: list[str] = []
    runner = Runner(worker, does(lambda work: begun.append(work.claim.job_id)))
    job = enqueued(worker)
    with worker.database.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    try:
        with pytest.raises(SchemaError, match="9999"):
            runner.run(job.id)
    finally:
        with worker.database.writing() as session:
            session.execute(text("UPDATE alembic_version SET version_num = :head"), {"head": HEAD})
    assert begun == []
    waiting = job_of(worker.database, job.id)
    assert (waiting.state, waiting.attempts) == (JobState.QUEUED, 0)


def test_a_worker_writes_no_result_into_newer_tables(worker: WorkerContext, enqueued: Enqueue) -> None:
    written: list[bool] = []

    def migrate_meanwhile(work: JobContext) -> Outcome:
        with worker.database.writing() as session:
            session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        return Outcome(lambda session: written.append(True))

    job = enqueued(worker)
    try:
        with pytest.raises(SchemaError, match="9999"):
            Runner(worker, {JobKind.TRACE: migrate_meanwhile}).run(job.id)
    finally:
        with worker.database.writing() as session:
            session.execute(text("UPDATE alembic_version SET version_num = :head"), {"head": HEAD})
    assert written == []
    waiting = job_of(worker.database, job.id)
    assert (waiting.state, waiting.attempts, waiting.lease_token) == (JobState.QUEUED, 0, None)
