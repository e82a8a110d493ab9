"""Whether the sweeper does its part: what a health check asks."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from neurflow_store.clock import now
from neurflow_store.tables import Job, JobState


def overdue(session: Session, seconds: float) -> int:
    """How many jobs lost their worker more than ``seconds`` ago, and nobody has taken them up."""
    since = now() - timedelta(seconds=seconds)
    lost = select(func.count()).select_from(Job).where(Job.state == JobState.RUNNING, Job.lease_until < since)
    return session.scalar(lost) or 0
