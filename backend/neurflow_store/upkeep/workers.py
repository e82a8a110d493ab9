"""The list of live workers, each of which sends a heartbeat every few seconds; and when the sweeper last swept."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from importlib.metadata import version
from typing import Any, Final, cast

from sqlalchemy import CursorResult, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from neurflow_store.clock import database_now, now
from neurflow_store.tables import Queue, SweepRow, WorkerRow

VERSION: Final = version("neurflow-explorer")
"""The version of this process."""
_JOBS: Final = "jobs"


def beat(session: Session, worker_id: str, queues: Sequence[Queue]) -> float:
    """Record a worker's heartbeat. Only the worker itself writes its row.

    Returns:
        By how many seconds the clock of this process is ahead of the database's.
    """
    time = database_now(session)
    ahead = (now() - time).total_seconds()
    said = {"seen_at": time, "version": VERSION, "clock_ahead": ahead}
    renewed = session.execute(update(WorkerRow).where(WorkerRow.id == worker_id).values(**said))
    if not cast("CursorResult[Any]", renewed).rowcount:
        session.add(WorkerRow(id=worker_id, queues=[queue.value for queue in queues], started_at=time, **said))
    return ahead


def leave(session: Session, worker_id: str) -> None:
    """Remove a worker that has ended."""
    session.execute(delete(WorkerRow).where(WorkerRow.id == worker_id))


def alive(session: Session, within_seconds: float) -> Sequence[WorkerRow]:
    """Return the workers with a heartbeat in the last ``within_seconds``, the one that started first at the top."""
    since = database_now(session) - timedelta(seconds=within_seconds)
    return session.scalars(
        select(WorkerRow).where(WorkerRow.seen_at >= since).order_by(WorkerRow.started_at, WorkerRow.id)
    ).all()


def record_sweep(session: Session) -> None:
    """Record that the jobs were swept."""
    time = database_now(session)
    renewed = session.execute(update(SweepRow).where(SweepRow.name == _JOBS).values(done_at=time))
    if not cast("CursorResult[Any]", renewed).rowcount:
        # Another sweeper may have been faster.
        with suppress(IntegrityError), session.begin_nested():
            session.add(SweepRow(name=_JOBS, done_at=time))


def last_sweep(session: Session) -> datetime | None:
    """Return when the jobs were last swept; ``None`` if they never were."""
    return session.scalar(select(SweepRow.done_at).where(SweepRow.name == _JOBS))
