"""Which neurons are core, when a core set is settled, and how good the rule is."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np
import pytest
import torch
from torch import Tensor

from neurflow.method.attribution import PathIntegral
from neurflow.method.core_neurons import CoreNeurons, find_core_neurons, relative_error
from neurflow.terms.parameters import TraceParameters
from tests.engine import twin
from tests.engine.twin import KINDS, small

DEFAULT = TraceParameters()


class Staged(PathIntegral):
    """An integral whose attributions at each number of nodes are given."""

    def __init__(self, attributions: Mapping[int, list[list[float]]], change: list[float]) -> None:
        self.by_nodes, self.true_change = attributions, change
        self.asked: list[int] = []

    def change(self) -> Tensor:
        return torch.tensor(self.true_change)

    def attributions(self, nodes: int) -> Tensor:
        self.asked.append(nodes)
        return torch.tensor(self.by_nodes[nodes])


def _find(
    integral: PathIntegral, tau: int, nodes: int = 4, max_nodes: int = 32, completeness: float = 0.05, margin: float = 2
) -> CoreNeurons:
    return find_core_neurons(integral, tau, nodes, max_nodes, completeness, margin)


# Which neurons


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", [0, 1], ids="seed{}".format)
@pytest.mark.parametrize("tau", [1, 3], ids="tau{}".format)
def test_core_neurons_and_scores_equal_the_slow_twin_s(kind: str, seed: int, tau: int) -> None:
    network = small(kind, seed)
    upper = 1
    x, module = network.maps[upper - 1], network.module(upper)
    for channel in (0, network.ladder.points[upper].channels - 1):
        attributions = twin.integrated_gradients(module, x, channel, network.axes(upper), 6, network.tokens)
        scores = twin.scores(attributions)
        found = _find(network.integral(upper, channel), tau, nodes=6, max_nodes=6)
        assert found.channels.tolist() == twin.core_set(scores, tau)
        np.testing.assert_allclose(found.scores, scores[found.channels], rtol=1e-3, atol=1e-5)
        np.testing.assert_allclose(found.attributions, attributions[:, found.channels], rtol=1e-3, atol=1e-4)
        assert found.nodes == 6


def test_the_size_of_an_attribution_counts_and_not_its_sign() -> None:
    staged = Staged({4: [[1.0, -3.0, 0.5], [1.0, 3.0, -0.5]]}, [-1.5, 3.5])
    found = _find(staged, tau=2)
    assert found.channels.tolist() == [1, 0]
    assert found.scores.tolist() == [3.0, 1.0]
    assert found.attributions.tolist() == [[-3.0, 1.0], [3.0, 1.0]]


def test_of_equal_scores_the_lower_channel_comes_first() -> None:
    staged = Staged({4: [[1.0, 2.0, 2.0, 1.0]]}, [6.0])
    assert _find(staged, tau=3).channels.tolist() == [1, 2, 0]


@pytest.mark.parametrize("tau", [3, 4, 100], ids="tau{}".format)
def test_if_tau_reaches_the_layer_s_width_all_neurons_are_core_and_settled(tau: int) -> None:
    found = _find(Staged({4: [[1.0, 5.0, 3.0]]}, [9.0]), tau)
    assert found.channels.tolist() == [1, 2, 0]
    assert found.settled and found.nodes == 4


# When the core set is settled


def test_an_exact_integral_with_a_clear_gap_is_settled_at_once() -> None:
    staged = Staged({4: [[4.0, 2.0, 1.0]]}, [7.0])
    found = _find(staged, tau=1)
    assert (found.settled, found.error, staged.asked) == (True, 0.0, [4])


def test_nodes_double_until_the_activation_is_accounted_for() -> None:
    # Missing 7 - 5 = 2 of a flow of 5, then 1 of 6, then nothing; the gap behind the first is wide at all times.
    rows = {2: [[4.0, 1.0]], 4: [[5.0, 1.0]], 8: [[6.0, 1.0]]}
    staged = Staged(rows, [7.0])
    found = _find(staged, tau=1, nodes=2)
    assert staged.asked == [2, 4, 8]
    assert (found.nodes, found.settled, found.error, found.scores.tolist()) == (8, True, 0.0, [6.0])


def test_nodes_double_while_the_gap_is_within_the_margin_of_the_error() -> None:
    # The error is 0.04, which the default completeness allows; the gap of 0.05 is less than twice that, then more.
    rows = {4: [[10.0, 9.5, 0.5]], 8: [[10.2, 9.3, 0.5]]}
    staged = Staged(rows, [20.8])
    assert relative_error(np.array(rows[4]), np.array([20.8])) == pytest.approx(0.04)
    assert _find(staged, tau=1).nodes == 8
    assert staged.asked == [4, 8]
    assert _find(Staged(rows, [20.8]), tau=1, margin=1).nodes == 4
    assert _find(Staged(rows, [20.8]), tau=2).nodes == 4


@pytest.mark.parametrize(("nodes", "max_nodes", "asked"), [(4, 16, [4, 8, 16]), (3, 10, [3, 6, 10]), (5, 5, [5])])
def test_an_integral_that_does_not_settle_stops_at_the_maximum_of_nodes_and_is_marked(
    nodes: int, max_nodes: int, asked: list[int]
) -> None:
    staged = Staged({count: [[1.0, 0.5]] for count in asked}, [9.0])
    found = _find(staged, tau=1, nodes=nodes, max_nodes=max_nodes)
    assert staged.asked == asked
    assert (found.settled, found.nodes) == (False, max_nodes)
    assert found.error == pytest.approx(5.0)


@pytest.mark.parametrize("margin", [0.0, 1.0, 100.0])
def test_a_linear_step_settles_with_the_initial_nodes(margin: float) -> None:
    network = small("residual", 0)
    upper = len(network.ladder) - 1
    for channel in range(twin.CLASSES):
        found = _find(network.integral(upper, channel), tau=2, nodes=1, completeness=1e-4, margin=margin)
        assert (found.settled, found.nodes) == (True, 1)


def test_a_dead_neuron_is_settled_and_scores_zero() -> None:
    found = _find(Staged({4: [[0.0, 0.0, 0.0]] * 2}, [0.0, 0.0]), tau=2)
    assert found.channels.tolist() == [0, 1]
    assert found.scores.tolist() == [0.0, 0.0]
    assert (found.error, found.settled, found.nodes) == (0.0, True, 4)


@pytest.mark.parametrize("wrong", [float("nan"), float("inf")])
def test_nan_outside_the_core_set_is_reported(wrong: float) -> None:
    found = _find(Staged({4: [[4.0, wrong, 1.0]]}, [5.0]), tau=1, max_nodes=4)
    assert not np.isfinite(found.error)
    assert not found.settled


# The error


@pytest.mark.parametrize("seed", range(3), ids="seed{}".format)
def test_the_error_is_the_missing_part_of_completeness_relative_to_all_flow(seed: int) -> None:
    generator = np.random.default_rng(seed)
    attributions, change = generator.normal(size=(5, 4)), generator.normal(size=5)
    missing = sum(abs(sum(attributions[v]) - change[v]) for v in range(5)) / 5
    flow = sum(abs(value) for value in attributions.ravel()) / 5
    assert relative_error(attributions, change) == pytest.approx(missing / flow)


# Compared with an integral run to convergence


Pairs = list[tuple[CoreNeurons, CoreNeurons]]


@cache
def _pairs(kind: str) -> Pairs:
    """Core sets of every neuron of a few networks, with the defaults and at 128 nodes."""
    found = []
    for seed in (0, 1):
        network = small(kind, seed)
        for upper, channel in network.neurons():
            integral = network.integral(upper, channel)
            adaptive = _find(integral, 3, DEFAULT.nodes, DEFAULT.max_nodes, DEFAULT.completeness, DEFAULT.margin)
            found.append((adaptive, _find(integral, 3, nodes=128, max_nodes=128)))
    return found


# If one neuron carries most of the flow, as layer norms cause, completeness says less about the others.
@pytest.mark.parametrize(
    ("kinds", "least"), [(KINDS[:3], 0.99), (KINDS[3:], 0.96)], ids=["convolutional", "transformers"]
)
def test_settled_core_sets_equal_those_of_the_converged_integral(kinds: tuple[str, ...], least: float) -> None:
    pairs = [pair for kind in kinds for pair in _pairs(kind)]
    settled = [(found, reference) for found, reference in pairs if found.settled]
    assert len(settled) > 0.9 * len(pairs) > 35
    agreement = [twin.jaccard(found.channels.tolist(), reference.channels.tolist()) for found, reference in settled]
    assert np.mean(agreement) >= least


def test_few_nodes_are_enough_for_most_neurons() -> None:
    pairs = [pair for kind in KINDS for pair in _pairs(kind)]
    spent = [found.nodes for found, _ in pairs]
    assert np.median(spent) == DEFAULT.nodes
    assert max(spent) > DEFAULT.nodes
    assert all(found.settled or found.nodes == DEFAULT.max_nodes for found, _ in pairs)
    assert all(found.error <= DEFAULT.completeness for found, _ in pairs if found.settled)
