"""Queries about analyses and measurements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import Session, aliased

from neurflow_store.errors import NotFound
from neurflow_store.repositories.columns import JOB_COLUMNS, AnyRow, AnySelect
from neurflow_store.repositories.paging import Order, Slice, read_rows
from neurflow_store.tables import Analysis, AnalysisImage, Circuit, Dataset, Exemplar, Group, Job, JobState, Measurement
from neurflow_store.visibility import EVERYTHING

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
    """Return a page of analyses, newest first.

    Raises:
        BadValue: the cursor does not belong to this list.
    """
    statement = _cards(*_CARD)
    if circuit_id is not None:
        statement = statement.where(Analysis.circuit_id == circuit_id)
    order = Order("created_at", (Analysis.created_at, Analysis.id), descending=True)
    return read_rows(session, statement, order, cursor, limit)


def analysis(session: Session, analysis_id: str) -> AnyRow:
    """Return an analysis with its ``reading``.

    Raises:
        NotFound: the analysis does not exist.
    """
    return _one(session, _cards(*_CARD, Analysis.reading).where(Analysis.id == analysis_id), "analysis", analysis_id)


def require(session: Session, analysis_id: str) -> None:
    """Check that an analysis exists.

    Raises:
        NotFound: it does not.
    """
    if session.scalar(select(Analysis.id).where(Analysis.id == analysis_id)) is None:
        raise NotFound(f"no analysis {analysis_id[:80]!r}")


def classes_of(session: Session, analysis_id: str) -> tuple[Sequence[str], Mapping[str, str]]:
    """Return the classes of the network that analysed the image, and the class map of the image's data set.

    Both are empty if unknown.
    """
    of_dataset = func.coalesce(AnalysisImage.dataset_id, Circuit.dataset_id)
    found = session.execute(
        select(Circuit.result, Dataset.class_map)
        .select_from(Analysis)
        .join(Circuit, Circuit.id == Analysis.circuit_id)
        .outerjoin(AnalysisImage, AnalysisImage.analysis_id == Analysis.id)
        .outerjoin(Dataset, Dataset.id == of_dataset)
        .where(Analysis.id == analysis_id)
    ).one_or_none()
    if found is None:
        return (), {}
    return ((found.result or {}).get("network") or {}).get("classes") or (), found.class_map or {}


def picture(session: Session, analysis_id: str) -> bytes:
    """Return the image to show, as WebP.

    Raises:
        NotFound: the analysis does not exist, or its image has not been read yet.
    """
    found = session.scalar(select(AnalysisImage.picture).where(AnalysisImage.analysis_id == analysis_id))
    if found is None:
        raise NotFound(f"no picture of analysis {analysis_id[:80]!r}")
    return found


def has_image(session: Session, analysis_id: str) -> bool:
    """Return whether the analysis's image can be obtained from what is stored."""
    image = AnalysisImage
    there = or_(image.upload.is_not(None), image.pixels.is_not(None), image.dataset_id.is_not(None))
    return session.scalar(select(image.analysis_id).where(image.analysis_id == analysis_id, there)) is not None


def of_same_pixels(session: Session, circuit_id: str, pixels: bytes) -> Analysis | None:
    """Return the newest analysis of the same pixels through a circuit, if there is one."""
    # Compare the length first: it is known without reading the pixels.
    same = and_(func.length(AnalysisImage.pixels) == len(pixels), AnalysisImage.pixels == pixels)
    joined = select(Analysis).join(AnalysisImage, AnalysisImage.analysis_id == Analysis.id)
    mine = joined.where(Analysis.circuit_id == circuit_id, same)
    return session.scalar(mine.order_by(Analysis.created_at.desc(), Analysis.id).limit(1))


def are_of_same_pixels(session: Session, one_id: str, other_id: str) -> bool:
    """Return whether two analyses are of the same image, as far as networks can tell."""
    one, other = aliased(AnalysisImage), aliased(AnalysisImage)
    both = (one.analysis_id == one_id) & (other.analysis_id == other_id)
    same = and_(func.length(one.pixels) == func.length(other.pixels), one.pixels == other.pixels)
    return session.scalar(select(one.analysis_id).select_from(one).join(other, both).where(same)) is not None


def of_circuit(session: Session, circuit_id: str) -> tuple[Sequence[str], Sequence[str]]:
    """Return the ids of all analyses of a circuit, and of all its measurements."""
    found = [
        session.scalars(select(table.id).where(table.circuit_id == circuit_id), execution_options=EVERYTHING).all()
        for table in (Analysis, Measurement)
    ]
    return found[0], found[1]


def of_dataset(session: Session, dataset_id: str) -> Sequence[str]:
    """Return the ids of all analyses of a data set's images."""
    mine = select(AnalysisImage.analysis_id).where(AnalysisImage.dataset_id == dataset_id)
    return session.scalars(mine).all()


def locked_unseen(session: Session, before: datetime, most: int) -> Sequence[str]:
    """Return and lock the ids of analyses that have no image and whose jobs ended without success before that time."""
    stopped = Job.state.in_((JobState.FAILED, JobState.CANCELLED)) & (Job.finished_at < before)
    statement = select(Analysis.id).join(Job, Job.id == Analysis.job_id).where(Analysis.computed_at.is_(None), stopped)
    return session.scalars(statement.limit(most).with_for_update(of=Analysis, skip_locked=True)).all()


def measurements_of(session: Session, analysis_id: str) -> Sequence[str]:
    """Return the ids of all measurements of an analysis."""
    mine = select(Measurement.id).where(Measurement.analysis_id == analysis_id)
    return session.scalars(mine, execution_options=EVERYTHING).all()


def measurements(
    session: Session, circuit_id: str | None, analysis_id: str | None, cursor: str | None, limit: int
) -> Slice[AnyRow]:
    """Return a page of measurements, newest first.

    Raises:
        BadValue: the cursor does not belong to this list.
    """
    statement = _measured()
    if circuit_id is not None:
        statement = statement.where(Measurement.circuit_id == circuit_id)
    if analysis_id is not None:
        statement = statement.where(Measurement.analysis_id == analysis_id)
    order = Order("created_at", (Measurement.created_at, Measurement.id), descending=True)
    return read_rows(session, statement, order, cursor, limit)


def measurement(session: Session, measurement_id: str) -> AnyRow:
    """Return a measurement with its result.

    Raises:
        NotFound: the measurement does not exist.
    """
    return _one(session, _measured().where(Measurement.id == measurement_id), "measurement", measurement_id)


def groups_with_pictures(session: Session, circuit_id: str) -> Sequence[AnyRow]:
    """Return for each group of a circuit its id, its contribution, and the artifact of its nearest exemplar."""
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
