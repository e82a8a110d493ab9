"""Queries about registered data sets and their pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from neurflow_store.errors import NotFound
from neurflow_store.repositories.columns import JOB_COLUMNS, AnyRow, AnySelect
from neurflow_store.repositories.listing import Listing
from neurflow_store.repositories.owned import owned_columns, with_owner
from neurflow_store.repositories.paging import Order, Slice, read_rows
from neurflow_store.tables import Dataset, DatasetImage, Evaluation, Job, Prediction

_CARD: Final = (
    Dataset.id,
    Dataset.name,
    Dataset.spec,
    Dataset.archive,
    Dataset.digest,
    Dataset.image_count,
    Dataset.created_at,
    *JOB_COLUMNS,
)
_IMAGE: Final = (
    DatasetImage.position,
    DatasetImage.name,
    DatasetImage.label,
    DatasetImage.split,
    DatasetImage.width,
    DatasetImage.height,
    DatasetImage.thumbnail,
)
_PREDICTION: Final = (
    Prediction.predicted,
    Prediction.probability,
    Prediction.truth,
    Prediction.truth_probability,
)


@dataclass(frozen=True)
class WantedImages:
    """Filters for the pictures of a data set; ``None``, and no ``labels``, mean all.

    ``right`` selects those that ``network`` predicts right or wrong, ``predicted`` those whose prediction is one of the
    classes at these positions of its output.
    """

    labels: Sequence[str] = ()
    split: str | None = None
    network: str | None = None
    right: bool | None = None
    predicted: Sequence[int] | None = None


def page(session: Session, listing: Listing) -> Slice[AnyRow]:
    """Return a page of data sets.

    Raises:
        BadValue: the cursor does not belong to this order.
    """
    statement = listing.narrowed(_with_job(session, *_CARD), Dataset)
    return read_rows(session, statement, listing.order(Dataset), listing.cursor, listing.limit)


def dataset(session: Session, dataset_id: str) -> AnyRow:
    """Return all columns of a data set, without its pictures.

    Raises:
        NotFound: the data set does not exist.
    """
    columns = (*_CARD, Dataset.classes, Dataset.class_map, Dataset.left_out)
    found = session.execute(_with_job(session, *columns).where(Dataset.id == dataset_id)).one_or_none()
    if found is None:
        raise NotFound(f"no data set {dataset_id!r}")
    return found


def require(session: Session, dataset_id: str) -> None:
    """Check that a data set exists.

    Raises:
        NotFound: it does not.
    """
    if session.scalar(select(Dataset.id).where(Dataset.id == dataset_id)) is None:
        raise NotFound(f"no data set {dataset_id!r}")


def images(session: Session, dataset_id: str, wanted: WantedImages, cursor: str | None, limit: int) -> Slice[AnyRow]:
    """Return a page of a data set's browsable pictures by position, with the predictions of ``wanted.network``.

    Raises:
        BadValue: the cursor does not belong to this list.
    """
    statement = select(*_IMAGE, *_PREDICTION) if wanted.network else select(*_IMAGE)
    statement = statement.where(DatasetImage.dataset_id == dataset_id)
    if wanted.network:
        evaluation = select(Evaluation.id).where(
            Evaluation.network_id == wanted.network, Evaluation.dataset_id == dataset_id
        )
        about = Prediction.image_id == DatasetImage.id
        statement = statement.outerjoin(Prediction, about & (Prediction.evaluation_id == evaluation.scalar_subquery()))
    return read_rows(
        session, statement.where(*_conditions(wanted)), Order("position", (DatasetImage.position,)), cursor, limit
    )


def _conditions(wanted: WantedImages) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.labels:
        conditions.append(DatasetImage.label.in_(wanted.labels))
    if wanted.split is not None:
        conditions.append(DatasetImage.split == wanted.split)
    if wanted.right is not None:
        right = Prediction.predicted == Prediction.truth
        conditions.append(right if wanted.right else Prediction.predicted != Prediction.truth)
    if wanted.predicted is not None:
        conditions.append(Prediction.predicted.in_(wanted.predicted))
    return conditions


def _with_job(session: Session, *columns: Any) -> AnySelect:
    shown = select(*columns, *owned_columns(session, Dataset))
    return with_owner(shown.select_from(Dataset).join(Job, Job.id == Dataset.job_id), Dataset)
