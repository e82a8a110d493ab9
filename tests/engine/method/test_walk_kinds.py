"""The walk through small networks of every kind: channels first, channels last, and class tokens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np
import pytest
import torch
from torch import Tensor

from neurflow.method.feature_maps import FeatureMaps
from neurflow.method.patches import PatchSet
from neurflow.method.walk import TracedNeuron, Walk
from neurflow.progress import silent
from neurflow.terms.parameters import MIB, TraceParameters
from tests.engine import twin

CPU = torch.device("cpu")
CLASS, NODES, TAU = 1, 3, 2
SETTINGS = TraceParameters(top_k=3, tau=TAU, nodes=NODES, max_nodes=NODES, crops=(1.0,))


class Images:
    """Network input in place of patches."""

    def __init__(self, images: Tensor) -> None:
        self._images = images

    def __len__(self) -> int:
        return len(self._images)

    def batch(self, indices: Sequence[int]) -> Tensor:
        return self._images[list(indices)]


def _tables(net: twin.Small) -> list[np.ndarray[tuple[int, int], np.dtype[np.float32]]]:
    return [
        np.array(
            [
                [
                    float(twin.pooled(net.maps[layer][v : v + 1], c, point.channel_axis, net.tokens))
                    for c in range(count)
                ]
                for v in range(len(net.images))
            ],
            dtype=np.float32,
        )
        for layer, point in enumerate(net.ladder.points)
        for count in (point.channels,)
    ]


def _walk(net: twin.Small, budget: int = MIB) -> tuple[Walk, FeatureMaps]:
    maps = FeatureMaps(net.ladder, cast(PatchSet, Images(net.images)), CPU, 2, budget)
    return Walk(net.ladder, _tables(net), maps, SETTINGS, CLASS), maps


def _run(walk: Walk) -> dict[int, tuple[TracedNeuron, ...]]:
    return dict(walk.layers({}, silent, lambda *layer: None))


@pytest.mark.parametrize("kind", twin.KINDS)
def test_core_sets_and_weights_equal_the_slow_twin_s(kind: str) -> None:
    net = twin.small(kind, 0, images=5)
    found = _run(_walk(net)[0])
    assert sorted(found, reverse=True) == list(found) == list(range(len(net.ladder) - 1, -1, -1))
    assert [neuron.channel for neuron in found[len(net.ladder) - 1]] == [CLASS]
    for layer, neurons in found.items():
        axis = net.ladder.points[layer].channel_axis
        for neuron in neurons:
            own = [float(twin.pooled(net.maps[layer][v : v + 1], neuron.channel, axis, net.tokens)) for v in range(5)]
            assert list(neuron.concept) == sorted(range(5), key=lambda v: -own[v])[:3]
            assert neuron.activation == pytest.approx(np.mean([own[v] for v in neuron.concept]), rel=1e-4, abs=1e-6)
            if layer == 0:
                assert (neuron.core, neuron.scores, neuron.nodes, neuron.settled) == ((), (), None, True)
                continue
            below = net.ladder.points[layer - 1].channel_axis
            x = net.maps[layer - 1][list(neuron.concept)]
            attributions = twin.integrated_gradients(
                net.module(layer), x, neuron.channel, (below, axis), neuron.nodes or 0, net.tokens
            )
            scores = twin.scores(attributions)
            assert neuron.scores == pytest.approx(np.sort(scores)[::-1][:TAU], rel=1e-3, abs=1e-6)
            assert list(neuron.core) == np.argsort(-scores, kind="stable")[:TAU].tolist()
            for part in neuron.parts:
                rows = [neuron.concept.index(v) for v in part.patches]
                expected = twin.part_edge_weights(attributions, rows, neuron.core)
                np.testing.assert_allclose(part.weights, expected, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("kind", ["residual", "transformer_mean"])
@pytest.mark.parametrize("budget", [1, 4096, 8192])
def test_the_maps_stay_within_their_budget_except_for_one_neuron_s(kind: str, budget: int) -> None:
    net = twin.small(kind, 0, images=5)
    walk, maps = _walk(net, budget)
    expected = _run(_walk(net)[0])
    for layer, neurons in walk.layers({}, silent, lambda *layer: None):
        assert [(n.channel, n.concept, n.core) for n in neurons] == [
            (n.channel, n.concept, n.core) for n in expected[layer]
        ]
        below = net.ladder.points[max(layer - 1, 0)]
        one_neuron = 3 * 4 * int(np.prod(below.shape))
        assert maps._bytes <= max(budget, one_neuron)
