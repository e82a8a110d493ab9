"""Register and show data sets and their pictures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from neurflow_server import addresses
from neurflow_server.auth.requester import Requester
from neurflow_server.schemas.datasets import (
    DatasetCard,
    DatasetChange,
    DatasetClass,
    DatasetImageOut,
    DatasetIn,
    DatasetOut,
    LeftOut,
    PredictionOut,
)
from neurflow_server.schemas.fields import Page
from neurflow_server.schemas.queries import ImageQuery
from neurflow_server.services import from_rows, visibility
from neurflow_store.asking import registry
from neurflow_store.clock import now
from neurflow_store.errors import BadValue
from neurflow_store.installation.settings import Settings
from neurflow_store.jobs.queue import Announcer
from neurflow_store.reach import circuits_beyond
from neurflow_store.repositories import datasets, networks
from neurflow_store.repositories.datasets import WantedImages
from neurflow_store.repositories.listing import Listing
from neurflow_store.tables import Dataset


def page(session: Session, listing: Listing) -> Page[DatasetCard]:
    """Return a page of the list."""
    rows = datasets.page(session, listing)
    return Page[DatasetCard](items=[DatasetCard(**_card(row)) for row in rows.items], next=rows.next)


def get(session: Session, dataset_id: str) -> DatasetOut:
    """Return a data set."""
    row = datasets.dataset(session, dataset_id)
    classes = [DatasetClass(**entry) for entry in row.classes]
    left_out = [LeftOut(**entry) for entry in row.left_out]
    wider = circuits_beyond(session, Dataset, row)
    return DatasetOut(**_card(row), classes=classes, left_out=left_out, class_map=row.class_map, wider_circuits=wider)


def register(
    session: Session,
    announcer: Announcer,
    settings: Settings,
    requester: Requester,
    wanted: DatasetIn,
    request_id: str,
) -> tuple[DatasetOut, bool]:
    """Register a data set; return it, and whether it is new.

    Raises:
        NotFound: the space does not exist, or the user is not a member.
        Forbidden: the user is not an editor of the space.
    """
    begun = now()
    dataset = registry.register_dataset(
        session,
        announcer,
        settings,
        spec=wanted.spec,
        name=wanted.name,
        visible=visibility.chosen(session, requester, wanted),
        request_id=request_id,
    )
    return get(session, dataset.id), dataset.created_at >= begun


def change(
    session: Session, requester: Requester, dataset_id: str, wanted: DatasetChange, request_id: str
) -> DatasetOut:
    """Change a data set's name, class map, visibility or space.

    Raises:
        BadValue: the data set has no such label.
        NotFound: the data set or space does not exist.
        Forbidden: the user is not an editor of the space.
        Conflict: it has not been inspected yet, so its labels are unknown.
    """
    if wanted.name is not None:
        registry.rename_dataset(session, dataset_id, wanted.name)
    if wanted.class_map is not None:
        registry.map_labels(session, dataset_id, wanted.class_map)
    if wanted.shares:
        visibility.share(session, requester, Dataset, dataset_id, wanted, request_id)
    return get(session, dataset_id)


def inspect(session: Session, announcer: Announcer, dataset_id: str, request_id: str) -> DatasetOut:
    """Inspect a data set again."""
    registry.reinspect_dataset(session, announcer, dataset_id, request_id)
    return get(session, dataset_id)


def images(session: Session, dataset_id: str, query: ImageQuery) -> Page[DatasetImageOut]:
    """Return a page of pictures, with a network's predictions.

    Raises:
        NotFound: the data set or network does not exist.
        BadValue: an outcome is requested without a network, or for a class that the network does not have.
    """
    datasets.require(session, dataset_id)
    classes: Sequence[str] = ()
    if query.network is not None:
        classes = networks.class_names(session, query.network)
    elif query.outcome is not None or query.missed_as is not None:
        raise BadValue("outcome and missed_as need predictions: set network to the id of a network")
    right = False if query.missed_as is not None else _outcome_filter(query.outcome)
    wanted = WantedImages(query.class_names, query.split, query.network, right, _outputs_of(classes, query.missed_as))
    rows = datasets.images(session, dataset_id, wanted, query.cursor, query.limit)
    items = [_image(dataset_id, row, classes, query.network is not None) for row in rows.items]
    return Page[DatasetImageOut](items=items, next=rows.next)


def _outcome_filter(outcome: str | None) -> bool | None:
    return None if outcome is None else outcome == "right"


def _outputs_of(classes: Sequence[str], name: str | None) -> Sequence[int] | None:
    if name is None:
        return None
    places = [place for place, known in enumerate(classes) if known == name]
    if not places:
        raise BadValue(f"missed_as is {name[:100]!r}: the network has no such class, or has not been inspected yet")
    return places


def _image(dataset_id: str, row: Any, classes: Sequence[str], predicted: bool) -> DatasetImageOut:
    return DatasetImageOut(
        position=row.position,
        name=row.name,
        label=row.label,
        split=row.split,
        width=row.width,
        height=row.height,
        thumbnail=addresses.dataset_image(dataset_id, row.position, row.thumbnail),
        prediction=_prediction(row, classes) if predicted and row.predicted is not None else None,
    )


def _prediction(row: Any, classes: Sequence[str]) -> PredictionOut:
    name = classes[row.predicted] if row.predicted < len(classes) else f"#{row.predicted}"
    return PredictionOut(
        predicted=name,
        probability=row.probability,
        right=None if row.truth is None else row.truth == row.predicted,
        truth_probability=row.truth_probability,
    )


def _card(row: Any) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "spec": row.spec,
        "uploaded": row.archive is not None,
        "state": row.state,
        "digest": row.digest,
        "image_count": row.image_count,
        "created_at": row.created_at,
        **from_rows.owned_values(row),
        "job": from_rows.job(row),
    }
