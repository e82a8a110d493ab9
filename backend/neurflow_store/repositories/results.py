"""Results of workers, written in the transaction that ends their job: all or nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeVar

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from neurflow_store.errors import Conflict, NotFound
from neurflow_store.repositories import previews
from neurflow_store.tables import (
    Analysis,
    Base,
    Circuit,
    CircuitImage,
    CircuitLayer,
    CircuitPatch,
    Dataset,
    DatasetImage,
    Edge,
    Evaluation,
    Exemplar,
    Group,
    Measurement,
    Network,
    Neuron,
    Prediction,
    SemanticGroup,
)

Rows = Mapping[type[Base], Sequence[Mapping[str, Any]]]
"""Rows by table, as keys and values."""

_PARTS: Final[tuple[type[Base], ...]] = (
    CircuitLayer,
    CircuitImage,
    CircuitPatch,
    Group,
    Exemplar,
    Edge,
    Neuron,
    SemanticGroup,
)
"""The tables of a circuit's parts, each after the tables it refers to."""

_Row = TypeVar("_Row", bound=Base)


def subject(session: Session, table: type[_Row], id: str) -> _Row:
    """Return the row that a job is about.

    Raises:
        NotFound: it was deleted.
    """
    row = session.get(table, id)
    if row is None:
        raise NotFound(f"{_word(table)} {id!r} was deleted")
    return row


def hold_circuit(session: Session, circuit_id: str) -> None:
    """Keep a circuit from being deleted until the transaction ends, so that rows can refer to it.

    Raises:
        NotFound: it was deleted.
    """
    statement = select(Circuit.id).where(Circuit.id == circuit_id).with_for_update(read=True, key_share=True)
    if session.scalar(statement) is None:
        raise NotFound(f"circuit {circuit_id!r} was deleted")


def save_circuit(session: Session, circuit_id: str, columns: Mapping[str, Any]) -> None:
    """Save the columns of a computed circuit, and lock its row.

    Raises:
        NotFound: the circuit was deleted.
    """
    _change(session, Circuit, circuit_id, columns)


def replace_parts(session: Session, circuit_id: str, rows: Rows) -> None:
    """Replace a circuit's parts. The caller moves labels and notes.

    Args:
        session: of ``Database.writing()``, which has locked the circuit's row.
        circuit_id: the circuit's id.
        rows: the new parts, without ``circuit_id``.
    """
    for part in reversed(_PARTS):
        session.execute(delete(part).where(part.__table__.c.circuit_id == circuit_id))
    for part in _PARTS:
        _insert(session, part, rows.get(part, ()), circuit_id=circuit_id)
    previews.drop(session, circuit_id)


def save_network(session: Session, network_id: str, columns: Mapping[str, Any]) -> None:
    """Save the result of a network's inspection.

    Raises:
        NotFound: the network was deleted.
    """
    _change(session, Network, network_id, columns)


def replace_dataset(
    session: Session, dataset_id: str, columns: Mapping[str, Any], images: Sequence[Mapping[str, Any]]
) -> None:
    """Save the result of a data set's inspection.

    Unchanged images keep their rows, and with them the predictions of networks.

    Args:
        session: of ``Database.writing()``.
        dataset_id: the data set's id.
        columns: the data set's columns.
        images: the browsable images, without ``dataset_id``.

    Raises:
        NotFound: the data set was deleted.
    """
    _change(session, Dataset, dataset_id, columns)
    table = DatasetImage.__table__
    names = [column.name for column in table.columns if column.name not in ("id", "dataset_id")]
    mine = table.c.dataset_id == dataset_id
    known = session.execute(select(*(table.c[name] for name in names)).where(mine).order_by(table.c.position)).all()
    if [tuple(row) for row in known] == [tuple(image[name] for name in names) for image in images]:
        return
    session.execute(delete(DatasetImage).where(mine))
    _insert(session, DatasetImage, images, dataset_id=dataset_id)


def browsable_images(session: Session, dataset_id: str) -> Sequence[DatasetImage]:
    """Return the browsable images of a data set in order."""
    return session.scalars(
        select(DatasetImage).where(DatasetImage.dataset_id == dataset_id).order_by(DatasetImage.position)
    ).all()


def replace_predictions(
    session: Session, evaluation_id: str, columns: Mapping[str, Any], predictions: Sequence[Mapping[str, Any]]
) -> None:
    """Save a network's predictions for a data set's images, replacing earlier ones.

    Args:
        session: of ``Database.writing()``.
        evaluation_id: the evaluation's id.
        columns: the evaluation's columns.
        predictions: without ``evaluation_id``.

    Raises:
        NotFound: the evaluation was deleted.
        Conflict: the images were replaced.
    """
    _change(session, Evaluation, evaluation_id, columns)
    of_dataset = select(Evaluation.dataset_id).where(Evaluation.id == evaluation_id).scalar_subquery()
    known = set(session.scalars(select(DatasetImage.id).where(DatasetImage.dataset_id == of_dataset)))
    if any(prediction["image_id"] not in known for prediction in predictions):
        raise Conflict("the data set was inspected again in the meantime: evaluate the network again")
    session.execute(delete(Prediction).where(Prediction.evaluation_id == evaluation_id))
    _insert(session, Prediction, predictions, evaluation_id=evaluation_id)


def save_analysis(session: Session, analysis_id: str, columns: Mapping[str, Any]) -> None:
    """Save the result of an analysis.

    Raises:
        NotFound: the analysis was deleted.
    """
    _change(session, Analysis, analysis_id, columns)


def save_measurement(session: Session, measurement_id: str, result: Mapping[str, Any]) -> None:
    """Save the result of a measurement.

    Raises:
        NotFound: the measurement was deleted.
    """
    _change(session, Measurement, measurement_id, {"result": dict(result)})


def _change(session: Session, table: type[Base], id: str, columns: Mapping[str, Any]) -> None:
    own = table.__table__.c.id
    statement = update(table).where(own == id).values(**columns).returning(own)
    if session.execute(statement.execution_options(synchronize_session=False)).first() is None:
        raise NotFound(f"{_word(table)} {id!r} was deleted")


def _word(table: type[Base]) -> str:
    return "analysis" if table is Analysis else table.__tablename__.rstrip("s")


def _insert(session: Session, table: type[Base], rows: Sequence[Mapping[str, Any]], **also: Any) -> None:
    """Insert many rows with one statement, bypassing the unit of work, which would process each."""
    if rows:
        session.execute(insert(table.__table__), [{**row, **also} for row in rows])  # type: ignore[arg-type]
