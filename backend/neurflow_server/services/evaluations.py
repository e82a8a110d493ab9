"""Request and show evaluations of networks on data sets."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from neurflow_server.schemas.evaluations import ClassAccuracy, EvaluationCard, EvaluationIn, EvaluationOut
from neurflow_server.schemas.fields import Page
from neurflow_server.schemas.summaries import Named
from neurflow_server.services import from_rows
from neurflow_store.asking import registry
from neurflow_store.jobs.queue import Announcer
from neurflow_store.repositories import evaluations
from neurflow_store.tables import JobState


def page(
    session: Session, network: str | None, dataset: str | None, cursor: str | None, limit: int
) -> Page[EvaluationCard]:
    """Return a page of the list."""
    rows = evaluations.page(session, network, dataset, cursor, limit)
    return Page[EvaluationCard](items=[EvaluationCard(**_card(row)) for row in rows.items], next=rows.next)


def get(session: Session, evaluation_id: str) -> EvaluationOut:
    """Return an evaluation."""
    row = evaluations.evaluation(session, evaluation_id)
    return EvaluationOut(**_card(row), classes=[ClassAccuracy(**entry) for entry in row.classes])


def request(
    session: Session, announcer: Announcer, wanted: EvaluationIn, request_id: str
) -> tuple[EvaluationOut, bool]:
    """Request an evaluation; return it, and whether its job has not ended yet."""
    found = registry.request_evaluation(session, announcer, wanted.network, wanted.dataset, request_id)
    shown_now = get(session, found.id)
    return shown_now, shown_now.state is not JobState.SUCCEEDED


def _card(row: Any) -> dict[str, Any]:
    return {
        "id": row.id,
        "network": Named(id=row.network_id, name=row.network_name),
        "dataset": Named(id=row.dataset_id, name=row.dataset_name),
        "state": row.state,
        "accuracy": row.accuracy,
        "images": row.images,
        "current": row.class_map == row.class_map_now,
        "created_at": row.created_at,
        "job": from_rows.job(row),
    }
