"""Data sets and their images: register, list, inspect, change, delete."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from neurflow_server.answering import LOCATED, answer
from neurflow_server.dependencies import AnnouncerDep, ReadSession, RequesterDep, RequestId, SettingsDep, WriteSession
from neurflow_server.problems import answers
from neurflow_server.schemas.datasets import DatasetCard, DatasetChange, DatasetImageOut, DatasetIn, DatasetOut
from neurflow_server.schemas.fields import Id, Page
from neurflow_server.schemas.queries import ImageQuery, RegistryQuery
from neurflow_server.services import datasets
from neurflow_store.asking import registry

router = APIRouter(prefix="/datasets", tags=["datasets"])
_KNOWN: dict[int | str, dict[str, Any]] = {
    200: {"model": DatasetOut, "description": "It was already registered.", **LOCATED},
    201: LOCATED,
}


@router.get("", response_model=Page[DatasetCard], responses=answers(422))
def list_datasets(session: ReadSession, query: Annotated[RegistryQuery, Query()]) -> Response:
    """List registered data sets."""
    return answer(datasets.page(session, query.listing()))


@router.post("", status_code=201, response_model=DatasetOut, responses=_KNOWN | answers(403, 404, 422))
def register_dataset(
    body: DatasetIn,
    session: WriteSession,
    announcer: AnnouncerDep,
    settings: SettingsDep,
    requester: RequesterDep,
    request_id: RequestId,
) -> Response:
    """Register a data set by its spec, and queue its inspection. The same request returns the same data set."""
    dataset, new = datasets.register(session, announcer, settings, requester, body, request_id)
    return answer(dataset, 201 if new else 200, f"/datasets/{dataset.id}")


@router.get("/{id}", response_model=DatasetOut, responses=answers(404, 422))
def get_dataset(id: Id, session: ReadSession) -> Response:
    """Get a data set with its classes."""
    return answer(datasets.get(session, id))


@router.patch("/{id}", response_model=DatasetOut, responses=answers(403, 404, 409, 422))
def change_dataset(
    id: Id, body: DatasetChange, session: WriteSession, requester: RequesterDep, request_id: RequestId
) -> Response:
    """Change a data set's name, class map, visibility or space. Omitted values are unchanged."""
    return answer(datasets.change(session, requester, id, body, request_id))


@router.delete("/{id}", status_code=204, responses=answers(404, 409, 422))
def delete_dataset(id: Id, session: WriteSession) -> None:
    """Delete a data set, unless circuits use it."""
    registry.delete_dataset(session, id)


@router.post("/{id}/inspect", status_code=202, response_model=DatasetOut, responses=answers(404, 409, 422))
def inspect_dataset(id: Id, session: WriteSession, announcer: AnnouncerDep, request_id: RequestId) -> Response:
    """Inspect a data set again."""
    return answer(datasets.inspect(session, announcer, id, request_id), 202)


@router.get("/{id}/images", response_model=Page[DatasetImageOut], responses=answers(404, 422))
def list_dataset_images(id: Id, session: ReadSession, query: Annotated[ImageQuery, Query()]) -> Response:
    """List the images of a data set, with a network's predictions beside the true classes."""
    return answer(datasets.images(session, id, query))
