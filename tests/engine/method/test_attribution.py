"""Integrated gradients, compared with a slow float64 twin; completeness; steps that need one node only."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from neurflow.method.attribution import PathIntegral
from neurflow.network.affine import split_affine
from neurflow.network.graph import NetworkGraph
from neurflow.network.ladder import choose_layers
from neurflow.network.layers import Ladder
from neurflow.network.narrow import single_neuron
from tests.engine import twin
from tests.engine.twin import KINDS, MIB, SIZE, Small, small

SEEDS = (0, 1)
nodes_id = "nodes{}".format


def seed_id(seed: int) -> str:
    return f"seed{seed}"


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=SEEDS, ids=seed_id)
def network(kind: str, request: pytest.FixtureRequest) -> Small:
    return small(kind, request.param)


def _some_neurons(network: Small) -> list[tuple[int, int]]:
    """Yield the first, middle and last channel of each layer that has one below."""
    return [
        (upper, channel)
        for upper, channel in network.neurons()
        if channel in (0, network.ladder.points[upper].channels // 2, network.ladder.points[upper].channels - 1)
    ]


@pytest.mark.parametrize("nodes", [1, 5], ids=nodes_id)
def test_attributions_equal_the_slow_twin_s_at_the_same_nodes(network: Small, nodes: int) -> None:
    for upper, channel in _some_neurons(network):
        x = network.maps[upper - 1]
        expected = twin.integrated_gradients(
            network.module(upper), x, channel, network.axes(upper), nodes, network.tokens
        )
        found = network.integral(upper, channel).attributions(nodes).numpy()
        np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-4 * np.abs(expected).max())


@pytest.mark.parametrize("kind", KINDS)
def test_many_nodes_reach_the_integral(kind: str) -> None:
    network = small(kind, 0)
    for upper, channel in _some_neurons(network):
        x = network.maps[upper - 1][:2]
        exact = twin.integrated_gradients(network.module(upper), x, channel, network.axes(upper), 200, network.tokens)
        found = network.integral(upper, channel).attributions(128).numpy()[:2]
        np.testing.assert_allclose(found, exact, atol=0.01 * np.abs(exact).sum(axis=1).max())


def test_attributions_add_up_to_the_rise_of_the_activation(network: Small) -> None:
    for upper, channel in network.neurons():
        integral = network.integral(upper, channel)
        attributions = integral.attributions(128)
        expected = twin.rise(
            network.module(upper), network.maps[upper - 1], channel, network.axes(upper)[1], network.tokens
        )
        np.testing.assert_allclose(integral.change().numpy(), expected, rtol=1e-4, atol=1e-5)
        missing = np.abs(attributions.sum(dim=1).numpy() - expected).max()
        assert missing <= 0.02 * float(attributions.abs().sum(dim=1).max())


def test_completeness_improves_with_more_nodes(kind: str) -> None:
    def missed(nodes: int) -> float:
        gap = flow = 0.0
        for seed in SEEDS:
            network = small(kind, seed)
            for upper, channel in network.neurons():
                integral = network.integral(upper, channel)
                attributions = integral.attributions(nodes)
                gap += float((attributions.sum(dim=1) - integral.change()).abs().mean())
                flow += float(attributions.abs().sum(dim=1).mean())
        return gap / flow

    errors = [missed(nodes) for nodes in (1, 4, 16)]
    assert errors == sorted(errors, reverse=True)
    assert errors[-1] < errors[0] / 4


def test_a_linear_step_is_exact_at_one_node() -> None:
    network = small("residual", 0)
    upper = len(network.ladder) - 1
    for channel in range(twin.CLASSES):
        integral = network.integral(upper, channel)
        one, many = integral.attributions(1), integral.attributions(64)
        assert torch.equal(one, many)
        torch.testing.assert_close(one.sum(dim=1), integral.change(), rtol=1e-4, atol=1e-5)
        expected = twin.integrated_gradients(network.module(upper), network.maps[upper - 1], channel, (1, 1), 64)
        np.testing.assert_allclose(one.numpy(), expected, rtol=1e-4, atol=1e-6)


def test_the_batch_size_does_not_matter(network: Small) -> None:
    for upper, channel in _some_neurons(network):
        at_once = network.integral(upper, channel, working_set=64 * MIB).attributions(6)
        one_by_one = network.integral(upper, channel, working_set=1).attributions(6)
        torch.testing.assert_close(at_once, one_by_one, rtol=1e-4, atol=1e-5)


def test_a_patch_is_attributed_independently_of_its_batch(network: Small) -> None:
    upper, channel = 1, 1
    together = network.integral(upper, channel).attributions(3)
    neuron = single_neuron(network.ladder.step(upper), channel, network.axes(upper)[1], network.tokens)
    for v in range(len(network.images)):
        alone = PathIntegral(split_affine(neuron), network.maps[0][v : v + 1], network.axes(upper)[0], MIB)
        torch.testing.assert_close(alone.attributions(3)[0], together[v], rtol=1e-4, atol=1e-5)


def test_channels_that_are_zero_get_no_attribution(kind: str) -> None:
    network = small(kind, 0)
    below, above = network.axes(1)
    x = network.maps[0].clone()
    x.index_fill_(below, torch.tensor([2]), 0)
    neuron = single_neuron(network.ladder.step(1), 0, above, network.tokens)
    attributions = PathIntegral(split_affine(neuron), x, below, MIB).attributions(4)
    assert (attributions[:, 2] == 0).all()
    assert (attributions != 0).any()


def test_attribution_leaves_no_gradient_on_the_networks_parameters(network: Small) -> None:
    network.integral(1, 0).attributions(2)
    assert all(p.grad is None and p.requires_grad for p in network.network.parameters())
    assert network.maps[0].grad is None and not network.maps[0].requires_grad


class WithConstant(nn.Module):
    """Passes on a channel that does not depend on the image, like networks with coordinate channels."""

    def __init__(self, stored: bool) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(2, 2, 1)
        self.stored = stored
        self.coordinates = nn.Parameter(torch.linspace(0, 1, SIZE).expand(1, 1, SIZE, SIZE).clone())

    def forward(self, x: Tensor) -> Tensor:
        constant = self.coordinates.expand(x.shape[0], -1, -1, -1) if self.stored else torch.ones_like(x[:, :1])
        return torch.cat([self.convolution(x), constant], dim=1)


@pytest.mark.parametrize("stored", [True, False], ids=["stored", "made"])
def test_a_neuron_independent_of_the_layer_below_has_zero_attributions(stored: bool) -> None:
    network = nn.Sequential()
    for name, module in {"stem": nn.Conv2d(3, 2, 1), "block": WithConstant(stored), "head": twin.Head(3)}.items():
        network.add_module(name, module)
    graph = NetworkGraph(network.eval(), SIZE)
    ladder = Ladder(graph, choose_layers(graph, ["stem", "block"]), "mean")
    x = torch.randn(3, 2, SIZE, SIZE, generator=torch.Generator().manual_seed(0))
    integral = PathIntegral(split_affine(single_neuron(ladder.step(1), 2, 1)), x, 1, MIB)
    assert torch.equal(integral.change(), torch.zeros(3))
    assert torch.equal(integral.attributions(4), torch.zeros(3, 2))
