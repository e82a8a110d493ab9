"""A thread that plays the worker: it takes the jobs of analyses and measurements, and ends them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import select

from neurflow_store.errors import LeaseLost, NotFound
from neurflow_store.installation.database import Database
from neurflow_store.jobs import lease
from neurflow_store.tables import Job, JobKind, JobState
from tests.store.analysing import refuse, write_analysis, write_measured

Does = Callable[[Database, lease.Claim], None]


@contextmanager
def working(database: Database, analyse: Does = write_analysis, measure: Does = write_measured) -> Iterator[list[str]]:
    """Do all requested jobs; yield the subjects of those done."""
    stop, done = threading.Event(), list[str]()
    does = {JobKind.ANALYSE: analyse, JobKind.MEASURE: measure}

    def work() -> None:
        while not stop.wait(0.01):
            with database.reading() as session:
                waiting = session.scalars(select(Job.id).where(Job.state == JobState.QUEUED, Job.kind.in_(does))).all()
            for job_id in waiting:
                with database.writing() as session:
                    held = lease.claim(session, job_id, "worker-1", 60)
                if held is None:
                    continue
                try:
                    does[held.kind](database, held)
                except (LeaseLost, NotFound):
                    continue  # it was deleted meanwhile
                done.append(held.subject)

    thread = threading.Thread(target=work, name="worker")
    thread.start()
    try:
        yield done
    finally:
        stop.set()
        thread.join(20)


@contextmanager
def refusing(database: Database) -> Iterator[list[str]]:
    """Refuse every image as unreadable."""
    with working(database, refuse) as done:
        yield done
