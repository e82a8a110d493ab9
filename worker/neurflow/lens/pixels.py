"""Which pixels make a neuron group fire: integrated gradients of the group, carried down to the image.

1. Take the crop that fires the group most, as the network sees it: ``x``, ``(3, S, S)``, normalised.
2. The target is how active the group is there, of what is usual for it: ``g(x) = mean over a ∈ G of
   φ_a(x) / (|m_a| + ε)``. It is the arithmetic mean beside the geometric one of the measure ``M``
   (:mod:`neurflow.method.firing`), and negative activations count: it has a slope everywhere.
3. ``IG_i = x_i · ∫₀¹ ∂g/∂x_i (t·x) dt`` for each value ``x_i``, by Gauss–Legendre nodes. The path begins at zero, which
   is an even picture in the mean colour of what the network was trained on. From black, nothing that is black could
   speak for a group.
4. Sum over the colours, then over the pixels of each of at most 64 × 64 cells. All cells sum to ``g(x) − g(0)``
   (completeness) as nearly as the nodes allow.

References: Sundararajan, Taly & Yan, "Axiomatic Attribution for Deep Networks" (ICML 2017), eq. 1 and proposition 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from torch import Tensor

from neurflow.device import exact
from neurflow.lens.sliced_network import SlicedNetwork
from neurflow.method.firing import EPSILON, Floats
from neurflow.method.heat_maps import shrink
from neurflow.result.circuit import Box, Group
from neurflow.terms.errors import NumericalError, ParameterError

NODES: Final = 16
MOST_NODES: Final = 256
CELLS: Final = 64
"""Most cells along a side of a map."""


@dataclass(frozen=True)
class PixelMap:
    """What each part of a crop adds to how active a group is there.

    Attributes:
        group: id of the group.
        box: the crop, in the image's own pixels; the map covers it.
        width: cells in a row.
        height: rows.
        values: row by row from the top, signed, in shares of the group's usual activation.
        total: sum of ``values``.
        expected: ``g(x) − g(0)``, which ``total`` comes near to as nodes are added.
    """

    group: str
    box: Box
    width: int
    height: int
    values: tuple[float, ...]
    total: float
    expected: float


def check_nodes(nodes: int) -> None:
    """Make sure that a number of nodes can be had.

    Raises:
        ParameterError: it is out of its range.
    """
    if not 1 <= nodes <= MOST_NODES:
        raise ParameterError(f"nodes is {nodes}: choose a number from 1 to {MOST_NODES}")


def pixel_map(network: SlicedNetwork, layer: int, group: Group, crop: Tensor, box: Box, nodes: int = NODES) -> PixelMap:
    """The map of one group on one crop.

    Args:
        network: of the circuit.
        layer: position of the group's layer.
        group: keeps its activations.
        crop: the network's input, ``(1, 3, S, S)``.
        box: where the crop was cut.
        nodes: of Gauss–Legendre, 1 … 256.

    Raises:
        NumericalError: NaN or infinity in the gradients.
    """
    x = crop.to(network.device)
    with exact(network.device):
        target = _Target(network, layer, group)
        with torch.no_grad():
            high, low = target(torch.cat([x, torch.zeros_like(x)])).tolist()
        slope = _mean_slope(target, x, nodes, network.batch_size)
    # Doubles only on the CPU: Apple's GPUs have none.
    pixels = (slope * x).cpu().double().sum(dim=(0, 1)).numpy()
    if not np.isfinite(pixels).all():
        raise NumericalError(f"group {group.id}: gradients are NaN or infinite: check the weights and --mean/--std")
    cells = area_sums(pixels)
    height, width = cells.shape
    return PixelMap(group.id, box, width, height, tuple(cells.flat), float(cells.sum()), high - low)


class _Target:
    """``g``, from network input ``(n, 3, S, S)`` to ``(n,)``."""

    def __init__(self, network: SlicedNetwork, layer: int, group: Group) -> None:
        assert group.activations is not None
        self._ladder, self._layer = network.ladder, layer
        self._program = network.ladder.maps_up_to(layer)
        self._weights = torch.zeros(network.ladder.points[layer].channels)
        for channel, usual in zip(group.neurons, group.activations, strict=True):
            self._weights[channel] = 1 / (len(group.neurons) * (abs(usual) + EPSILON))
        self._weights = self._weights.to(network.device)

    def __call__(self, inputs: Tensor) -> Tensor:
        return self._ladder.pool(self._program(inputs)[-1], self._layer) @ self._weights


def _mean_slope(target: _Target, x: Tensor, nodes: int, at_once: int) -> Tensor:
    """``∫₀¹ ∂g/∂x (t·x) dt``, shaped as ``x``."""
    places, shares = np.polynomial.legendre.leggauss(nodes)
    total = torch.zeros_like(x)
    for start in range(0, nodes, at_once):
        batch = slice(start, start + at_once)
        along = (x * x.new_tensor((places[batch] + 1) / 2)[:, None, None, None]).requires_grad_()
        with torch.enable_grad():
            (gradients,) = torch.autograd.grad(target(along), along, x.new_tensor(shares[batch] / 2))
        total += gradients.sum(dim=0, keepdim=True)
    return total


def area_sums(pixels: Floats) -> Floats:
    """Pixels ``(S, S)`` in at most :data:`CELLS` cells a side, each the sum of what lies in it."""
    means = shrink(pixels, CELLS)
    return means * (pixels.size / means.size)
