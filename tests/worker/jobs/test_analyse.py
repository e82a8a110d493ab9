"""Images analysed by a worker: the results are the lens's, and nothing of a refused file is saved."""

from __future__ import annotations

import base64
import io
from typing import Any

import numpy as np
import PIL.Image
import pytest
from sqlalchemy import func, select

from neurflow.lens import Lens, disagreement
from neurflow_server.services import comparisons
from neurflow_store.asking import analyses, requests
from neurflow_store.tables import AnalysisImage, JobState
from tests.services.fixtures import RecordingAnnouncer
from tests.worker.lens_setup import LensSetup, as_file, photograph


def test_an_upload_is_analysed_like_the_lens_does(setup: LensSetup) -> None:
    picture = photograph("cat")
    analysis = setup.analysed(as_file(picture))
    reading, truth = analysis.reading, setup.lens().analyse(picture)
    assert reading is not None
    assert analysis.circuit_computed_at == setup.circuit.computed_at
    assert (analysis.width, analysis.height, analysis.predicted) == (*picture.size, truth.classes[0].name)
    assert [group["id"] for group in reading["groups"]] == [group.id for group in truth.groups]
    for told, group in zip(reading["groups"], truth.groups, strict=True):
        assert told["score"] == pytest.approx(group.score, rel=1e-4)
        assert (told["percentile"], told["fires"], told["silent"]) == (group.percentile, group.fires, group.silent)
        assert [best["crop"] for best in told["best"]] == list(group.best)
        values = np.frombuffer(base64.b64decode(told["place"]["values"]), np.uint8) / 255 * told["place"]["highest"]
        assert values == pytest.approx(np.array(group.place.values), abs=told["place"]["highest"] / 250 + 1e-6)
    assert [top["name"] for top in reading["classes"]] == [top.name for top in truth.classes]
    assert reading["target"]["name"] == "cat"


def test_only_the_pixels_of_a_file_are_saved(setup: LensSetup) -> None:
    exif = PIL.Image.Exif()
    exif[0x010E] = "taken at home"
    analysis = setup.analysed(as_file(photograph("cat").resize((1200, 900)), "JPEG", exif=exif))
    image = setup.image(analysis.id)
    assert image is not None and image.picture is not None and image.pixels is not None
    assert image.upload is None
    assert b"taken at home" not in image.picture + image.pixels
    with PIL.Image.open(io.BytesIO(image.picture)) as picture:
        assert picture.size == (768, 576)


@pytest.mark.parametrize("size", [(20_000, 2), (2, 20_000), (5_000, 1)])
def test_a_thin_image_is_analysed(size: tuple[int, int], setup: LensSetup) -> None:
    analysis = setup.analysed(as_file(PIL.Image.new("RGB", size, "red")))
    image = setup.image(analysis.id)
    assert (analysis.width, analysis.height) == size
    assert image is not None and image.picture is not None
    with PIL.Image.open(io.BytesIO(image.picture)) as picture:
        assert (max(picture.size), min(picture.size)) == (768, 1)


def test_analysing_again_gives_the_same(setup: LensSetup, announcer: RecordingAnnouncer) -> None:
    first = setup.analysed(as_file(photograph("coffee")))
    with setup.worker.database.writing() as session:
        again = analyses.repeat(session, announcer, first.id)
    setup.succeeded(again.job_id)
    second = setup.analysis(first.id)
    assert second.reading == first.reading
    assert second.computed_at != first.computed_at


def test_an_image_of_the_data_set_is_analysed(setup: LensSetup, announcer: RecordingAnnouncer) -> None:
    with setup.worker.database.writing() as session:
        asked = analyses.request_dataset_image(
            session, announcer, circuit_id=setup.circuit.id, dataset_id=setup.ids[1], position=0
        )
    setup.succeeded(asked.job_id)
    found = setup.analysis(asked.id)
    assert found.label is not None
    assert found.reading is not None
    assert found.reading["width"] == found.width


def test_the_same_image_is_analysed_with_another_circuit(setup: LensSetup, announcer: RecordingAnnouncer) -> None:
    first = setup.analysed(as_file(photograph("cat").resize((700, 500))))
    other = setup.computed("coffee")
    with setup.worker.database.writing() as session:
        asked = analyses.request_same_image(session, announcer, circuit_id=other.id, analysis_id=first.id)
    setup.succeeded(asked.job_id)
    second = setup.analysis(asked.id)
    assert first.reading is not None and second.reading is not None
    assert second.reading["classes"] == first.reading["classes"]
    assert second.reading["target"]["name"] == "coffee"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (as_file(photograph("cat"), "JPEG")[:-700], "cannot be read"),
        (b"\x89PNG\r\n\x1a\n" + bytes(40), "cannot be read|damaged"),
        (b"P6 100000 100000 255\n" + bytes(30), "limit"),
        (b"GIF89a" + b"<script>" * 9, "damaged|cannot be read"),
    ],
    ids=["truncated", "no PNG", "bomb", "no GIF"],
)
def test_nothing_of_a_refused_file_is_saved(setup: LensSetup, data: bytes, words: str) -> None:
    asked = setup.upload(data, "my <b>cat<b>.png")
    job = setup.done(asked.job_id)
    assert job.state is JobState.FAILED
    assert job.problem is not None
    assert job.problem["type"] == "bad-upload"
    assert any(word in job.problem["detail"] for word in words.split("|"))
    assert "my <b>cat<b>.png" in job.problem["detail"]
    with setup.worker.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(AnalysisImage)) == 0


def test_the_lens_stays_loaded(setup: LensSetup, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []

    class Counted(Lens):
        def __init__(self, *words: Any) -> None:
            made.append("a lens")
            super().__init__(*words)

    monkeypatch.setattr("neurflow_worker.library.loading.Lens", Counted)
    for label in ("cat", "coffee", "cat"):
        setup.analysed(as_file(photograph(label)))
    assert len(made) == 1


def test_deleting_an_analysis_meanwhile_is_not_an_error(setup: LensSetup) -> None:
    asked = setup.upload(as_file(photograph("cat")))
    with setup.worker.database.writing() as session:
        requests.delete(session, setup.circuit.id)
    setup.runner.run(asked.job_id)
    with setup.worker.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(AnalysisImage)) == 0


def test_disagreement_is_the_same_in_the_engine_and_over_http(setup: LensSetup, announcer: RecordingAnnouncer) -> None:
    picture = photograph("coffee")
    wrong, other = setup.analysed(as_file(picture)), setup.computed("coffee")
    with setup.worker.database.writing() as session:
        asked = analyses.request_same_image(session, announcer, circuit_id=other.id, analysis_id=wrong.id)
    setup.succeeded(asked.job_id)
    with setup.worker.database.reading() as session:
        told = comparisons.disagreement(session, wrong.id, asked.id)
    lenses = setup.lens(), setup.lens(other)
    (one, two) = (lens.analyse(picture) for lens in lenses)
    truth = disagreement(lenses[0].circuit, one, lenses[1].circuit, two)
    for shown, known in ((told.fired, truth.fired), (told.missed, truth.missed)):
        assert {group.group for group in shown} == {group.id for group in known}
        values = {group.id: group.value for group in known}
        for group in shown:
            assert group.disagreement == pytest.approx(values[group.group], rel=1e-5, abs=1e-9)
