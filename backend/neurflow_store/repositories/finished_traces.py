"""Traces that have ended well: what they were asked for, and how long their stages took."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from neurflow_store.repositories.columns import AnyRow
from neurflow_store.tables import Circuit, Job, JobKind, JobState, Network


def newest(session: Session, network_id: str | None, most: int) -> Sequence[AnyRow]:
    """The last traces to be finished, the newest first, with their parameters, stages and network's layers.

    Args:
        session: of ``Database.reading()``.
        network_id: of which network; ``None`` for any.
        most: how many of them.
    """
    statement = (
        select(Job.stages, Circuit.parameters, Network.layers)
        .select_from(Job)
        .join(Circuit, Circuit.job_id == Job.id)
        .join(Network, Network.id == Circuit.network_id)
        .where(Job.kind == JobKind.TRACE, Job.state == JobState.SUCCEEDED)
        .order_by(Job.finished_at.desc(), Job.id)
        .limit(most)
    )
    if network_id is not None:
        statement = statement.where(Circuit.network_id == network_id)
    return session.execute(statement).all()
