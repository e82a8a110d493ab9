"""Analyses: images analysed with circuits, kept in their own rows, and deleted with them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from neurflow_store.asking import analyses
from neurflow_store.errors import BadUpload, BadValue, Conflict, NotFound, TooLarge, WrongType
from neurflow_store.installation.database import Database
from neurflow_store.jobs import queue
from neurflow_store.repositories import analyses as queries
from neurflow_store.sharing import following
from neurflow_store.tables import (
    Analysis,
    AnalysisImage,
    Artifact,
    DatasetImage,
    JobKind,
    JobState,
    Queue,
)
from tests.services.fixtures import RecordingAnnouncer
from tests.store import lens_rows, rows
from tests.store.analysing import finish_analysis, upload
from tests.store.circuit_requests import count

HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture(autouse=True)
def _circuit(database: Database) -> None:
    with database.writing() as session:
        rows.add_basis(session)
        rows.add_circuit(session)


def image_of(database: Database, analysis_id: str) -> AnalysisImage | None:
    with database.reading() as session:
        return session.get(AnalysisImage, analysis_id)


def test_an_uploaded_image_is_analysed(database: Database, announcer: RecordingAnnouncer) -> None:
    found = upload(database, announcer, request_id="r1")
    assert announcer.announced == [(Queue.INTERACTIVE, found.job_id)]
    assert found.id.startswith("photo-")
    assert (found.name, found.source, found.label, found.computed_at) == ("photo.png", "upload", None, None)
    with database.reading() as session:
        job = queue.find(session, found.job_id)
        assert (job.kind, job.subject, job.payload, job.request_id) == (JobKind.ANALYSE, found.id, {}, "r1")
    image = image_of(database, found.id)
    assert image is not None and image.upload == lens_rows.encoded("PNG")
    assert (image.picture, image.pixels, image.dataset_id) == (None, None, None)
    with database.reading() as session, pytest.raises(NotFound, match="no picture of analysis"):
        queries.picture(session, found.id)
    finish_analysis(database, found.id)
    image = image_of(database, found.id)
    assert image is not None and image.upload is None
    with database.reading() as session:
        assert queries.picture(session, found.id) == lens_rows.encoded("WEBP")
        row = queries.analysis(session, found.id)
        assert (row.current, row.predicted, row.state) == (True, "cat", JobState.SUCCEEDED)
        assert row.reading["groups"][0]["id"] == "layer0/0"
    assert count(database, Artifact) == 0, "images are found by their analysis alone"


def test_the_same_image_uploaded_twice_is_two_analyses(database: Database, announcer: RecordingAnnouncer) -> None:
    assert upload(database, announcer).id != upload(database, announcer).id
    assert (count(database, Analysis), count(database, AnalysisImage), len(announcer.announced)) == (2, 2, 2)


def test_a_data_set_s_image_is_analysed(database: Database, announcer: RecordingAnnouncer) -> None:
    wanted: dict[str, Any] = {"circuit_id": "cat-00000", "dataset_id": rows.DATASET}
    with database.writing() as session:
        found = analyses.request_dataset_image(session, announcer, position=5, **wanted)
        named = analyses.request_dataset_image(session, announcer, position=5, name=" Mine ", **wanted)
        assert (found.name, found.source, found.label, named.name) == ("0001.png", "dataset", "dog", "Mine")
        for place in (12, 2**31 - 1):
            with pytest.raises(NotFound, match=f"data set '{rows.DATASET}' has no browsable image {place}"):
                analyses.request_dataset_image(session, announcer, position=place, **wanted)
        with pytest.raises(NotFound, match="no data set 'missing'"):
            analyses.request_dataset_image(session, announcer, position=0, **(wanted | {"dataset_id": "missing"}))
    image = image_of(database, found.id)
    assert image is not None
    assert (image.dataset_id, image.name, image.upload) == (rows.DATASET, "dog/0001.png", None)
    assert len(announcer.announced) == 2


@pytest.mark.parametrize(
    ("circuit", "says"), [("imported-00000", "without its network"), ("new-00000", "has no result yet")]
)
def test_a_circuit_without_network_or_result_cannot_analyse_images(
    database: Database, announcer: RecordingAnnouncer, circuit: str, says: str
) -> None:
    with database.writing() as session:
        rows.add_circuit(session, "imported-00000", network_id=None, dataset_id=None)
        rows.add_circuit(session, "new-00000", state=JobState.RUNNING)
        rows.add_analysis(session)
        rows.add_analysis(session, "old-00000", circuit="imported-00000")
    with database.writing() as session:
        about: dict[str, Any] = {"circuit_id": circuit}
        asks: list[Callable[[], object]] = [
            lambda: analyses.request_upload(session, announcer, data=b"x", file_name=None, **about),
            lambda: analyses.request_dataset_image(session, announcer, dataset_id=rows.DATASET, position=0, **about),
            lambda: analyses.request_same_image(session, announcer, analysis_id="photo-00000", **about),
        ]
        for ask in asks:
            with pytest.raises(Conflict, match=says):
                ask()
        with pytest.raises(Conflict, match="without its network"):
            analyses.repeat(session, announcer, "old-00000")
        with pytest.raises(NotFound, match="no circuit 'missing'"):
            analyses.request_upload(session, announcer, circuit_id="missing", data=b"x", file_name=None)
    assert (announcer.announced, count(database, Analysis)) == ([], 2)


@pytest.mark.parametrize("name", ["", "  ", "a\0b", "a\nb", "\ud800", "x" * 201])
def test_names_with_control_characters_are_refused(
    database: Database, announcer: RecordingAnnouncer, name: str
) -> None:
    with database.writing() as session:
        rows.add_analysis(session)
        rows.add_circuit(session, "dog-00000", class_name="dog")
    with database.writing() as session:
        about: dict[str, Any] = {"circuit_id": "dog-00000", "name": name}
        asks: list[Callable[[], object]] = [
            lambda: analyses.request_upload(session, announcer, data=b"x", file_name="a.png", **about),
            lambda: analyses.request_dataset_image(session, announcer, dataset_id=rows.DATASET, position=0, **about),
            lambda: analyses.request_same_image(session, announcer, analysis_id="photo-00000", **about),
            lambda: analyses.rename(session, "photo-00000", name),
        ]
        for ask in asks:
            with pytest.raises(BadValue, match="the name"):
                ask()
    assert announcer.announced == []


@pytest.mark.parametrize(
    ("file_name", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\cat.jpg", "cat.jpg"),
        ("/", "image"),
        ("", "image"),
        (None, "image"),
        ("a\0b\r\nc\u2028\u202e.png", "abc.png"),
        ("\ud800", "image"),
        ("  \u200b ", "image"),
        (HOSTILE, HOSTILE),
        ("猫.png", "猫.png"),
        ("x" * 500 + ".png", "x" * 196 + ".png"),
    ],
)
def test_an_analysis_is_named_after_its_file(
    database: Database, announcer: RecordingAnnouncer, file_name: str | None, shown: str
) -> None:
    found = upload(database, announcer, file_name=file_name)
    assert found.name == shown
    assert set(found.id) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    with database.reading() as session:
        assert session.get_one(Analysis, found.id).name == shown


def test_a_hostile_name_is_kept_as_text(database: Database, announcer: RecordingAnnouncer) -> None:
    with database.writing() as session:
        session.execute(DatasetImage.__table__.update().values(name=HOSTILE, label=HOSTILE))  # type: ignore[attr-defined]
        rows.add_analysis(session)
        analyses.rename(session, "photo-00000", HOSTILE)
    with database.writing() as session:
        about: dict[str, Any] = {"circuit_id": "cat-00000", "dataset_id": rows.DATASET, "position": 0}
        found = analyses.request_dataset_image(session, announcer, **about)
        assert (found.name, found.label) == (HOSTILE, HOSTILE)
        assert session.get_one(Analysis, "photo-00000").name == HOSTILE
        with pytest.raises(NotFound, match="no analysis '<img"):
            analyses.rename(session, HOSTILE, "x")


def test_only_image_files_up_to_the_size_limit_are_accepted() -> None:
    png = lens_rows.encoded("PNG")
    analyses.check_upload(png, len(png))
    with pytest.raises(TooLarge, match=f"larger than {len(png) - 1:,} bytes"):
        analyses.check_upload(png, len(png) - 1)
    with pytest.raises(BadUpload, match="the image is empty"):
        analyses.check_upload(b"", 10)
    for wrong in (b"<svg>", b"x", b" " + png, b"%PDF-1.7", b"RIFF....WAVE", b"GIF88a", b"P7\n"):
        with pytest.raises(WrongType, match="BMP, GIF, JPEG"):
            analyses.check_upload(wrong, 1000)


def test_an_image_is_analysed_again(database: Database, announcer: RecordingAnnouncer) -> None:
    found = upload(database, announcer)
    with database.writing() as session, pytest.raises(Conflict, match="is already being inspected"):
        analyses.repeat(session, announcer, found.id)
    finish_analysis(database, found.id)
    with database.writing() as session:
        again = analyses.repeat(session, announcer, found.id, "r2")
        assert again.reading is not None, "what is known stays until there is more"
        with pytest.raises(NotFound, match="no analysis 'missing'"):
            analyses.repeat(session, announcer, "missing")
    assert again.job_id != found.job_id
    assert announcer.announced[1:] == [(Queue.INTERACTIVE, again.job_id)]
    finish_analysis(database, found.id)
    with database.reading() as session:
        assert queries.analysis(session, found.id).current


def test_an_image_that_was_not_kept_cannot_be_analysed_again(database: Database, announcer: RecordingAnnouncer) -> None:
    with database.writing() as session:
        rows.add_analysis(session, state=JobState.FAILED)
        session.delete(session.get_one(AnalysisImage, "photo-00000"))
    with database.writing() as session, pytest.raises(Conflict, match="could not be read: upload it again"):
        analyses.repeat(session, announcer, "photo-00000")


def test_recomputing_the_circuit_makes_its_analyses_outdated(database: Database, announcer: RecordingAnnouncer) -> None:
    with database.writing() as session:
        rows.add_analysis(session)
        rows.add_analysis(session, "queued-00000", state=JobState.QUEUED)
    with database.reading() as session:
        assert queries.analysis(session, "photo-00000").current
        assert not queries.analysis(session, "queued-00000").current, "has no result yet"
    with database.writing() as session:
        following.replace_result(session, "cat-00000", {"computed_at": rows.later()}, {})
    with database.reading() as session:
        assert not queries.analysis(session, "photo-00000").current


def test_renaming_keeps_the_id(database: Database) -> None:
    with database.writing() as session:
        rows.add_analysis(session)
    with database.writing() as session:
        assert analyses.rename(session, "photo-00000", " My cat ").id == "photo-00000"
    with database.reading() as session:
        assert queries.analysis(session, "photo-00000").name == "My cat"
