"""Requests analyses and measurements, and ends their jobs as a worker would."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from neurflow_store.asking import analyses, measurements
from neurflow_store.asking.measurements import MeasurementKind, Question
from neurflow_store.clock import now
from neurflow_store.installation.database import Database
from neurflow_store.jobs import lease
from neurflow_store.repositories import results
from neurflow_store.tables import Analysis, AnalysisImage, Circuit, Group, Job, JobKind, JobState, Measurement
from tests.services.fixtures import RecordingAnnouncer
from tests.store import lens_rows

CIRCUIT = "cat-00000"
REFUSED = {"type": "bad-upload", "title": "Upload refused", "detail": "the image is truncated"}


def upload(database: Database, announcer: RecordingAnnouncer, colour: int = 120, **values: Any) -> Analysis:
    """Upload an image of one ``colour`` to be analysed with the circuit."""
    wanted: dict[str, Any] = {"circuit_id": CIRCUIT, "data": lens_rows.encoded("PNG", colour), "file_name": "photo.png"}
    with database.writing() as session:
        return analyses.request_upload(session, announcer, **(wanted | values))


def ask(database: Database, announcer: RecordingAnnouncer, kind: str = "knock_out", **values: Any) -> Measurement:
    """Request a measurement of the image ``photo-00000``; of the group ``layer0/0`` if it is about groups."""
    known: dict[str, Any] = {"circuit_id": CIRCUIT, "analysis_id": "photo-00000", "groups": {"layer0/0": 0.0}}
    if kind == "ranking":
        known["groups"] = {}
    if kind == "held_out":
        known["analysis_id"] = None
    with database.writing() as session:
        return measurements.request_measurement(session, announcer, Question(MeasurementKind(kind), **(known | values)))


def claimed(database: Database, job_id: str) -> lease.Claim:
    """Claim a job as a worker."""
    with database.writing() as session:
        held = lease.claim(session, job_id, "worker", 30)
    assert held is not None
    return held


def finish_analysis(database: Database, analysis_id: str, colour: int = 120) -> None:
    """Complete an analysis as a worker would."""
    with database.reading() as session:
        job_id = session.get_one(Analysis, analysis_id).job_id
    write_analysis(database, claimed(database, job_id), colour)


def write_analysis(database: Database, held: lease.Claim, colour: int = 120) -> None:
    """Save an analysis as a worker would, and end its job."""
    with database.writing() as session:
        circuit = session.get_one(Circuit, results.subject(session, Analysis, held.subject).circuit_id)
        found = lens_rows.reading(_groups(session, circuit.id))
        columns: dict[str, Any] = {"computed_at": now(), "circuit_computed_at": circuit.computed_at}
        columns |= {"width": lens_rows.WIDTH, "height": lens_rows.HEIGHT}
        columns |= {"predicted": "cat", "probability": 0.5, "reading": found}
        results.save_analysis(session, held.subject, columns)
        mine = update(AnalysisImage).where(AnalysisImage.analysis_id == held.subject)
        session.execute(mine.values(**lens_rows.kept(colour)))
        lease.succeed(session, held)


def write_measured(database: Database, held: lease.Claim) -> None:
    """Save a measurement as a worker would, and end its job."""
    with database.writing() as session:
        kind = results.subject(session, Measurement, held.subject).kind
        results.save_measurement(session, held.subject, lens_rows.RESULTS[kind])
        lease.succeed(session, held)


def refuse(database: Database, held: lease.Claim, problem: Mapping[str, Any] = REFUSED) -> None:
    """End a job as a worker does whose image cannot be read."""
    with database.writing() as session:
        session.execute(AnalysisImage.__table__.delete().where(AnalysisImage.analysis_id == held.subject))  # type: ignore[attr-defined]
    with database.writing() as session:
        lease.fail(session, held, problem)


def lens_jobs(database: Database) -> list[tuple[JobKind, str, JobState]]:
    """Return the jobs of analyses and measurements: kind, subject, state."""
    with database.reading() as session:
        mine = select(Job).where(Job.kind.in_([JobKind.ANALYSE, JobKind.MEASURE])).order_by(Job.created_at, Job.id)
        return [(job.kind, job.subject, job.state) for job in session.scalars(mine)]


def _groups(session: Session, circuit_id: str) -> list[tuple[str, str]]:
    ordered = select(Group.id).where(Group.circuit_id == circuit_id).order_by(Group.layer, Group.number)
    return [(id, id.rpartition("/")[0]) for id in session.scalars(ordered)]
