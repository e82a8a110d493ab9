"""Groups ranked by the logit drop of their knock-out, for any class and any layers."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest
import torch
from torch import Tensor

from neurflow.lens.ranking import rank
from neurflow.lens.sliced_network import SlicedNetwork
from neurflow.result.circuit import Circuit
from tests.engine.lens.scene import Scene, logit_of, scene, sliced
from tests.engine.planted import STYLES


@pytest.fixture(params=[(style, seed) for style in STYLES for seed in range(2)], ids="{0[0]}-seed{0[1]}".format)
def planted(request: pytest.FixtureRequest) -> Scene:
    return scene(*request.param)


def test_groups_are_ranked_by_the_logit_drop_of_their_knock_out(planted: Scene) -> None:
    image = planted.traced[0]
    ranked = planted.lens.rank(image)
    assert {one.id for one in ranked} == {group.id for group in planted.circuit.groups if group.layer != "fc"}
    drops = [one.logit_drop for one in ranked]
    assert drops == sorted(drops, reverse=True)
    for one in ranked:
        alone = planted.lens.knock_out(image, one.id, random_sets=0)
        (change,) = (change for change in alone.classes if change.index == alone.predicted[0])
        assert one.logit_drop == pytest.approx(-change.logit_change, rel=1e-4, abs=1e-5)
        assert one.probability_drop == pytest.approx(-change.probability_change, rel=1e-4, abs=1e-6)
        assert one.predicted == alone.predicted[1]
    grounds = {planted.group("parts", "ground_only").id}
    assert all((one.logit_drop < 0) == (one.id in grounds) for one in ranked if one.layer == "parts")


class _Sums:
    """A network whose logits are sums: each neuron of its one layer that is not knocked out adds its row."""

    rows = torch.tensor([[2.0, 0.0], [3.0, 3.0], [-1.0, 0.0]])

    def logits(self, maps: Sequence[Tensor], factors: dict[int, Tensor]) -> Tensor:
        return factors.get(0, torch.ones(1, len(self.rows))) @ self.rows


def test_groups_are_ranked_by_logit_and_not_by_probability() -> None:
    """Without neuron 1 both classes lose three, so the probability stays; without 0 only one class loses two."""
    layers = [SimpleNamespace(name="below", channels=3), SimpleNamespace(name="top", channels=2)]
    groups = [SimpleNamespace(id=f"below/{neuron}", layer="below", neurons=(neuron,)) for neuron in range(3)]
    network, circuit = cast(SlicedNetwork, _Sums()), cast(Circuit, SimpleNamespace(layers=layers, groups=groups))
    ranked = rank(network, circuit, (), 0)
    assert [(one.id, one.logit_drop) for one in ranked] == [("below/1", 3), ("below/0", 2), ("below/2", -1)]
    assert [one.probability_drop for one in ranked] == pytest.approx([0, 0.4621, -0.1497], abs=1e-4)


def test_groups_can_be_ranked_for_another_class(planted: Scene) -> None:
    image = planted.traced[0]
    index = 1 - planted.lens.analyse(image).classes[0].index
    for one in planted.lens.rank(image, index):
        found = planted.lens.knock_out(image, one.id, random_sets=0)
        assert -one.logit_drop == pytest.approx(np.diff(logit_of(found, index))[0], rel=1e-4, abs=1e-5)


def test_layers_without_groups_are_left_out_of_a_ranking() -> None:
    one = sliced("residual")
    maps, _ = one.sliced.maps(one.net.images[:1])
    assert rank(one.sliced, one.circuit, maps, None) == ()
