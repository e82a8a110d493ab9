"""The effect of a knock-out, compared with running the network by hand."""

from __future__ import annotations

import copy
from collections.abc import Sequence

import numpy as np
import pytest
import torch
from torch import Tensor

from neurflow.method.importance import knock_out, logit_drops
from neurflow.progress import silent
from tests.engine.twin import CLASSES, KINDS, Small, small

Groups = list[list[tuple[int, ...]]]


@pytest.fixture(params=KINDS)
def network(request: pytest.FixtureRequest) -> Small:
    return small(request.param, 0)


def _groups(network: Small, seed: int) -> Groups:
    """Return two groups of each layer, which may overlap; of the logits, one for each class."""
    generator = np.random.default_rng(seed)
    below: Groups = [
        [tuple(sorted(generator.permutation(point.channels)[:size].tolist())) for size in (1, 3)]
        for point in network.ladder.points[:-1]
    ]
    return [*below, [(channel,) for channel in range(CLASSES)]]


def _drop(network: Small, layer: int, channels: Sequence[int], class_index: int) -> float:
    """Return, image by image in float64, the logit less the logit with zeros instead of the group's channels."""
    modules = [copy.deepcopy(module).double() for module in network.network]
    axis = network.ladder.points[layer].channel_axis
    drops = []
    for image in network.images:
        with torch.no_grad():
            x = image[None].double()
            for module in modules[: layer + 1]:
                x = module(x)
            knocked = x.clone()
            for channel in channels:
                knocked.select(axis, channel).zero_()
            for module in modules[layer + 1 :]:
                x, knocked = module(x), module(knocked)
        drops.append(float(x[0, class_index] - knocked[0, class_index]))
    return sum(drops) / len(drops)


@pytest.mark.parametrize("class_index", [0, 2], ids="class{}".format)
def test_a_group_s_drop_is_the_mean_fall_of_the_logit_without_its_channels(network: Small, class_index: int) -> None:
    groups = _groups(network, class_index)
    found = logit_drops(network.ladder, network.images, class_index, groups, 3, silent)
    assert [len(drops) for drops in found] == [len(layer) for layer in groups]
    for layer, layer_groups in enumerate(groups):
        for position, channels in enumerate(layer_groups):
            expected = _drop(network, layer, channels, class_index)
            assert found[layer][position] == pytest.approx(expected, rel=1e-4, abs=1e-5)
    assert np.abs(np.concatenate(found)).max() > 0.1


def test_knocking_out_the_class_itself_costs_the_whole_logit_and_another_class_nothing(network: Small) -> None:
    groups: Groups = [[] for _ in network.ladder.points[:-1]]
    (*_, found) = logit_drops(network.ladder, network.images, 1, [*groups, [(1,), (0,)]], 8, silent)
    assert found.tolist() == [pytest.approx(float(network.maps[-1][:, 1].mean()), abs=1e-5), 0.0]


@pytest.mark.parametrize("batch_size", [1, 3, 100])
def test_drops_do_not_depend_on_the_batch_size(network: Small, batch_size: int) -> None:
    groups = _groups(network, 5)
    together = logit_drops(network.ladder, network.images, 0, groups, len(network.images), silent)
    found = logit_drops(network.ladder, network.images, 0, groups, batch_size, silent)
    for one, other in zip(found, together, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)


def test_progress_counts_groups_times_batches() -> None:
    network = small("residual", 0)
    seen: list[tuple[str, int, int]] = []
    logit_drops(network.ladder, network.images, 0, _groups(network, 0), 3, lambda *call: seen.append(call))
    assert seen == [("importance", done, 14) for done in range(15)]


def test_the_network_and_the_images_are_left_unchanged(network: Small) -> None:
    images = network.images.clone()
    state = {name: value.clone() for name, value in network.network.state_dict().items()}
    logit_drops(network.ladder, network.images, 0, _groups(network, 1), 2, silent)
    assert torch.equal(network.images, images)
    assert all(torch.equal(value, state[name]) for name, value in network.network.state_dict().items())


@pytest.mark.parametrize("axis", [1, 3], ids="axis{}".format)
def test_knock_out_zeroes_channels_of_a_copy(axis: int) -> None:
    maps: Tensor = torch.arange(1.0, 2 * 4 * 3 * 4 + 1).reshape(2, 4, 3, 4)
    before = maps.clone()
    knocked = knock_out(maps, (3, 1), axis)
    assert torch.equal(maps, before)
    for channel in range(4):
        expected = torch.zeros_like(maps.select(axis, 0)) if channel in (1, 3) else maps.select(axis, channel)
        assert torch.equal(knocked.select(axis, channel), expected)
