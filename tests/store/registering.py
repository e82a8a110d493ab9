"""Ends the jobs of registered networks and data sets as a worker would."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from neurflow_store.installation.database import Database
from neurflow_store.jobs import lease, queue
from neurflow_store.tables import (
    JobState,
)

PROBLEM = {"type": "network", "title": "No such network", "detail": "torchvision has no classifier 'resnet81'"}


def count(database: Database, table: type[Any]) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def end_job(database: Database, job_id: str, state: JobState) -> None:
    """End a job as a worker, or cancel it as a user."""
    if state is JobState.CANCELLED:
        with database.writing() as session:
            queue.cancel(session, job_id)
        return
    with database.writing() as session:
        held = lease.claim(session, job_id, "worker", 30)
        assert held is not None
        if state is JobState.SUCCEEDED:
            lease.succeed(session, held)
        elif state is JobState.FAILED:
            lease.fail(session, held, PROBLEM)
