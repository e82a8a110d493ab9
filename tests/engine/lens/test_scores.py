"""The measure, compared with plain loops in float64, and which groups fire for known images."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from neurflow.lens.scores import (
    BEST_CROPS,
    FIRING_PERCENTILE,
    FIRING_SCORE,
    USUAL_SHARE,
    GroupScorer,
    best_crops,
)
from neurflow.method.firing import EPSILON, image_scores, patch_scores, usual_activations
from neurflow.method.patches import PatchImage, to_input, windows
from neurflow.result.circuit import Box, Group, Importance
from tests.engine.lens.scene import LAYERS, Scene, scene
from tests.engine.planted import STYLES


@pytest.fixture(params=[(style, seed) for style in STYLES for seed in range(2)], ids="{0[0]}-seed{0[1]}".format)
def planted(request: pytest.FixtureRequest) -> Scene:
    return scene(*request.param)


def _measure(activations: Sequence[Sequence[float]], channels: Sequence[int], usual: Sequence[float]) -> float:
    """Return ``M`` as the method defines it, one crop and one neuron at a time."""
    best = 0.0
    for crop in activations:
        total = 0.0
        for a, m in zip(channels, usual, strict=True):
            total += math.log(max(crop[a], 0.0) / (abs(m) + EPSILON) + EPSILON)
        best = max(best, math.exp(total / len(channels)))
    return best


def _pooled(planted: Scene, image: PatchImage) -> dict[str, NDArray[np.float64]]:
    """Return the pooled activations of every layer on an image's crops, by the network's modules in float64."""
    found = {}
    size = planted.truth.network.preprocessing
    boxes = windows(image.area, planted.circuit.parameters.crops)
    rows = [image.patch(box, size.input_size) for box in boxes]
    x = to_input(rows, size).double()
    module = planted.truth.network.module.double()
    try:
        with torch.no_grad():
            for name in LAYERS:
                x = module.get_submodule(name)(x)
                found[name] = (x.mean((2, 3)) if x.dim() == 4 else x).numpy()
    finally:
        module.float()
    return found


numbers = st.floats(-2, 5, width=32)


@given(
    arrays.arrays(np.float32, st.tuples(st.integers(1, 6), st.just(5)), elements=numbers),
    st.lists(st.integers(0, 4), min_size=1, max_size=5, unique=True),
    st.lists(numbers, min_size=5, max_size=5),
)
def test_the_measure_equals_that_of_plain_loops(table: NDArray[np.float32], a: list[int], usual: list[float]) -> None:
    scores = patch_scores(table, a, usual[: len(a)])
    expected = _measure(table.astype(float).tolist(), a, usual[: len(a)])
    assert scores.max() == pytest.approx(expected, rel=1e-9)
    assert image_scores(scores, [0] * len(scores), 1)[0] == scores.max()
    assert (scores >= EPSILON * 0.999).all()


def test_one_silent_neuron_keeps_the_score_of_the_group_low() -> None:
    both, one = patch_scores(np.array([[2.0, 3.0], [2.0, -1.0]]), (0, 1), (2.0, 3.0))
    assert both == pytest.approx(1, rel=1e-5)
    assert one == pytest.approx(EPSILON**0.5, rel=1e-4)


def test_usual_activations_are_means_over_own_patches_by_rising_channel() -> None:
    table = np.arange(12, dtype=np.float32).reshape(4, 3)
    assert usual_activations(table, {2: [0, 3], 0: [1]}) == (3.0, 6.5)


def test_an_image_scores_like_its_best_patch() -> None:
    assert image_scores(np.array([0.2, 0.7, 0.1, 0.4]), [1, 1, 0, 0], 2).tolist() == [0.4, 0.7]


def test_the_values_in_the_circuit_equal_those_of_plain_loops(planted: Scene) -> None:
    """``m_a`` and ``M`` of every group and image, from the network run by hand."""
    size, crops = planted.truth.network.preprocessing, planted.circuit.parameters.crops
    pooled = [_pooled(planted, PatchImage.of("", image, size, crops)) for image in planted.traced]
    places = {
        (i, box): n for i, image in enumerate(planted.traced) for n, box in enumerate(_boxes(planted, image.size))
    }
    for group in planted.circuit.groups:
        assert group.activations is not None and group.image_scores is not None
        for channel, usual in zip(group.neurons, group.activations, strict=True):
            (neuron,) = (n for n in planted.circuit.neurons if (n.layer, n.channel) == (group.layer, channel))
            own = [p for part in neuron.semantic_groups if part.group == group.id for p in part.patches]
            patches = [planted.circuit.patches[p] for p in own]
            values = [pooled[p.image][group.layer][places[p.image, p.box], channel] for p in patches]
            assert usual == pytest.approx(sum(values) / len(values), rel=1e-4)
        for image, score in enumerate(group.image_scores):
            expected = _measure(pooled[image][group.layer].tolist(), group.neurons, group.activations)
            assert score == pytest.approx(expected, rel=1e-3, abs=1e-6)


def test_a_reading_scores_each_crop_like_plain_loops(planted: Scene) -> None:
    """Of an image that was not traced, in which a square is swapped."""
    image = planted.without("red", planted.circuit.images[1].id)
    reading = planted.lens.analyse(image)
    size, crops = planted.truth.network.preprocessing, planted.circuit.parameters.crops
    pooled = _pooled(planted, PatchImage.of("", image, size, crops))
    for group in planted.circuit.groups:
        assert group.activations is not None
        own = pooled[group.layer].tolist()
        expected = [_measure([crop], group.neurons, group.activations) for crop in own]
        found = reading.group(group.id)
        assert found.crop_scores == pytest.approx(expected, rel=1e-3, abs=1e-6)
        assert found.score == pytest.approx(max(expected), rel=1e-3, abs=1e-6)


def _boxes(planted: Scene, size: tuple[int, int]) -> list[Box]:
    return windows(Box(0, 0, *size), planted.circuit.parameters.crops)


def test_percentiles_are_uniform_over_the_circuits_own_images(planted: Scene) -> None:
    readings = [planted.lens.analyse(image) for image in planted.traced]
    count = len(readings)
    for group in planted.circuit.groups:
        found = [reading.group(group.id) for reading in readings]
        assert [one.score for one in found] == pytest.approx(list(group.image_scores or ()), rel=1e-4)
        percentiles = sorted(one.percentile for one in found if one.percentile is not None)
        # Pictures that are alike to the network tie, and share the middle of their ranks.
        for rank, percentile in enumerate(percentiles):
            alike = [place for place, other in enumerate(percentiles) if other == percentile]
            assert rank in alike
            assert percentile == pytest.approx(100 * (alike[0] + alike[-1] + 1) / 2 / count)
        if group.layer == "fc" or planted.kinds(group) == {"red"}:
            assert len(set(percentiles)) > count / 2


def test_groups_of_shown_objects_fire_and_those_of_missing_ones_are_silent(planted: Scene) -> None:
    for position, image in enumerate(planted.circuit.images[:4]):
        for missing in ("red", "stripes", "ground"):
            reading = planted.lens.analyse(planted.without(missing, image.id))
            for group in planted.circuit.groups:
                if group.layer == "fc":
                    continue
                found = reading.group(group.id)
                if planted.kinds(group) == {missing}:
                    assert found.score < FIRING_SCORE and not found.fires and found.silent
                else:
                    # The square that the group responds to is still there, whatever else has been added.
                    assert group.image_scores is not None
                    assert found.score >= group.image_scores[position] * (1 - 1e-4) > 0.8


def test_the_crops_that_fire_a_group_most_show_what_it_responds_to(planted: Scene) -> None:
    for image in planted.circuit.images[:4]:
        reading = planted.lens.analyse(planted.pictures.pictures[image.id])
        assert len(reading.crops) == 9
        for group in planted.circuit.groups:
            if group.layer != "fc":
                found = reading.group(group.id)
                (kind,) = planted.kinds(group)
                assert planted.pictures.kind(image.id, reading.crops[found.best[0]]) == kind
                assert found.crop_scores[found.best[0]] == found.score == max(found.crop_scores)


def _scorer(*scores: float) -> GroupScorer:
    return GroupScorer(Group("x/1", "x", (0,), (), None, Importance(0, None, 0), (1.0,), scores))


def test_a_percentile_counts_those_below_and_half_of_the_ties() -> None:
    scorer = _scorer(0.6, 0.8, 0.8, 1.0)
    found = [scorer.percentile(score) for score in (0.1, 0.6, 0.7, 0.8, 0.80001, 1.0, 2.0)]
    assert found == [0, 12.5, 25, 50, 50, 87.5, 100]


def test_a_group_fires_if_its_score_is_high_for_it_and_for_the_class() -> None:
    high = _scorer(*[0.9] * 19, 0.6)
    assert [high.fires(score) for score in (FIRING_SCORE, 0.6, 0.7, 0.9)] == [False, False, False, True]
    low = _scorer(*[0.01] * 20)
    assert not low.fires(0.01) and low.fires(FIRING_SCORE) and low.usual == 0
    assert FIRING_PERCENTILE == 10


def test_a_group_can_only_be_silent_if_its_firing_is_usual() -> None:
    usual, rare = _scorer(*[1.0] * 6, *[0.01] * 4), _scorer(*[1.0] * 4, *[0.01] * 6)
    assert (usual.usual, rare.usual) == (0.6, 0.4)
    assert usual.silent(0.2) and not usual.silent(1.0) and not rare.silent(0.2)
    half = _scorer(*[1.0] * 5, *[0.01] * 5)
    assert half.usual == USUAL_SHARE == 0.5 and half.silent(0.2), "half of the images are enough"


def test_without_images_there_is_no_percentile() -> None:
    scorer = _scorer()
    assert scorer.percentile(1) is None and scorer.usual is None
    assert scorer.fires(0.5) and not scorer.fires(0.4) and not scorer.silent(0.4)


def test_best_crops_do_not_overlap_much() -> None:
    boxes = [Box(0, 0, 10, 10), Box(1, 0, 11, 10), Box(20, 0, 30, 10), Box(40, 0, 50, 10), Box(60, 0, 70, 10)]
    assert best_crops([0.5, 0.9, 0.2, 0.7, 0.1], boxes) == (1, 3, 2)
    assert best_crops([1.0, 1.0], boxes[:2]) == (0,)
    assert BEST_CROPS == 3


def test_of_crops_with_equal_scores_the_first_are_best() -> None:
    boxes = [Box(20 * at, 0, 20 * at + 10, 10) for at in range(64)]
    scores = [1.0 if at in (9, 30, 41, 63) else 0.5 for at in range(64)]
    assert best_crops(scores, boxes) == (9, 30, 41)
    assert best_crops([0.5] * 64, boxes) == (0, 1, 2)
