"""Queries about evaluations of networks on data sets."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from neurflow_store.errors import NotFound
from neurflow_store.repositories.columns import JOB_COLUMNS, AnyRow, AnySelect
from neurflow_store.repositories.paging import Order, Slice, read_rows
from neurflow_store.tables import Dataset, Evaluation, Job, Network
from neurflow_store.visibility import EVERYTHING

_CARD: Final = (
    Evaluation.id,
    Evaluation.network_id,
    Network.name.label("network_name"),
    Evaluation.dataset_id,
    Dataset.name.label("dataset_name"),
    Evaluation.created_at,
    Evaluation.accuracy,
    Evaluation.images,
    Evaluation.class_map,
    Dataset.class_map.label("class_map_now"),
    *JOB_COLUMNS,
)


def page(session: Session, network: str | None, dataset: str | None, cursor: str | None, limit: int) -> Slice[AnyRow]:
    """Return a page of evaluations, latest first.

    Raises:
        BadValue: the cursor does not belong to this list.
    """
    statement = _with_names(*_CARD)
    if network is not None:
        statement = statement.where(Evaluation.network_id == network)
    if dataset is not None:
        statement = statement.where(Evaluation.dataset_id == dataset)
    order = Order("created_at", (Evaluation.created_at, Evaluation.id), descending=True)
    return read_rows(session, statement, order, cursor, limit)


def evaluation(session: Session, evaluation_id: str) -> AnyRow:
    """Return an evaluation with its classes.

    Raises:
        NotFound: the evaluation does not exist.
    """
    statement = _with_names(*_CARD, Evaluation.classes).where(Evaluation.id == evaluation_id)
    found = session.execute(statement).one_or_none()
    if found is None:
        raise NotFound(f"no evaluation {evaluation_id!r}")
    return found


def find_evaluation(session: Session, network_id: str, dataset_id: str) -> Evaluation | None:
    """Return the evaluation of a network on a data set, if it was requested."""
    return session.scalar(
        select(Evaluation)
        .where(Evaluation.network_id == network_id, Evaluation.dataset_id == dataset_id)
        .execution_options(populate_existing=True)
    )


def delete_evaluations(session: Session, owner: Network | Dataset) -> list[str]:
    """Delete all evaluations of a network or data set; return their ids."""
    column = Evaluation.network_id if isinstance(owner, Network) else Evaluation.dataset_id
    ids = list(session.scalars(select(Evaluation.id).where(column == owner.id), execution_options=EVERYTHING))
    session.execute(delete(Evaluation).where(column == owner.id))
    return ids


def _with_names(*columns: Any) -> AnySelect:
    return (
        select(*columns)
        .select_from(Evaluation)
        .join(Job, Job.id == Evaluation.job_id)
        .join(Network, Network.id == Evaluation.network_id)
        .join(Dataset, Dataset.id == Evaluation.dataset_id)
    )
