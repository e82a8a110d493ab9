"""The list of live workers. Each sends a heartbeat every few seconds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, delete, select, update
from sqlalchemy.orm import Session

from neurflow_store.clock import database_now
from neurflow_store.tables import Queue, WorkerRow


def beat(session: Session, worker_id: str, queues: Sequence[Queue]) -> None:
    """Record a worker's heartbeat. Only the worker itself writes its row."""
    time = database_now(session)
    renewed = session.execute(update(WorkerRow).where(WorkerRow.id == worker_id).values(seen_at=time))
    if not cast("CursorResult[Any]", renewed).rowcount:
        session.add(WorkerRow(id=worker_id, queues=[queue.value for queue in queues], started_at=time, seen_at=time))


def leave(session: Session, worker_id: str) -> None:
    """Remove a worker that has ended."""
    session.execute(delete(WorkerRow).where(WorkerRow.id == worker_id))


def alive(session: Session, within_seconds: float) -> Sequence[WorkerRow]:
    """Return the workers with a heartbeat in the last ``within_seconds``, the one that started first at the top."""
    since = database_now(session) - timedelta(seconds=within_seconds)
    return session.scalars(
        select(WorkerRow).where(WorkerRow.seen_at >= since).order_by(WorkerRow.started_at, WorkerRow.id)
    ).all()
