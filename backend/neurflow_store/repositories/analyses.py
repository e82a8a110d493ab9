"""Analyses and measurements, as lists and single views ask for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import case, or_, select
from sqlalchemy.orm import Session

from neurflow_store.errors import NotFound
from neurflow_store.repositories.columns import JOB_COLUMNS, AnyRow, AnySelect
from neurflow_store.repositories.paging import Order, Slice, read_rows
from neurflow_store.tables import Analysis, AnalysisImage, Circuit, Exemplar, Group, Job, Measurement

_CARD: Final = (
    Analysis.id,
    Analysis.name,
    Analysis.circuit_id,
    Circuit.name.label("circuit_name"),
    Analysis.source,
    Analysis.label,
    Analysis.width,
    Analysis.height,
    Analysis.predicted,
    Analysis.probability,
    Analysis.created_at,
    Analysis.computed_at,
    case((Analysis.circuit_computed_at == Circuit.computed_at, True), else_=False).label("current"),
    *JOB_COLUMNS,
)
_MEASUREMENT: Final = (
    Measurement.id,
    Measurement.kind,
    Measurement.circuit_id,
    Measurement.analysis_id,
    Measurement.request,
    Measurement.created_at,
    Measurement.result,
    *JOB_COLUMNS,
)


def page(session: Session, circuit_id: str | None, cursor: str | None, limit: int) -> Slice[AnyRow]:
    """A page of analyses, the newest first.

    Raises:
        BadValue: the cursor is none of this list's.
    """
    statement = _cards(*_CARD)
    if circuit_id is not None:
        statement = statement.where(Analysis.circuit_id == circuit_id)
    order = Order("created_at", (Analysis.created_at, Analysis.id), descending=True)
    return read_rows(session, statement, order, cursor, limit)


def analysis(session: Session, analysis_id: str) -> AnyRow:
    """An analysis with its ``reading``.

    Raises:
        NotFound: there is no such analysis.
    """
    return _one(session, _cards(*_CARD, Analysis.reading).where(Analysis.id == analysis_id), "analysis", analysis_id)


def picture(session: Session, analysis_id: str) -> bytes:
    """The image for people, as WebP.

    Raises:
        NotFound: there is no such analysis, or its image was not read yet.
    """
    found = session.scalar(select(AnalysisImage.picture).where(AnalysisImage.analysis_id == analysis_id))
    if found is None:
        raise NotFound(f"there is no picture of analysis {analysis_id[:80]!r}")
    return found


def has_image(session: Session, analysis_id: str) -> bool:
    """Whether anything is kept from which its image can be had."""
    image = AnalysisImage
    there = or_(image.upload.is_not(None), image.pixels.is_not(None), image.dataset_id.is_not(None))
    return session.scalar(select(image.analysis_id).where(image.analysis_id == analysis_id, there)) is not None


def of_same_image(session: Session, circuit_id: str, other: Analysis, image: AnalysisImage) -> Analysis | None:
    """The newest analysis of the same pixels through a circuit, if there is one."""
    same = (AnalysisImage.pixels == image.pixels, Analysis.circuit_id == circuit_id, Analysis.name == other.name)
    joined = select(Analysis).join(AnalysisImage, AnalysisImage.analysis_id == Analysis.id)
    return session.scalar(joined.where(*same).order_by(Analysis.created_at.desc(), Analysis.id).limit(1))


def of_circuit(session: Session, circuit_id: str) -> list[str]:
    """The ids of a circuit's analyses and measurements."""
    tables = (Analysis, Measurement)
    return [id for table in tables for id in session.scalars(select(table.id).where(table.circuit_id == circuit_id))]


def measurements_of(session: Session, analysis_id: str) -> Sequence[str]:
    """The ids of an analysis's measurements."""
    return session.scalars(select(Measurement.id).where(Measurement.analysis_id == analysis_id)).all()


def measurements(
    session: Session, circuit_id: str | None, analysis_id: str | None, cursor: str | None, limit: int
) -> Slice[AnyRow]:
    """A page of measurements, the newest first.

    Raises:
        BadValue: the cursor is none of this list's.
    """
    statement = _measured()
    if circuit_id is not None:
        statement = statement.where(Measurement.circuit_id == circuit_id)
    if analysis_id is not None:
        statement = statement.where(Measurement.analysis_id == analysis_id)
    order = Order("created_at", (Measurement.created_at, Measurement.id), descending=True)
    return read_rows(session, statement, order, cursor, limit)


def measurement(session: Session, measurement_id: str) -> AnyRow:
    """A measurement with its result.

    Raises:
        NotFound: there is no such measurement.
    """
    return _one(session, _measured().where(Measurement.id == measurement_id), "measurement", measurement_id)


def groups_beside(session: Session, circuit_id: str) -> Sequence[AnyRow]:
    """Of each group of a circuit its id, what it contributes, and the artifact of its nearest exemplar."""
    nearest = (Exemplar.circuit_id == Group.circuit_id, Exemplar.group_id == Group.id, Exemplar.rank == 0)
    columns: tuple[Any, ...] = (Group.id, Group.layer, Group.contribution, Exemplar.picture)
    statement = select(*columns).select_from(Group).outerjoin(Exemplar, nearest[0] & nearest[1] & nearest[2])
    return session.execute(statement.where(Group.circuit_id == circuit_id)).all()


def _one(session: Session, statement: AnySelect, word: str, id: str) -> AnyRow:
    found = session.execute(statement).one_or_none()
    if found is None:
        raise NotFound(f"no {word} {id[:80]!r}")
    return found


def _cards(*columns: Any) -> AnySelect:
    joined = select(*columns).select_from(Analysis).join(Job, Job.id == Analysis.job_id)
    return joined.join(Circuit, Circuit.id == Analysis.circuit_id)


def _measured() -> AnySelect:
    return select(*_MEASUREMENT).select_from(Measurement).join(Job, Job.id == Measurement.job_id)
