"""Settling of core sets at the very limits, with integrals of given values."""

from __future__ import annotations

from typing import cast

import pytest
import torch
from torch import Tensor

from neurflow.method.attribution import PathIntegral
from neurflow.method.core_neurons import CoreNeurons, find_core_neurons


class Given:
    """An integral of one patch that comes nearer to ``change`` as nodes double."""

    def __init__(self, change: float, *attributions: list[float]) -> None:
        self._change, self._attributions = change, attributions
        self.asked: list[int] = []

    def change(self) -> Tensor:
        return torch.tensor([self._change])

    def attributions(self, nodes: int) -> Tensor:
        self.asked.append(nodes)
        return torch.tensor([self._attributions[min(len(self.asked), len(self._attributions)) - 1]])


def _find(
    given: Given, tau: int = 1, nodes: int = 4, max_nodes: int = 64, completeness: float = 1.0, margin: float = 0.0
) -> CoreNeurons:
    return find_core_neurons(cast(PathIntegral, given), tau, nodes, max_nodes, completeness, margin)


def test_an_error_as_large_as_allowed_is_settled() -> None:
    # 3 + 1 where 5 flows: a quarter of what flows is missing.
    found = _find(Given(5.0, [3.0, 1.0]), completeness=0.25)
    assert (found.error, found.settled, found.nodes) == (0.25, True, 4)
    assert not _find(Given(5.0, [3.0, 1.0]), completeness=0.2499, max_nodes=4).settled


def test_an_error_of_zero_can_be_required() -> None:
    assert _find(Given(4.0, [3.0, 1.0]), completeness=0.0, margin=1e9).settled


def test_a_gap_as_wide_as_required_is_settled() -> None:
    # The error is a quarter; the gap of (4 − 2) / 4 is twice that.
    given = [4.0, 2.0, -2.0]
    assert _find(Given(6.0, given), margin=2.0).settled
    assert not _find(Given(6.0, given), margin=2.001, max_nodes=4).settled


def test_nodes_double_up_to_the_maximum() -> None:
    given = Given(100.0, [1.0, 1.0])
    found = _find(given, nodes=3, max_nodes=20, completeness=0.5)
    assert given.asked == [3, 6, 12, 20] and (found.nodes, found.settled) == (20, False)
    settles = Given(4.0, [1.0, 1.0], [2.0, 1.0], [3.0, 1.0])
    found = _find(settles, nodes=1, completeness=0.01)
    assert settles.asked == [1, 2, 4] and (found.nodes, found.settled) == (4, True)
    assert found.attributions.tolist() == [[3.0]]


@pytest.mark.parametrize(("tau", "core"), [(1, [2]), (2, [2, 0]), (3, [2, 0, 1]), (9, [2, 0, 1])])
def test_the_core_is_the_highest_scores(tau: int, core: list[int]) -> None:
    found = _find(Given(2.0, [2.0, 1.0, -3.0]), tau=tau)
    assert found.channels.tolist() == core
    assert found.scores.tolist() == [abs([2.0, 1.0, -3.0][channel]) for channel in core]


def test_after_a_core_neuron_with_score_zero_any_gap_is_enough() -> None:
    found = _find(Given(2.0, [2.0, 0.0, 0.0]), tau=2, margin=1e9)
    assert found.settled and found.channels.tolist() == [0, 1]
