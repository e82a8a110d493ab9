"""What workers found out, written in the transaction that ends their job: all of it, or nothing."""

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
"""Rows by their table, as keys and values."""

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
"""The tables of a circuit's parts, each after those that it refers to."""

_Row = TypeVar("_Row", bound=Base)


def subject(session: Session, table: type[_Row], id: str) -> _Row:
    """What a job is about.

    Raises:
        NotFound: it was deleted since.
    """
    row = session.get(table, id)
    if row is None:
        raise NotFound(f"{_word(table)} {id!r} was deleted")
    return row


def save_circuit(session: Session, circuit_id: str, columns: Mapping[str, Any]) -> None:
    """Notes what a computation found of a circuit as a whole, and holds its row.

    Raises:
        NotFound: the circuit was deleted since.
    """
    _change(session, Circuit, circuit_id, columns)


def replace_parts(session: Session, circuit_id: str, rows: Rows) -> None:
    """Puts a circuit's parts in the place of the former ones. Labels and notes are the caller's to bring along.

    Args:
        session: of ``Database.writing()``, which holds the circuit's row.
        circuit_id: whose parts they are.
        rows: without ``circuit_id``.
    """
    for part in reversed(_PARTS):
        session.execute(delete(part).where(part.__table__.c.circuit_id == circuit_id))
    for part in _PARTS:
        _insert(session, part, rows.get(part, ()), circuit_id=circuit_id)
    previews.drop(session, circuit_id)


def save_network(session: Session, network_id: str, columns: Mapping[str, Any]) -> None:
    """Notes what the inspection of a network found.

    Raises:
        NotFound: the network was deleted since.
    """
    _change(session, Network, network_id, columns)


def replace_dataset(
    session: Session, dataset_id: str, columns: Mapping[str, Any], images: Sequence[Mapping[str, Any]]
) -> None:
    """Notes what the inspection of a data set found.

    Images that are the same as before are left alone, and with them what networks say of them.

    Args:
        session: of ``Database.writing()``.
        dataset_id: of the data set.
        columns: of the data set itself.
        images: the browsable ones, without ``dataset_id``.

    Raises:
        NotFound: the data set was deleted since.
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
    """The browsable images of a data set in their order."""
    return session.scalars(
        select(DatasetImage).where(DatasetImage.dataset_id == dataset_id).order_by(DatasetImage.position)
    ).all()


def replace_predictions(
    session: Session, evaluation_id: str, columns: Mapping[str, Any], predictions: Sequence[Mapping[str, Any]]
) -> None:
    """Notes what a network says of a data set's images, in the place of what it said before.

    Args:
        session: of ``Database.writing()``.
        evaluation_id: of the evaluation.
        columns: of the evaluation itself.
        predictions: without ``evaluation_id``.

    Raises:
        NotFound: the evaluation was deleted since.
        Conflict: the images were replaced since.
    """
    _change(session, Evaluation, evaluation_id, columns)
    of_dataset = select(Evaluation.dataset_id).where(Evaluation.id == evaluation_id).scalar_subquery()
    known = set(session.scalars(select(DatasetImage.id).where(DatasetImage.dataset_id == of_dataset)))
    if any(prediction["image_id"] not in known for prediction in predictions):
        raise Conflict("the data set was inspected again meanwhile: evaluate the network once more")
    session.execute(delete(Prediction).where(Prediction.evaluation_id == evaluation_id))
    _insert(session, Prediction, predictions, evaluation_id=evaluation_id)


def save_analysis(session: Session, analysis_id: str, columns: Mapping[str, Any]) -> None:
    """Notes what an image was found to do.

    Raises:
        NotFound: the analysis was deleted since.
    """
    _change(session, Analysis, analysis_id, columns)


def save_measurement(session: Session, measurement_id: str, result: Mapping[str, Any]) -> None:
    """Notes what was measured.

    Raises:
        NotFound: the measurement was deleted since.
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
    """Many rows in one statement, past the unit of work, which would look at each."""
    if rows:
        session.execute(insert(table.__table__), [{**row, **also} for row in rows])  # type: ignore[arg-type]
