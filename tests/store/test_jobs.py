"""The life of a job, on both databases."""

from __future__ import annotations

from neurflow_store.database import Database
from neurflow_store.jobs import lease, queue
from neurflow_store.tables import JobKind, JobState
from tests.services.fixtures import RecordingBell


def test_a_job_is_announced_once_it_is_committed(database: Database, bell: RecordingBell) -> None:
    with database.writing() as session:
        job = queue.enqueue(session, bell, JobKind.TRACE, "cat-00000")
        assert bell.rung == []
    assert bell.rung == [(job.queue, job.id)]


def test_a_job_is_claimed_by_one_worker(database: Database, bell: RecordingBell) -> None:
    with database.writing() as session:
        job_id = queue.enqueue(session, bell, JobKind.TRACE, "cat-00000").id
    with database.writing() as session:
        held = lease.claim(session, job_id, "first", 10)
        assert held is not None
    with database.writing() as session:
        assert lease.claim(session, job_id, "second", 10) is None
        lease.succeed(session, held)
        assert queue.find(session, job_id).state is JobState.SUCCEEDED
