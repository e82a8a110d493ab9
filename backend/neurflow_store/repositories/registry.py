"""Which circuits and evaluations belong to a network or a data set."""

from __future__ import annotations

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from neurflow_store.tables import Circuit, Dataset, Evaluation, Network
from neurflow_store.viewers import EVERYTHING


def count_circuits(session: Session, owner: Network | Dataset) -> int:
    """How many circuits were asked for of a network, or over a data set."""
    column = Circuit.network_id if isinstance(owner, Network) else Circuit.dataset_id
    return session.scalar(select(func.count()).where(column == owner.id), execution_options=EVERYTHING) or 0


def find_evaluation(session: Session, network_id: str, dataset_id: str) -> Evaluation | None:
    """The evaluation of a network over a data set, if it was asked for."""
    return session.scalar(
        select(Evaluation)
        .where(Evaluation.network_id == network_id, Evaluation.dataset_id == dataset_id)
        .execution_options(populate_existing=True)
    )


def delete_evaluations(session: Session, owner: Network | Dataset) -> list[str]:
    """Deletes all evaluations of a network, or over a data set; gives their ids."""
    column = Evaluation.network_id if isinstance(owner, Network) else Evaluation.dataset_id
    ids = list(session.scalars(select(Evaluation.id).where(column == owner.id), execution_options=EVERYTHING))
    session.execute(delete(Evaluation).where(column == owner.id))
    return ids
