"""Rank all groups by how much an image's class depends on them: the effect of their knock-out on its logit.

Each group is knocked out alone, with the groups of a layer in one batch. The group of the top layer is left out,
because it is the traced class itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from neurflow.lens.sliced_network import SlicedNetwork
from neurflow.result.circuit import Circuit


@dataclass(frozen=True)
class RankedGroup:
    """The effect of knocking out one group on a class.

    Attributes:
        id: id of the group.
        layer: layer of the group.
        logit_drop: logit before minus logit after; negative if the group speaks against the class.
        probability_drop: probability before minus probability after.
        predicted: index of the class with the highest logit without the group.
    """

    id: str
    layer: str
    logit_drop: float
    probability_drop: float
    predicted: int


def rank(
    network: SlicedNetwork, circuit: Circuit, maps: Sequence[Tensor], class_index: int | None
) -> tuple[RankedGroup, ...]:
    """Rank all groups below the top layer by descending ``logit_drop``.

    Args:
        network: the circuit's network.
        circuit: the circuit.
        maps: maps of the image, ``(1, …)`` for each layer.
        class_index: index of the class; ``None`` for the predicted one.
    """
    (before,) = network.logits(maps, {}).double()
    index = int(before.argmax()) if class_index is None else class_index
    probability = before.softmax(dim=0)[index]
    found = []
    for layer, info in enumerate(circuit.layers[:-1]):
        groups = [group for group in circuit.groups if group.layer == info.name]
        if not groups:
            continue
        factors = torch.ones(len(groups), info.channels)
        for row, group in enumerate(groups):
            factors[row, list(group.neurons)] = 0
        after = network.logits(maps, {layer: factors}).double()
        drops, losses = before[index] - after[:, index], probability - after.softmax(dim=1)[:, index]
        found += [
            RankedGroup(group.id, group.layer, float(drops[row]), float(losses[row]), int(after[row].argmax()))
            for row, group in enumerate(groups)
        ]
    return tuple(sorted(found, key=lambda ranked: -ranked.logit_drop))
