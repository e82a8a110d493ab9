"""Small networks solved by hand, with the arithmetic beside the numbers."""

from __future__ import annotations

from functools import cache

import numpy as np
import PIL.Image
import pytest
import torch
from torch import Tensor, nn

from neurflow.data.images import ImageRef
from neurflow.method.attribution import PathIntegral
from neurflow.method.core_neurons import find_core_neurons
from neurflow.network.affine import split_affine
from neurflow.network.graph import NetworkGraph
from neurflow.network.ladder import choose_layers
from neurflow.network.layers import Ladder
from neurflow.network.narrow import single_neuron
from neurflow.network.networks import Network
from neurflow.network.preprocessing import Preprocessing
from neurflow.network.weights import digest
from neurflow.result.circuit import Circuit, CoreNeuron, NeuronEdge
from neurflow.terms.parameters import Resources, TraceParameters
from neurflow.tracing import trace
from tests.engine.planted import Pictures

# One neuron at a time


class Upper(nn.Module):
    """Three neurons over the lower neurons p and q, for each pixel: p·q, (p + 2q)² and relu(p − 1)."""

    def forward(self, x: Tensor) -> Tensor:
        p, q = x[:, :1], x[:, 1:]
        return torch.cat([p * q, (p + 2 * q) * (p + 2 * q), torch.relu(p - 1)], dim=1)


class Mean(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.mean((2, 3))


# One patch of two by two pixels, of which the lower row is dark.
X = torch.tensor([[[[1.0, 3.0], [0.0, 0.0]], [[2.0, 1.0], [0.0, 0.0]]]])


@cache
def _ladder() -> Ladder:
    network = nn.Sequential()
    for name, module in {"lower": nn.Conv2d(3, 2, 1), "upper": Upper(), "mean": Mean()}.items():
        network.add_module(name, module)
    graph = NetworkGraph(network.eval(), 2)
    return Ladder(graph, choose_layers(graph, ["lower", "upper"]), "mean")


def _integral(channel: int, x: Tensor = X) -> PathIntegral:
    return PathIntegral(split_affine(single_neuron(_ladder().step(1), channel, 1)), x, 1, 2**20)


@pytest.mark.parametrize("nodes", [1, 2, 7], ids="nodes{}".format)
def test_a_product_is_attributed_to_both_factors_alike(nodes: int) -> None:
    # φ = (1·2 + 3·1) / 4 = 1.25.  At t·x the slope by p is t·q / 4, whose mean over t is q / 8:
    # IG_p = (1·2 + 3·1) / 8 = 0.625, and IG_q the same.
    assert _integral(0).change().tolist() == [1.25]
    assert _integral(0).attributions(nodes).tolist() == [pytest.approx([0.625, 0.625])]


@pytest.mark.parametrize("nodes", [1, 2, 7], ids="nodes{}".format)
def test_a_square_is_attributed_by_each_term_of_its_root(nodes: int) -> None:
    # φ = (5² + 5²) / 4 = 12.5.  The slope by p is 2·t·(p + 2q) / 4, whose mean over t is 5 / 4 in both pixels:
    # IG_p = (1 + 3) · 5/4 = 5.  The slope by q is twice that: IG_q = (2 + 1) · 10/4 = 7.5.
    assert _integral(1).change().tolist() == [12.5]
    assert _integral(1).attributions(nodes).tolist() == [pytest.approx([5.0, 7.5])]


def test_a_threshold_needs_more_nodes() -> None:
    # relu(3t − 1) rises from t = 1/3 on: IG_p = 3 · 2/3 / 4 = 0.5.  The other pixel only just reaches the threshold.
    assert _integral(2).change().tolist() == [0.5]
    # One node, at t = 1/2, sees the slope of the rise and takes it for the whole path: 3 / 4.
    assert _integral(2).attributions(1).tolist() == [[0.75, 0.0]]
    assert _integral(2).attributions(128).tolist() == [pytest.approx([0.5, 0.0], abs=0.01)]


def test_scores_core_set_and_error_of_three_patches_are_as_computed() -> None:
    # Pixels alike, so that means are values. (p + 2q)²: IG_p = p·(p + 2q), IG_q = 2q·(p + 2q).
    #   v1: p = 1, q = 1    3, 6      v2: p = −4, q = 1    8, −4      v3: p = 1, q = −1    −1, 2
    # T(p) = (3 + 8 + 1) / 3 = 4,  T(q) = (6 + 4 + 2) / 3 = 4: equal scores, so the lower channel comes first.
    values = torch.tensor([[1.0, 1.0], [-4.0, 1.0], [1.0, -1.0]])
    x = values[:, :, None, None].expand(3, 2, 2, 2).contiguous()
    found = find_core_neurons(_integral(1, x), 2, 1, 1, 0.05, 2.0)
    assert found.attributions.tolist() == [pytest.approx(row) for row in ([3, 6], [8, -4], [-1, 2])]
    assert found.scores.tolist() == pytest.approx([4, 4])
    assert found.channels.tolist() == [0, 1]
    # φ = 9, 4, 1 and 3 + 6, 8 − 4, −1 + 2: nothing is missing.
    assert found.error == pytest.approx(0, abs=1e-6)


# A network of two layers, from start to end

# Pictures of one colour each, red, green and blue in fifths.
COLOURS = {"a": (5, 1, 0), "b": (3, 0, 4), "c": (2, 2, 1), "held out": (4, 1, 0)}


class Lower(nn.Module):
    """Three neurons that see red, green and blue."""

    def __init__(self) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(3, 3, 1)

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.convolution(x))


