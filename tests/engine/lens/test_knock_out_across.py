"""A knock-out over many images on a small random network, compared with running its modules on each image."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from neurflow.lens.knock_out import class_changes, knock_out
from neurflow.lens.knock_out_across import KnockOutAcross, knock_out_across
from neurflow.lens.ranking import rank
from neurflow.lens.sliced_network import SlicedNetwork
from neurflow.progress import silent
from neurflow.result.circuit import Circuit, Group, Importance, TargetClass
from tests.engine.lens.scene import Sliced, sliced

KIND = "residual"
SETS, SEED = 5, 3


def _group(layer: str, number: int, *channels: int) -> Group:
    zero = Importance(0, None, 0)
    return Group(f"{layer}/{number}", layer, channels, (), None, zero, (1.0,) * len(channels), ())


@pytest.fixture
def small() -> Sliced:
    return sliced(KIND)


@pytest.fixture
def circuit(small: Sliced) -> Circuit:
    low, middle, *_, top = (layer.name for layer in small.circuit.layers)
    groups = (_group(low, 1, 0, 2), _group(low, 2, 1), _group(middle, 1, 3, 0), _group(top, 1, 0))
    return replace(small.circuit, groups=groups)


def _network(small: Sliced, batch_size: int) -> SlicedNetwork:
    network = copy.copy(small.sliced)
    network.batch_size = batch_size
    return network


def _by_hand(small: Sliced, image: int, factors: Mapping[int, NDArray[np.float64]]) -> Tensor:
    """Return the logits of one image, its neurons scaled layer by layer."""
    net, x = small.net, small.net.images[image : image + 1].double()
    with torch.no_grad():
        for layer in range(len(net.ladder)):
            x = net.module(layer)(x)
            if layer in factors:
                shape = [1] * x.dim()
                shape[net.ladder.points[layer].channel_axis] = -1
                x = x * torch.from_numpy(factors[layer]).reshape(shape)
    return x[0]


def _factors(small: Sliced, *zeroed: tuple[int, ...]) -> dict[int, NDArray[np.float64]]:
    found = {}
    for layer, channels in enumerate(zeroed):
        found[layer] = np.ones(small.net.ladder.points[layer].channels)
        found[layer][list(channels)] = 0
    return found


def _across(
    small: Sliced, circuit: Circuit, index: int, sets: int = SETS, batch_size: int = 3
) -> tuple[KnockOutAcross, list[tuple[str, int, int]]]:
    seen: list[tuple[str, int, int]] = []
    wanted = {circuit.groups[0].id: 0.0, circuit.groups[2].id: 0.0}
    network, images = _network(small, batch_size), small.net.images
    found = knock_out_across(
        network,
        circuit,
        lambda positions: images[positions.start : positions.stop],
        len(images),
        wanted,
        index,
        sets,
        SEED,
        lambda *call: seen.append(call),
    )
    return found, seen


@pytest.mark.parametrize("index", range(3), ids="class{}".format)
def test_the_effect_is_the_mean_of_each_image_s(small: Sliced, circuit: Circuit, index: int) -> None:
    own, count = _factors(small, (0, 2), (3, 0)), len(small.net.images)
    generator = np.random.default_rng(SEED)
    # The sets of one layer are drawn after those of the layer below.
    drawn = {layer: [generator.permutation(values) for _ in range(SETS)] for layer, values in own.items()}
    runs = [{}, own, *({layer: sets[number] for layer, sets in drawn.items()} for number in range(SETS))]
    logits = [torch.stack([_by_hand(small, image, factors) for image in range(count)]) for factors in runs]
    accuracy = np.array([float((one.argmax(dim=1) == index).double().mean()) for one in logits])
    means = np.array([float(one[:, index].mean()) for one in logits])
    found, _ = _across(small, circuit, index)
    assert (found.class_index, found.images) == (index, count)
    assert found.accuracy == (accuracy[0], accuracy[1])
    assert found.logit == pytest.approx((means[0], means[1]), rel=1e-4, abs=1e-5)
    changes, falls = accuracy[2:] - accuracy[0], means[2:] - means[0]
    assert found.random_accuracy == pytest.approx((changes.mean(), changes.std()))
    assert found.random_logit == pytest.approx((falls.mean(), falls.std()), rel=1e-4, abs=1e-5)


@pytest.mark.parametrize("batch_size", [1, 2, 4, 9])
def test_the_batch_size_does_not_matter(small: Sliced, circuit: Circuit, batch_size: int) -> None:
    found, seen = _across(small, circuit, 1, batch_size=batch_size)
    expected, _ = _across(small, circuit, 1)
    assert found.accuracy == expected.accuracy and found.random_accuracy == expected.random_accuracy
    assert found.logit == pytest.approx(expected.logit, rel=1e-4)
    assert found.random_logit == pytest.approx(expected.random_logit, rel=1e-3, abs=1e-5)
    count = len(small.net.images)
    assert seen == [("knock-out", min(done, count), count) for done in range(0, count + batch_size, batch_size)]


def test_without_random_sets_the_comparison_is_zero(small: Sliced, circuit: Circuit) -> None:
    found, _ = _across(small, circuit, 0, sets=0)
    assert found.random_accuracy == found.random_logit == (0.0, 0.0)


def test_the_spread_of_random_sets_is_of_the_sets_and_not_an_estimate(small: Sliced, circuit: Circuit) -> None:
    """Divided by their number, not by one less: each of two sets is half their distance from their mean."""
    logits = torch.tensor([[2.0, 0.0, 1.0], [1.0, 0.0, 1.0], [3.0, 0.0, 1.0], [7.0, 0.0, 1.0]]).double()
    found = {change.index: change for change in class_changes(logits, circuit)}
    assert found[0].random_logit == pytest.approx((3.0, 2.0))
    assert (found[0].logit, found[0].logit_change) == ((2.0, 1.0), -1.0)
    probabilities = logits.softmax(dim=1)[:, 0]
    assert found[0].probability == pytest.approx(tuple(probabilities[:2].tolist()))
    changes = (probabilities[2:] - probabilities[0]).tolist()
    assert found[0].random_probability == pytest.approx((np.mean(changes), np.std(changes)))


def test_of_many_classes_the_top_five_before_and_after_and_the_circuit_s_own_are_listed(small: Sliced) -> None:
    names = tuple(f"class {index}" for index in range(14))
    network = replace(small.circuit.network, classes=names)
    circuit = replace(small.circuit, network=network, target=TargetClass(names[13], 13))
    before = torch.arange(14.0).flip(0)
    after = before.clone()
    after[[3, 9]] = torch.tensor([-1.0, 20.0])
    found = class_changes(torch.stack([before, after]).double(), circuit)
    assert [change.index for change in found] == [0, 1, 2, 3, 4, 9, 13]
    assert [change.name for change in found] == [names[index] for index in (0, 1, 2, 3, 4, 9, 13)]


def test_each_group_below_the_top_is_ranked_by_its_own_knock_out(small: Sliced, circuit: Circuit) -> None:
    image = 1
    maps, _ = small.sliced.maps(small.net.images[image : image + 1])
    plain = _by_hand(small, image, {})
    for asked in (None, 0, 1, 2):
        index = int(plain.argmax()) if asked is None else asked
        found = rank(small.sliced, circuit, maps, asked)
        assert {one.id for one in found} == {group.id for group in circuit.groups[:-1]}
        for one in found:
            (group,) = (group for group in circuit.groups if group.id == one.id)
            layer = [info.name for info in circuit.layers].index(group.layer)
            factors = np.ones(circuit.layers[layer].channels)
            factors[list(group.neurons)] = 0
            after = _by_hand(small, image, {layer: factors})
            loss = plain.softmax(0)[index] - after.softmax(0)[index]
            assert one.layer == group.layer and one.predicted == int(after.argmax())
            assert one.logit_drop == pytest.approx(float(plain[index] - after[index]), rel=1e-3, abs=1e-5)
            assert one.probability_drop == pytest.approx(float(loss), rel=1e-3, abs=1e-6)


def test_a_knock_out_counts_the_neurons_that_it_scales(small: Sliced, circuit: Circuit) -> None:
    maps, _ = small.sliced.maps(small.net.images[:1])
    wanted = {circuit.groups[0].id: 0.5, circuit.groups[1].id: 1.0, circuit.groups[2].id: 2.0}
    found = knock_out(small.sliced, circuit, maps, wanted, 4, 7)
    assert found.neurons == 4 and found.factors == tuple(wanted.items())
    assert (found.random_sets, found.seed) == (4, 7)
    own = _factors(small, (), ())
    own[0][[0, 2]], own[1][[3, 0]] = 0.5, 2.0
    before, after = _by_hand(small, 0, {}), _by_hand(small, 0, own)
    assert found.predicted == (int(before.argmax()), int(after.argmax()))
    for change in found.classes:
        expected = (float(before[change.index]), float(after[change.index]))
        assert change.logit == pytest.approx(expected, rel=1e-4, abs=1e-5)


def test_progress_is_optional(small: Sliced, circuit: Circuit) -> None:
    images = small.net.images
    found = knock_out_across(
        small.sliced, circuit, lambda p: images[p.start : p.stop], 1, {circuit.groups[1].id: 1.0}, 0, 1, 0, silent
    )
    assert found.images == 1 and found.logit[0] == pytest.approx(found.logit[1], rel=1e-5)
