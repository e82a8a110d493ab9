"""Request and show measurements."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from neurflow_server.dependencies import Services
from neurflow_server.schemas.fields import Page
from neurflow_server.schemas.measurements import GroupFactor, MeasurementIn, MeasurementOut
from neurflow_server.services import from_rows
from neurflow_store.asking import measurements as store
from neurflow_store.asking.measurements import MeasurementKind, Question
from neurflow_store.errors import BadValue
from neurflow_store.repositories import analyses, circuits


def page(
    session: Session, circuit_id: str | None, analysis_id: str | None, cursor: str | None, limit: int
) -> Page[MeasurementOut]:
    """Return a page of the list.

    Raises:
        NotFound: the circuit or analysis does not exist.
    """
    if circuit_id is not None:
        circuits.require(session, circuit_id)
    if analysis_id is not None:
        analyses.require(session, analysis_id)
    return page_of(session, circuit_id, analysis_id, cursor, limit)


def page_of(
    session: Session, circuit_id: str | None, analysis_id: str | None, cursor: str | None, limit: int
) -> Page[MeasurementOut]:
    """Return the same of a circuit and analysis that are known to exist."""
    rows = analyses.measurements(session, circuit_id, analysis_id, cursor, limit)
    return Page[MeasurementOut](items=[_shown(row) for row in rows.items], next=rows.next)


def get(session: Session, measurement_id: str) -> MeasurementOut:
    """Return a measurement."""
    return _shown(analyses.measurement(session, measurement_id))


def read(services: Services, measurement_id: str) -> MeasurementOut:
    """Return the same, in a session of its own."""
    with services.database.reading() as session:
        return get(session, measurement_id)


def request(services: Services, wanted: MeasurementIn, request_id: str) -> MeasurementOut:
    """Request a measurement.

    Raises:
        BadValue: a group is listed twice.
    """
    groups = {item.group: item.factor for item in wanted.groups}
    if len(groups) < len(wanted.groups):
        raise BadValue("groups lists a group twice: list each once, with one factor")
    question = Question(
        wanted.kind, wanted.circuit, wanted.analysis, groups, wanted.class_name, wanted.random_sets, wanted.seed
    )
    with services.database.writing() as session:
        return get(session, store.request_measurement(session, services.announcer, question, request_id).id)


def _shown(row: Any) -> MeasurementOut:
    asked = row.request
    values: dict[str, Any] = {
        "id": row.id,
        "kind": row.kind,
        "circuit": row.circuit_id,
        "analysis": row.analysis_id,
        "groups": [GroupFactor(group=id, factor=factor) for id, factor in asked["groups"]],
        "class": asked["class"],
        "random_sets": asked["random_sets"],
        "seed": asked["seed"],
        "state": row.state,
        "created_at": row.created_at,
        "job": from_rows.job(row),
        **dict.fromkeys(kind.value for kind in MeasurementKind),
        row.kind: row.result,
    }
    return MeasurementOut.model_validate(values)
