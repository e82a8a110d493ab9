"""Deleting analyses, and removing those that nobody opened."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from neurflow_store.asking import analyses, registry, requests
from neurflow_store.clock import now
from neurflow_store.errors import Conflict, LeaseLost, NotFound
from neurflow_store.installation.database import Database
from neurflow_store.installation.settings import Settings
from neurflow_store.jobs import lease
from neurflow_store.repositories import analyses as queries
from neurflow_store.tables import Analysis, AnalysisImage, Circuit, Job, JobKind, JobState, Measurement
from neurflow_store.upkeep import sweeper
from tests.services.fixtures import RecordingAnnouncer
from tests.store import lens_rows, rows
from tests.store.analysing import claimed, finish_analysis, lens_jobs, refuse, upload, write_analysis
from tests.store.circuit_requests import count, end, together


@pytest.fixture(autouse=True)
def _circuit(database: Database) -> None:
    with database.writing() as session:
        rows.add_basis(session)
        rows.add_circuit(session)


def test_deleting_removes_rows_jobs_and_files(database: Database, announcer: RecordingAnnouncer) -> None:
    with database.writing() as session:
        for id in ("photo-00000", "other-00000"):
            rows.add_analysis(session, id)
            rows.add_measurement(session, f"m-{id}", id)
    with database.writing() as session:
        analyses.delete(session, "photo-00000")
        with pytest.raises(NotFound, match="no analysis 'photo-00000'"):
            analyses.delete(session, "photo-00000")
    assert [count(database, table) for table in (Analysis, AnalysisImage, Measurement)] == [1, 1, 1]
    assert {subject for _, subject, _ in lens_jobs(database)} == {"other-00000", "m-other-00000"}
    with database.writing() as session:
        rows.add_measurement(session, "held-00000", None, "held_out")
        requests.delete(session, "cat-00000")
    assert [count(database, table) for table in (Analysis, AnalysisImage, Measurement)] == [0, 0, 0]
    assert lens_jobs(database) == []


def test_many_measurements_are_deleted_with_their_jobs(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("neurflow_store.repositories.requests._AT_ONCE", 7)
    with database.writing() as session:
        rows.add_analysis(session)
        for number in range(20):
            rows.add_measurement(session, f"m-{number:05}")
        analyses.delete(session, "photo-00000")
    assert (count(database, Measurement), lens_jobs(database)) == (0, [])


def test_an_analysis_and_a_measurement_of_the_same_id_have_their_own_jobs(
    database: Database, announcer: RecordingAnnouncer
) -> None:
    found = upload(database, announcer)
    with database.writing() as session:
        rows.add_analysis(session)
        rows.add_measurement(session, found.id)
    with database.writing() as session:
        analyses.delete(session, found.id)
    assert {(kind, subject) for kind, subject, _ in lens_jobs(database)} == {
        (JobKind.ANALYSE, "photo-00000"),
        (JobKind.MEASURE, found.id),
    }


def test_deleting_takes_the_job_from_its_worker(database: Database, announcer: RecordingAnnouncer) -> None:
    found = upload(database, announcer)
    held = claimed(database, found.job_id)
    with database.writing() as session:
        analyses.delete(session, found.id)
    with pytest.raises(NotFound, match=f"analysis '{found.id}' was deleted"):
        write_analysis(database, held)
    with database.writing() as session, pytest.raises(LeaseLost):
        lease.succeed(session, held)
    assert count(database, AnalysisImage) == 0


def test_concurrent_deletions_do_not_fail(database: Database, announcer: RecordingAnnouncer) -> None:
    found = upload(database, announcer)
    held = claimed(database, found.job_id)

    def delete() -> None:
        with database.writing() as session:
            analyses.delete(session, found.id)

    def delete_circuit() -> None:
        with database.writing() as session:
            requests.delete(session, "cat-00000")

    def repeat() -> None:
        with database.writing() as session:
            analyses.repeat(session, announcer, found.id)

    problems = together(delete, delete, delete_circuit, repeat, lambda: write_analysis(database, held))
    assert all(isinstance(problem, NotFound | Conflict | LeaseLost) for problem in problems), problems
    assert [count(database, table) for table in (Circuit, Analysis, AnalysisImage)] == [0, 0, 0]
    assert lens_jobs(database) == []


def test_deleting_a_data_set_keeps_the_analyses_of_its_images(
    database: Database, announcer: RecordingAnnouncer
) -> None:
    with database.writing() as session:
        rows.add_dataset(session, "new-dat00")
        about: dict[str, Any] = {"circuit_id": "cat-00000", "dataset_id": "new-dat00"}
        seen, waiting = (analyses.request_dataset_image(session, announcer, position=n, **about).id for n in (0, 1))
    finish_analysis(database, seen)
    with database.writing() as session:
        registry.delete_dataset(session, "new-dat00")
    with database.writing() as session:
        assert session.scalars(select(AnalysisImage.dataset_id)).all() == [None, None]
        assert queries.picture(session, seen) == lens_rows.encoded("WEBP")
        assert analyses.repeat(session, announcer, seen).id == seen
        job_id = session.get_one(Analysis, waiting).job_id
    end(database, job_id, JobState.FAILED)
    with database.writing() as session, pytest.raises(Conflict, match="could not be read"):
        analyses.repeat(session, announcer, waiting)


def test_an_analysis_that_nobody_opened_is_deleted_after_a_day(
    database: Database, announcer: RecordingAnnouncer, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(analyses, "_AT_ONCE", 2)
    refused = [upload(database, announcer) for _ in range(3)]
    for analysis in refused:
        refuse(database, claimed(database, analysis.job_id))
    cancelled, waiting, running, seen, tried = (upload(database, announcer) for _ in range(5))
    end(database, cancelled.job_id, JobState.CANCELLED)
    claimed(database, running.job_id)
    finish_analysis(database, seen.id)
    end(database, tried.job_id, JobState.FAILED)
    with database.writing() as session:
        failed_later = analyses.repeat(session, announcer, seen.id).job_id
        analyses.repeat(session, announcer, tried.id)
    end(database, failed_later, JobState.FAILED)
    assert sweeper.delete_unseen_analyses(database, settings) == 0, "they failed just now"
    with database.writing() as session:
        session.execute(update(Job).values(finished_at=now() - timedelta(seconds=settings.orphan_seconds + 60)))
    assert sweeper.delete_unseen_analyses(database, settings) == 4
    with database.reading() as session:
        left = set(session.scalars(select(Analysis.id)))
        assert left == {waiting.id, running.id, seen.id, tried.id}
        assert set(session.scalars(select(AnalysisImage.analysis_id))) == left
    assert {subject for _, subject, _ in lens_jobs(database)} == left
    assert sweeper.delete_unseen_analyses(database, settings) == 0
