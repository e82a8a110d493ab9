"""Analysing the image of one analysis with another circuit, without uploading it again."""

from __future__ import annotations

from typing import Any

import pytest

from neurflow_store.asking import analyses, requests
from neurflow_store.errors import Conflict, NotFound
from neurflow_store.installation.database import Database
from neurflow_store.jobs import queue
from neurflow_store.sharing import following
from neurflow_store.tables import Analysis, AnalysisImage, Circuit, JobState
from tests.services.fixtures import RecordingAnnouncer
from tests.store import lens_rows, rows
from tests.store.analysing import claimed, finish_analysis, refuse, upload
from tests.store.circuit_requests import count, end, together


@pytest.fixture(autouse=True)
def _circuits(database: Database) -> None:
    with database.writing() as session:
        rows.add_basis(session)
        rows.add_circuit(session)
        rows.add_circuit(session, "dog-00000", class_name="dog")
        rows.add_analysis(session, label="dog")


def same(
    database: Database,
    announcer: RecordingAnnouncer,
    circuit: str = "dog-00000",
    analysis: str = "photo-00000",
    **more: Any,
) -> Analysis:
    with database.writing() as session:
        return analyses.request_same_image(session, announcer, circuit_id=circuit, analysis_id=analysis, **more)


def state(database: Database, analysis: Analysis) -> JobState:
    with database.reading() as session:
        return queue.find(session, session.get_one(Analysis, analysis.id).job_id).state


def test_the_kept_image_is_used(database: Database, announcer: RecordingAnnouncer) -> None:
    found = same(database, announcer)
    assert (found.name, found.source, found.label, found.circuit_id) == (
        "photo-00000.png",
        "analysis",
        "dog",
        "dog-00000",
    )
    assert [job_id for _, job_id in announcer.announced] == [found.job_id]
    with database.reading() as session:
        image = session.get_one(AnalysisImage, found.id)
        assert {name: getattr(image, name) for name in lens_rows.kept()} == lens_rows.kept()
    with database.writing() as session:
        analyses.delete(session, "photo-00000")
    with database.reading() as session:
        assert session.get_one(AnalysisImage, found.id).pixels == lens_rows.encoded("PNG"), "each has its own copy"


def test_the_same_request_returns_the_same_analysis(database: Database, announcer: RecordingAnnouncer) -> None:
    found = same(database, announcer, name="Mine")
    with database.writing() as session:
        rows.add_analysis(session, "other-00000", colour=7)
        analyses.rename(session, "photo-00000", "Renamed")
    again = same(database, announcer, name="Yours")
    assert (again.id, again.name, again.job_id) == (found.id, "Mine", found.job_id)
    assert same(database, announcer, "cat-00000").id == "photo-00000"
    finish_analysis(database, found.id)
    assert same(database, announcer, "cat-00000", found.id).id == "photo-00000", "there and back"
    assert len(announcer.announced) == 1
    other = same(database, announcer, analysis="other-00000")
    assert other.id != found.id
    assert count(database, Analysis) == 4


def test_concurrent_requests_make_one_analysis(database: Database, announcer: RecordingAnnouncer) -> None:
    found: list[str] = []
    assert together(*[lambda: found.append(same(database, announcer).id)] * 6) == []
    assert len(set(found)) == 1
    assert (count(database, Analysis), len(announcer.announced)) == (2, 1)


@pytest.mark.parametrize("ended", [JobState.FAILED, JobState.CANCELLED])
def test_a_failed_analysis_is_repeated(database: Database, announcer: RecordingAnnouncer, ended: JobState) -> None:
    found = same(database, announcer)
    end(database, found.job_id, ended)
    assert same(database, announcer).id == found.id
    assert state(database, found) is JobState.QUEUED
    assert len(announcer.announced) == 2


def test_an_analysis_from_before_a_recomputation_is_repeated(database: Database, announcer: RecordingAnnouncer) -> None:
    found = same(database, announcer)
    finish_analysis(database, found.id)
    assert same(database, announcer).id == found.id
    assert state(database, found) is JobState.SUCCEEDED
    with database.writing() as session:
        job_id = session.get_one(Analysis, found.id).job_id
        following.replace_result(session, "dog-00000", {"computed_at": queue.find(session, job_id).finished_at}, {})
    assert same(database, announcer).id == found.id
    assert state(database, found) is JobState.QUEUED
    assert len(announcer.announced) == 2


def test_an_image_that_was_not_kept_cannot_be_used(database: Database, announcer: RecordingAnnouncer) -> None:
    waiting = upload(database, announcer)
    with pytest.raises(Conflict, match="has no result yet: its job queued"):
        same(database, announcer, analysis=waiting.id)
    refuse(database, claimed(database, waiting.job_id))
    with pytest.raises(Conflict, match="has no result yet: its job failed, the image is truncated"):
        same(database, announcer, analysis=waiting.id)
    with pytest.raises(NotFound, match="no analysis 'missing'"):
        same(database, announcer, analysis="missing")
    with pytest.raises(NotFound, match="no circuit 'missing'"):
        same(database, announcer, "missing")
    assert (count(database, Analysis), len(announcer.announced)) == (2, 1)


def test_another_network_that_crops_images_alike_can_use_the_image(
    database: Database, announcer: RecordingAnnouncer
) -> None:
    with database.writing() as session:
        rows.add_network(session, "twin-net00")
        rows.add_circuit(session, "twin-00000", network_id="twin-net00")
    assert same(database, announcer, "twin-00000").circuit_id == "twin-00000"


@pytest.mark.parametrize("other", [{"input_size": 96}, {"resize": 96}])
def test_a_network_that_crops_images_otherwise_cannot_use_the_image(
    database: Database, announcer: RecordingAnnouncer, other: dict[str, Any]
) -> None:
    with database.writing() as session:
        rows.add_network(session, "other-net00", **other)
        rows.add_circuit(session, "other-00000", network_id="other-net00")
    with pytest.raises(
        Conflict, match="uses a different area or resolution of images than 'cat-00000'.*upload the image to it"
    ):
        same(database, announcer, "other-00000")


def test_crops_finer_than_the_kept_image_are_refused(database: Database, announcer: RecordingAnnouncer) -> None:
    with database.writing() as session:
        circuit = session.get_one(Circuit, "dog-00000")
        result = dict(circuit.result or {})
        circuit.result = result | {"parameters": result["parameters"] | {"crops": [1.0, 0.25]}}
    with pytest.raises(Conflict, match="upload the image to it"):
        same(database, announcer)


def test_the_other_circuit_can_be_deleted_meanwhile(database: Database, announcer: RecordingAnnouncer) -> None:
    def delete() -> None:
        with database.writing() as session:
            requests.delete(session, "cat-00000")

    problems = together(delete, *[lambda: same(database, announcer)] * 3)
    assert all(isinstance(problem, NotFound) for problem in problems), problems
    assert count(database, Analysis) <= 1
