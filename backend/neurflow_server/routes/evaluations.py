"""Evaluations of networks on data sets."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from neurflow_server.answering import LOCATED, answer
from neurflow_server.dependencies import AnnouncerDep, ReadSession, RequestId, WriteSession
from neurflow_server.problems import answers
from neurflow_server.schemas.evaluations import EvaluationCard, EvaluationIn, EvaluationOut
from neurflow_server.schemas.fields import Id, Page
from neurflow_server.schemas.queries import EvaluationQuery
from neurflow_server.services import evaluations

router = APIRouter(prefix="/evaluations", tags=["evaluations"])
_DONE: dict[int | str, dict[str, Any]] = {
    200: {"model": EvaluationOut, "description": "It is done.", **LOCATED},
    202: LOCATED,
}


@router.get("", response_model=Page[EvaluationCard], responses=answers(422))
def list_evaluations(session: ReadSession, query: Annotated[EvaluationQuery, Query()]) -> Response:
    """List evaluations, newest first."""
    return answer(evaluations.page(session, query.network, query.dataset, query.cursor, query.limit))


@router.post("", status_code=202, response_model=EvaluationOut, responses=_DONE | answers(404, 409, 422))
def request_evaluation(
    body: EvaluationIn, session: WriteSession, announcer: AnnouncerDep, request_id: RequestId
) -> Response:
    """Run a network on a data set's images. The same request returns the same evaluation."""
    evaluation, waits = evaluations.request(session, announcer, body, request_id)
    return answer(evaluation, 202 if waits else 200, f"/evaluations/{evaluation.id}")


@router.get("/{id}", response_model=EvaluationOut, responses=answers(404, 422))
def get_evaluation(id: Id, session: ReadSession) -> Response:
    """Get an evaluation with the accuracy of each class."""
    return answer(evaluations.get(session, id))
