"""Jobs moved by hand: each step in its own transaction."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from neurflow_store.installation.database import Database
from neurflow_store.jobs import lease, queue
from neurflow_store.jobs.lease import Claim, ProgressReport
from neurflow_store.tables import Job, JobKind
from tests.services.fixtures import RecordingAnnouncer

PROBLEM = {"type": "out-of-memory", "title": "Out of memory", "detail": "Fewer images may help."}
REPORT = ProgressReport("layer4.1", 3, 10, 0.25, 12.5, [{"stage": "patches", "items": 40, "seconds": 1.5}])


class Jobs:
    """The jobs of a database."""

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
