"""Jobs whose work fails or whose database is away, on both databases."""

from __future__ import annotations

import errno
import sqlite3
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.exc import OperationalError

from neurflow.terms.errors import ClassError, NumericalError
from neurflow.terms.errors import StorageError as EngineStorageError
from neurflow_store.clock import now
from neurflow_store.errors import NotFound, StorageFull
from neurflow_store.installation.settings import Settings
from neurflow_store.jobs import lease
from neurflow_store.tables import Job, JobState
from neurflow_worker.runner import Runner
from neurflow_worker.running.context import JobContext, WorkerContext
from tests.services.processes import Service
from tests.worker.workplace import does, endless, job_of, meanwhile, raises

Enqueue = Callable[..., Job]
ANOTHERS = {"lease_token": "another's", "worker": "another"}


@pytest.mark.parametrize(
    ("error", "kind", "title"),
    [
        (ClassError("no class 'cta': did you mean 'cat'?"), "class-error", "The class cannot be traced"),
        (NumericalError("layer 'layer1' gives NaN"), "numerical-error", "NaN or infinity in a computation"),
        (NotFound("circuit 'cat-00000' was deleted"), "not-found", "Not found"),
    ],
)
def test_a_permanent_error_fails_the_job_with_its_reason(
    worker: WorkerContext, enqueued: Enqueue, error: Exception, kind: str, title: str
) -> None:
    job = enqueued(worker)
    Runner(worker, raises(error)).run(job.id)
    failed = job_of(worker.database, job.id)
    assert failed.state is JobState.FAILED
    assert failed.problem == {"type": kind, "title": title, "detail": str(error)}


def test_a_bug_is_reported_without_a_stack_trace(worker: WorkerContext, enqueued: Enqueue) -> None:
    job = enqueued(worker)
    Runner(worker, raises(ZeroDivisionError("secret of line 7"))).run(job.id)
    problem = job_of(worker.database, job.id).problem
    assert problem is not None
    assert problem["type"] == "internal-error"
    assert problem["detail"] == f"ZeroDivisionError: see the worker's log for job {job.id}"


def _engine_disk_full() -> Exception:
    error = EngineStorageError("cannot write work/jobs: No space left on device; free some space")
    error.__cause__ = OSError(errno.ENOSPC, "No space left on device")
    return error


def _database_disk_full() -> Exception:
    error = sqlite3.OperationalError("database or disk is full")
    error.sqlite_errorcode = sqlite3.SQLITE_FULL
    return OperationalError("INSERT", {}, error)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (StorageFull("the folder of stored files is full: free space, then try again"), "disk-full"),
        (_engine_disk_full(), "disk-full"),
        (OSError(errno.ENOSPC, "No space left on device"), "disk-full"),
        (_database_disk_full(), "disk-full"),
        (ConnectionResetError("the peer went away"), "storage-error"),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried 1 byte"), "out-of-memory"),
    ],
    ids=["store", "engine", "disk", "database", "connection", "memory"],
)
def test_a_transient_error_is_retried_ever_later_and_then_fails(
    worker: WorkerContext, enqueued: Enqueue, error: Exception, kind: str
) -> None:
    few = replace(worker, settings=worker.settings.model_copy(update={"max_attempts": 3}))
    job = enqueued(few)
    runner = Runner(few, raises(error))
    waits = []
    for _ in range(2):
        asked = now()
        runner.run(job.id)
        waiting = job_of(worker.database, job.id)
        assert waiting.state is JobState.QUEUED
        assert waiting.problem is not None
        assert waiting.problem["type"] == kind
        assert waiting.sent_at is None
        waits.append((waiting.available_at - asked).total_seconds())
        with worker.database.writing() as session:
            session.execute(update(Job).where(Job.id == job.id).values(available_at=now() - timedelta(seconds=5)))
    assert 0.5 <= waits[0] < 1.0 <= waits[1] < 1.9
    runner.run(job.id)
    failed = job_of(worker.database, job.id)
    assert failed.state is JobState.FAILED
    assert failed.problem is not None
    assert failed.problem["type"] == kind


def test_saved_results_reset_the_attempts(worker: WorkerContext, enqueued: Enqueue) -> None:
    job = enqueued(worker)
    with worker.database.writing() as session:
        session.execute(update(Job).where(Job.id == job.id).values(attempts=worker.settings.max_attempts - 1))

    def keep_and_fail(work: JobContext) -> None:
        work.progress("layer a", 0, 1)
        work.progress.keep()
        work.progress("layer b", 0, 1)
        raise ConnectionResetError("the peer went away")

    Runner(worker, does(keep_and_fail)).run(job.id)
    waiting = job_of(worker.database, job.id)
    assert (waiting.state, waiting.attempts) == (JobState.QUEUED, 1)


def away(*_: object, **__: object) -> None:
    raise OperationalError("UPDATE jobs", {}, ConnectionError("server closed the connection unexpectedly"))


def test_a_job_survives_an_unreachable_database(
    worker: WorkerContext, enqueued: Enqueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = enqueued(worker)
    succeed, calls = lease.succeed, []

    def away_at_first(*args: object, **kwargs: object) -> None:
        calls.append(1)
        if len(calls) == 1:
            away()
        succeed(*args, **kwargs)  # type: ignore[arg-type]

    def short(work: JobContext) -> None:
        monkeypatch.setattr(lease, "report", away)
        monkeypatch.setattr(lease, "renew", away)
        for done in range(30):
            work.progress("pieces", done, 30)
            time.sleep(0.02)

    monkeypatch.setattr(lease, "succeed", away_at_first)
    Runner(worker, does(short)).run(job.id)
    assert job_of(worker.database, job.id).state is JobState.SUCCEEDED
    assert len(calls) == 2


def test_a_database_that_stays_away_costs_the_lease(
    worker: WorkerContext, enqueued: Enqueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    short = replace(worker, settings=worker.settings.model_copy(update={"lease_seconds": 0.8}))
    job = enqueued(short)

    def cut(work: JobContext) -> None:
        for name in ("report", "renew", "release"):
            monkeypatch.setattr(lease, name, away)
        endless(work)

    began = time.monotonic()
    Runner(short, does(cut)).run(job.id)
    assert time.monotonic() - began < 3
    assert job_of(worker.database, job.id).state is JobState.RUNNING  # until the sweeper recovers it


def test_a_job_survives_a_restart_of_postgresql(
    make_worker: Callable[..., WorkerContext],
    make_settings: Callable[..., Settings],
    postgresql_server: Service,
    postgresql_url: str,
    enqueued: Enqueue,
) -> None:
    worker = make_worker(make_settings(database_url=postgresql_url, heartbeat_seconds=0.2, progress_seconds=0.05))
    job = enqueued(worker)

    def restart() -> None:
        postgresql_server.kill()
        time.sleep(0.5)
        postgresql_server.start()

    def pieces(work: JobContext) -> None:
        for done in range(50):
            time.sleep(0.02)
            work.progress("pieces", done, 50)

    Runner(worker, does(meanwhile(pieces, restart))).run(job.id)
    done = job_of(worker.database, job.id)
    assert (done.state, done.attempts) == (JobState.SUCCEEDED, 1)