class Logits(nn.Module):
    """``warm = 2·red − green + blue / 2`` and ``cold = −10``."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(3, 2)

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.linear(x.mean((2, 3)))
        return logits


@cache
def _circuit(top_k: int) -> Circuit:
    lower, logits = Lower(), Logits()
    with torch.no_grad():
        lower.convolution.weight.copy_(torch.eye(3)[:, :, None, None])
        lower.convolution.bias = None
        logits.linear.weight.copy_(torch.tensor([[2.0, -1.0, 0.5], [0.0, 0.0, 0.0]]))
        logits.linear.bias.copy_(torch.tensor([0.0, -10.0]))
    module = nn.Sequential()
    module.add_module("lower", lower)
    module.add_module("logits", logits)
    preprocessing = Preprocessing(8, 8, (0.0, 0.0, 0.0), (1.0, 1.0, 1.0))
    network = Network("by hand", module.eval(), ("warm", "cold"), preprocessing, digest(module))
    pictures = {
        name: PIL.Image.new("RGB", (8, 8), (51 * red, 51 * green, 51 * blue))
        for name, (red, green, blue) in COLOURS.items()
    }
    refs = tuple(ImageRef(name, "warm", "test" if name == "held out" else "train") for name in COLOURS)
    parameters = TraceParameters(images=3, top_k=top_k, tau=2, crops=(1.0,), layers=("lower",), held_out=1)
    return trace(network, Pictures(pictures, refs), "warm", parameters, Resources(device="cpu")).circuit


def _shown(circuit: Circuit, positions: tuple[int, ...]) -> list[str]:
    return [circuit.images[circuit.patches[position].image].id for position in positions]


def _core(core: tuple[CoreNeuron, ...]) -> list[tuple[int, float]]:
    return [(neuron.channel, pytest.approx(neuron.score, rel=1e-5)) for neuron in core]  # type: ignore[misc]


def _weights(weights: tuple[NeuronEdge, ...]) -> list[tuple[int, float]]:
    return [(edge.channel, pytest.approx(edge.weight, rel=1e-5)) for edge in weights]  # type: ignore[misc]


def test_the_class_of_two_patches_is_as_computed() -> None:
    # Logits: a = 2·1 − 0.2 = 1.8,  b = 1.2 + 0.4 = 1.6,  c = 0.8 − 0.4 + 0.1 = 0.5: the concept of two is a, b.
    circuit = _circuit(2)
    (warm,) = (neuron for neuron in circuit.neurons if neuron.layer == "logits")
    (part,) = warm.semantic_groups
    assert _shown(circuit, part.patches) == ["a", "b"]
    assert warm.activation == pytest.approx(1.7)
    # IG of red, green, blue:  a = 2, −0.2, 0    b = 1.2, 0, 0.4
    # T = 1.6, 0.1, 0.2: the core of two is red, blue.  Means 1.6 and 0.2, so that the weights are 8/9 and 1/9.
    assert _core(warm.core) == [(0, 1.6), (2, 0.2)]
    assert _weights(part.weights) == [(0, 8 / 9), (2, 1 / 9)]


def test_the_class_of_three_patches_is_as_computed() -> None:
    circuit = _circuit(3)
    (warm,) = (neuron for neuron in circuit.neurons if neuron.layer == "logits")
    # By colour the patches are 0.92 (a, b), 0.66 (a, c) and 0.75 (b, c) apart: the split {a, c}, {b} has silhouettes
    # of 0.28, 0.11 and 0, whose mean of 0.13 is below 0.25.
    (part,) = warm.semantic_groups
    assert _shown(circuit, part.patches) == ["a", "b", "c"]
    # IG:  a = 2, −0.2, 0    b = 1.2, 0, 0.4    c = 0.8, −0.4, 0.1
    # T = 4 / 3, 0.6 / 3, 0.5 / 3: the core is red, green.  Means 4/3 and −0.2, so that the weights are 20/23 and −3/23.
    assert _core(warm.core) == [(0, 4 / 3), (1, 0.2)]
    assert _weights(part.weights) == [(0, 20 / 23), (1, -3 / 23)]
    assert warm.completeness == pytest.approx(0, abs=1e-6)


def test_the_layer_below_is_as_computed() -> None:
    circuit = _circuit(3)
    red, green = (neuron for neuron in circuit.neurons if neuron.layer == "lower")
    assert (red.channel, green.channel) == (0, 1)
    # red: a = 1, b = 0.6, c = 0.4    green: c = 0.4, a = 0.2, b = 0
    assert [_shown(circuit, part.patches) for part in red.semantic_groups] == [["a", "b", "c"]]
    assert [_shown(circuit, part.patches) for part in green.semantic_groups] == [["c", "a", "b"]]
    assert [red.activation, green.activation] == pytest.approx([2 / 3, 0.2], rel=1e-5)
    assert (red.core, red.completeness, red.nodes) == ((), None, None)


def test_the_groups_and_their_edge_are_as_computed() -> None:
    circuit = _circuit(3)
    top, lower = sorted(circuit.groups, key=lambda group: group.layer != "logits")
    assert (top.neurons, lower.neurons) == ((0,), (0, 1))
    (edge,) = circuit.edges
    assert (edge.source, edge.target) == (lower.id, top.id)
    assert np.allclose([edge.positive, edge.negative, edge.weight], [20 / 23, -3 / 23, 17 / 23])
    assert edge.links is not None and edge.patches is not None
    links = [(link.source_channel, link.source_part, link.target_channel, link.target_part) for link in edge.links]
    assert links == [(0, 0, 0, 0), (1, 0, 0, 0)]
    assert np.allclose([link.weight for link in edge.links], [20 / 23, -3 / 23])
    # The means are over three patches, and their absolutes sum to 4/3 + 0.2 = 23/15: a patch carries what red and green
    # owe to it times 15/23 / 3 = 5/23.  a = 2 − 0.2, b = 1.2, c = 0.8 − 0.4: 9/23, 6/23 and 2/23, in all 17/23.
    assert _shown(circuit, tuple(patch.patch for patch in edge.patches)) == ["a", "b", "c"]
    assert np.allclose([patch.weight for patch in edge.patches], [9 / 23, 6 / 23, 2 / 23])
    assert np.allclose([top.importance.contribution, lower.importance.contribution], [1, 17 / 23])
    # Held out: red 0.8, green 0.2, so that the logit is 1.6 − 0.2. Without red and green nothing is left of it.
    assert np.allclose([top.importance.logit_drop or 0, lower.importance.logit_drop or 0], [1.4, 1.4])
    # Colours' mean is (2/3, 0.2, 1/3): c is nearest, then a, then b, by squares of distances of 0.129, 0.222 and 0.262.
    assert [exemplar.image for exemplar in lower.exemplars] == ["c", "a", "b"]


def test_how_strongly_the_groups_fire_is_as_computed() -> None:
    top, lower = sorted(_circuit(3).groups, key=lambda group: group.layer != "logits")
    # Usually red is (1 + 0.6 + 0.4) / 3 and green (0.2 + 0 + 0.4) / 3, the class's logit (1.8 + 1.6 + 0.5) / 3 = 1.3.
    assert lower.activations == pytest.approx((2 / 3, 0.2), rel=1e-5)
    assert top.activations == pytest.approx((1.3,), rel=1e-5)
    # Shares: a = 3/2, 1    b = 9/10, 0    c = 3/5, 2. In b only ε is left of green's.
    names = [image.id for image in _circuit(3).images]
    assert lower.image_scores is not None and top.image_scores is not None
    found = dict(zip(names, lower.image_scores, strict=True))
    assert found == pytest.approx({"a": 1.5**0.5, "b": 0.9e-6**0.5, "c": 1.2**0.5}, rel=1e-4)
    found = dict(zip(names, top.image_scores, strict=True))
    assert found == pytest.approx({"a": 1.8 / 1.3, "b": 1.6 / 1.3, "c": 0.5 / 1.3}, rel=1e-4)


def test_heat_maps_of_plain_pictures_are_constant() -> None:
    circuit = _circuit(3)
    top, lower = sorted(circuit.groups, key=lambda group: group.layer != "logits")
    assert all(exemplar.heat_map is None for exemplar in top.exemplars)
    for exemplar in lower.exemplars:
        # The mean of red and green, which are the same in all 64 pixels.
        red, green, _ = COLOURS[exemplar.image]
        assert exemplar.heat_map is not None
        assert (exemplar.heat_map.width, exemplar.heat_map.height) == (8, 8)
        assert set(exemplar.heat_map.values) == {255}
        assert exemplar.heat_map.highest == pytest.approx((red + green) / 10, rel=1e-5)
        assert exemplar.activation == pytest.approx((red + green) / 10, rel=1e-5)


def test_knocking_out_red_and_blue_leaves_green() -> None:
    lower = next(group for group in _circuit(2).groups if group.layer == "lower")
    # The logit of 1.6 − 0.2 falls to −0.2.
    assert lower.neurons == (0, 2)
    assert lower.importance.logit_drop == pytest.approx(1.6, rel=1e-5)
    assert lower.importance.contribution == pytest.approx(1)
