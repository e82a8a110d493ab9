"""Labels of a circuit's groups, with their history."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Response

from neurflow_server.answering import answer
from neurflow_server.authors import AuthorDep
from neurflow_server.dependencies import PublisherDep, ReadSession, RequestId, WriteSession
from neurflow_server.problems import ProblemResponse, answers
from neurflow_server.routes.groups import LayerName, Place
from neurflow_server.schemas.fields import Id, Page
from neurflow_server.schemas.labels import LabelChangeOut, LabelIn, LabelOut, LabelQuery
from neurflow_server.schemas.queries import PageQuery
from neurflow_server.services import labels
from neurflow_server.services.changes import announce
from neurflow_store.errors import Stale
from neurflow_store.tables import Label

router = APIRouter(prefix="/circuits/{id}", tags=["labels"])
IfMatch = Annotated[str | None, Header(alias="If-Match", max_length=100, description="The version you have read.")]
_STALE: dict[int | str, dict[str, Any]] = {
    409: {
        "description": "Someone has changed the label since.",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/StaleLabel"}}},
    }
}


@router.get("/labels", response_model=Page[LabelOut], responses=answers(404, 422))
def list_labels(id: Id, session: ReadSession, query: Annotated[LabelQuery, Query()]) -> Response:
    """List the labels of a circuit's groups; with `orphaned`, the labels whose groups are gone."""
    return answer(labels.page(session, id, query))


@router.put("/groups/{layer}/{number}/label", response_model=LabelOut, responses=_STALE | answers(404, 422))
def put_label(
    id: Id,
    layer: LayerName,
    number: Place,
    body: LabelIn,
    session: WriteSession,
    who: AuthorDep,
    notifier: PublisherDep,
    request_id: RequestId,
    if_match: IfMatch = None,
) -> Response:
    """Set a group's label, or remove it. Its history keeps all texts and authors."""
    try:
        found = labels.put(session, who, id, f"{layer}/{number}", body, if_match)
    except Stale as error:
        present = labels.shown(error.present) if isinstance(error.present, Label) else None
        shown = None if present is None else present.model_dump(mode="json")
        title = "The label has changed"
        return ProblemResponse(409, "stale", title, str(error), request_id, present=shown)
    announce(session, notifier, id)
    return answer(found)


@router.get("/groups/{layer}/{number}/label/history", response_model=Page[LabelChangeOut], responses=answers(404, 422))
def list_label_history(
    id: Id, layer: LayerName, number: Place, session: ReadSession, query: Annotated[PageQuery, Query()]
) -> Response:
    """List a group's earlier labels, with author and time, newest first."""
    return answer(labels.history(session, id, layer, number, query.cursor, query.limit))
