"""Measurements of an image or a circuit: knock-outs, rankings of groups, maps of pixels.

The same question gives the same measurement as long as circuit and image are unchanged. A measurement that failed or
was cancelled runs again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from neurflow.terms.class_matching import Classes
from neurflow_store.asking.analyses import usable_circuit
from neurflow_store.asking.content_key import measurement_key
from neurflow_store.asking.shared_classes import find_class
from neurflow_store.clock import now
from neurflow_store.errors import BadValue, Conflict
from neurflow_store.jobs.latest import queue_again
from neurflow_store.jobs.queue import Announcer, enqueue
from neurflow_store.repositories import groups
from neurflow_store.repositories.requests import by_key, free_id, one_at_a_time, protected
from neurflow_store.tables import Analysis, Circuit, JobKind, Measurement, Network
from neurflow_store.visibility import EVERYTHING


class MeasurementKind(StrEnum):
    """Kind of a measurement."""

    KNOCK_OUT = "knock_out"
    """Effect of scaling groups on an image's classes."""
    HELD_OUT = "held_out"
    """The same effect on one class, over the circuit's held-out images."""
    RANKING = "ranking"
    """All groups, ordered by what their knock-out does to a class of an image."""
    PIXELS = "pixels"
    """Integrated gradients of one group with respect to the pixels of an image."""


@dataclass(frozen=True)
class Question:
    """What to measure: ``groups`` with their factors, ``class_name`` as the user wrote it or ``None``."""

    kind: MeasurementKind
    circuit_id: str
    analysis_id: str | None = None
    groups: Mapping[str, float] = field(default_factory=dict)
    class_name: str | None = None
    random_sets: int = 20
    seed: int = 0


_GROUPS: Final = {
    MeasurementKind.KNOCK_OUT: (1, None),
    MeasurementKind.HELD_OUT: (1, None),
    MeasurementKind.RANKING: (0, 0),
    MeasurementKind.PIXELS: (1, 1),
}
"""Minimum and maximum number of groups."""


def request_measurement(
    session: Session, announcer: Announcer, question: Question, request_id: str | None = None
) -> Measurement:
    """Return a measurement, and queue its job unless it has a result.

    Args:
        session: of ``Database.writing()``.
        announcer: announces the job.
        question: what to measure.
        request_id: id of the HTTP request, for the logs.

    Raises:
        NotFound: the circuit or analysis does not exist.
        Conflict: the circuit has no result or no network, or the analysis is not of the circuit's current result.
        BadValue: a group or class does not exist, there are too many or too few groups, or an analysis is missing.
    """
    circuit = usable_circuit(session, question.circuit_id)
    analysis = _analysis(session, question, circuit)
    _check_groups(session, question)
    class_index, class_name = _class(session, question, circuit, analysis)
    # What does not change the result is not part of the question.
    scaled = question.kind in (MeasurementKind.KNOCK_OUT, MeasurementKind.HELD_OUT)
    request: dict[str, Any] = {
        "groups": [[id, factor + 0.0 if scaled else 0.0] for id, factor in sorted(question.groups.items())],
        "class_index": class_index,
        "class": class_name,
        "random_sets": question.random_sets if scaled else 0,
        "seed": question.seed if scaled and question.random_sets else 0,
    }
    key = measurement_key(
        question.kind.value,
        circuit.id,
        circuit.computed_at,
        None if analysis is None else analysis.id,
        None if analysis is None else analysis.computed_at,
        request,
    )
    one_at_a_time(session, Measurement)
    known = by_key(session, Measurement, key)
    if known is not None:
        queue_again(session, announcer, known, JobKind.MEASURE, request_id=request_id)
        return known
    id = free_id(session, Measurement, question.kind.value)
    job = enqueue(session, announcer, JobKind.MEASURE, id, request_id=request_id)
    measurement = Measurement(
        id=id,
        kind=question.kind.value,
        circuit_id=circuit.id,
        analysis_id=None if analysis is None else analysis.id,
        key=key,
        request=request,
        job_id=job.id,
        created_at=now(),
    )
    session.add(measurement)
    session.flush()
    return measurement


def _analysis(session: Session, question: Question, circuit: Circuit) -> Analysis | None:
    if question.kind is MeasurementKind.HELD_OUT:
        if question.analysis_id is not None:
            raise BadValue("held_out measures the circuit's held-out images: omit analysis")
        return None
    if question.analysis_id is None:
        raise BadValue(f"{question.kind.value} measures an image: set analysis")
    analysis = protected(session, Analysis, question.analysis_id)
    if analysis.circuit_id != circuit.id:
        raise BadValue(f"analysis {analysis.id!r} belongs to circuit {analysis.circuit_id!r}, not to {circuit.id!r}")
    if analysis.computed_at is None or analysis.circuit_computed_at != circuit.computed_at:
        raise Conflict(f"analysis {analysis.id!r} is of an earlier result of the circuit: inspect the image again")
    return analysis


def _check_groups(session: Session, question: Question) -> None:
    least, most = _GROUPS[question.kind]
    count = len(question.groups)
    if count < least or (most is not None and count > most):
        wanted = "none" if most == 0 else "exactly one" if most == 1 else "at least one"
        raise BadValue(f"groups has {count} entries: {question.kind.value} takes {wanted}")
    missing = set(question.groups).difference(groups.ids(session, question.circuit_id))
    if missing:
        raise BadValue(f"the circuit has no group {min(missing)[:100]!r}")


def _class(
    session: Session, question: Question, circuit: Circuit, analysis: Analysis | None
) -> tuple[int | None, str | None]:
    """Return the output index and name of the class to measure; nothing for all classes."""
    if question.kind not in (MeasurementKind.HELD_OUT, MeasurementKind.RANKING):
        if question.class_name is not None:
            raise BadValue(f"{question.kind.value} measures all classes: omit class")
        return None, None
    # The user may not see the network, but the circuit names its classes.
    mine = select(Network.classes).where(Network.id == circuit.network_id)
    classes = session.execute(mine, execution_options=EVERYTHING).scalar_one()
    if question.class_name is not None:
        index = find_class(Classes(classes), question.class_name)
    elif analysis is not None:
        index = (analysis.reading or {})["classes"][0]["index"]
    else:
        index = (circuit.result or {})["target"]["index"]
    return index, classes[index]
