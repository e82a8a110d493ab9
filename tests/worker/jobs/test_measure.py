"""Measurements by a worker equal the lens's: knock-outs, rankings, held-out images and pixels."""

from __future__ import annotations

import base64

import numpy as np
import pytest

from neurflow_store.asking import measurements
from neurflow_store.asking.measurements import MeasurementKind, Question
from neurflow_store.tables import Analysis, JobState
from tests.services.fixtures import RecordingAnnouncer
from tests.worker.lens_setup import LensSetup, as_file, photograph, photographs


@pytest.fixture
def analysis(setup: LensSetup) -> Analysis:
    return setup.analysed(as_file(photograph("cat")))


def groups_of(setup: LensSetup, count: int) -> list[str]:
    return [group.id for group in setup.lens().circuit.groups[:count]]


def test_a_knock_out_equals_the_lens_s(setup: LensSetup, analysis: Analysis) -> None:
    first, second = groups_of(setup, 2)
    factors = {first: 0.0, second: 0.5}
    question = Question(MeasurementKind.KNOCK_OUT, setup.circuit.id, analysis.id, factors, random_sets=7, seed=3)
    result = setup.measured(question).result
    truth = setup.lens().knock_out(photograph("cat"), factors, 7, 3)
    assert result is not None
    assert (result["neurons"], result["random_sets"]) == (truth.neurons, 7)
    assert [change["name"] for change in result["classes"]] == [change.name for change in truth.classes]
    for told, change in zip(result["classes"], truth.classes, strict=True):
        assert (told["logit"], told["logit_after"]) == pytest.approx(change.logit, rel=1e-4, abs=1e-5)
        pair = (told["random_logit"], told["random_logit_spread"])
        assert pair == pytest.approx(change.random_logit, rel=1e-3, abs=1e-5)
        assert told["probability_after"] == pytest.approx(change.probability[1], rel=1e-4, abs=1e-6)
    assert result["predicted"] == analysis.predicted


def test_a_ranking_equals_the_lens_s(setup: LensSetup, analysis: Analysis) -> None:
    measured = setup.measured(Question(MeasurementKind.RANKING, setup.circuit.id, analysis.id))
    truth = setup.lens().rank(photograph("cat"))
    assert measured.result is not None
    assert measured.result["class"] == analysis.predicted == measured.request["class"]
    assert [one["group"] for one in measured.result["groups"]] == [one.id for one in truth]
    drops = [one["logit_drop"] for one in measured.result["groups"]]
    assert drops == pytest.approx([one.logit_drop for one in truth], rel=1e-3, abs=1e-4)


def test_held_out_images_are_measured_like_the_lens_does(setup: LensSetup) -> None:
    (group,) = groups_of(setup, 1)
    asked = Question(MeasurementKind.HELD_OUT, setup.circuit.id, None, {group: 0.0}, random_sets=4)
    result = setup.measured(asked).result
    lens = setup.lens()
    refs = {ref.id: ref for ref in photographs().images}
    assert lens.circuit.data.held_out
    images = [photographs().load(refs[id]) for id in lens.circuit.data.held_out]
    truth = lens.knock_out_across(images, {group: 0.0}, random_sets=4)
    assert result is not None
    assert (result["class"], result["images"]) == ("cat", len(images))
    assert result["neurons"] == len(lens.circuit.groups[0].neurons)
    assert (result["accuracy"], result["accuracy_after"]) == truth.accuracy
    assert (result["logit"], result["logit_after"]) == pytest.approx(truth.logit, rel=1e-4)
    assert result["random_logit"] == pytest.approx(truth.random_logit[0], rel=1e-3, abs=1e-5)


def test_pixels_equal_the_lens_s(setup: LensSetup, analysis: Analysis) -> None:
    (group,) = groups_of(setup, 1)
    question = Question(MeasurementKind.PIXELS, setup.circuit.id, analysis.id, {group: 0.0})
    result = setup.measured(question).result
    assert result is not None
    values = np.frombuffer(base64.b64decode(result["values"]), np.int8)
    assert len(values) == result["width"] * result["height"]
    assert np.abs(values).max() == 127
    assert result["total"] == pytest.approx(result["expected"], rel=0.1)
    step = result["highest"] / 127
    assert values.astype(float).sum() * step == pytest.approx(result["total"], abs=len(values) * step / 2)
    assert result["box"]["right"] <= (analysis.width or 0)


def test_a_circuit_without_held_out_images_fails_with_the_reason(
    setup: LensSetup, announcer: RecordingAnnouncer
) -> None:
    circuit = setup.computed("coffee", held_out=0)
    with setup.worker.store.open(circuit.file or "") as stream:
        assert b'"held_out"' in stream.read()
    group = setup.lens(circuit).circuit.groups[0].id
    with setup.worker.database.writing() as session:
        asked = measurements.request_measurement(
            session, announcer, Question(MeasurementKind.HELD_OUT, circuit.id, None, {group: 0.0})
        )
    job = setup.done(asked.job_id)
    assert job.state is JobState.FAILED
    assert job.problem is not None
    assert "held_out above 0" in job.problem["detail"]
