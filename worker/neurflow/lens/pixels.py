"""Attribute the firing of a neuron group to pixels: integrated gradients of the group with respect to the image.

1. Take the crop that fires the group most, as the network sees it: ``x``, ``(3, S, S)``, normalised.
2. The target is the group's activation relative to its usual activation: ``g(x) = mean over a ∈ G of
   φ_a(x) / (|m_a| + ε)``. Unlike the score ``M`` (:mod:`neurflow.method.firing`) it is an arithmetic mean and counts
   negative activations, so that it has a gradient everywhere.
3. ``IG_i = x_i · ∫₀¹ ∂g/∂x_i (t·x) dt`` for each value ``x_i``, by Gauss–Legendre nodes. The baseline is zero, which is
   a plain image in the mean colour of the training data. With a black baseline, black pixels could never speak for a
   group.
4. Sum over the colours, then over the pixels of each of at most 64 × 64 cells. Up to the error of the integral, all
   cells sum to ``g(x) − g(0)`` (completeness).

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
"""Maximum number of cells along a side of a map."""


@dataclass(frozen=True)
class PixelMap:
    """What each cell of a crop adds to the group's activation.

    Attributes:
        group: id of the group.
        box: the crop, in the image's own pixels; the map covers it.
        width: number of columns.
        height: number of rows.
        values: cells row by row from the top, signed, as fractions of the group's usual activation.
        total: sum of ``values``.
        expected: ``g(x) − g(0)``, which ``total`` approaches with more nodes.
    """

    group: str
    box: Box
    width: int
    height: int
    values: tuple[float, ...]
    total: float
    expected: float


def check_nodes(nodes: int) -> None:
    """Check that a number of nodes is allowed.

    Raises:
        ParameterError: the number is out of range.
    """
    if not 1 <= nodes <= MOST_NODES:
        raise ParameterError(f"nodes is {nodes}: choose a number from 1 to {MOST_NODES}")


def pixel_map(network: SlicedNetwork, layer: int, group: Group, crop: Tensor, box: Box, nodes: int = NODES) -> PixelMap:
    """Compute the pixel map of one group on one crop.

    Args:
        network: the circuit's network.
        layer: position of the group's layer.
        group: the group, with its activations.
        crop: network input, ``(1, 3, S, S)``.
        box: box of the crop.
        nodes: Gauss–Legendre nodes, 1 … 256.

    Raises:
        NumericalError: a gradient is NaN or infinite.
    """
    x = crop.to(network.device)
    with exact(network.device):
        target = _Target(network, layer, group)
        with torch.no_grad():
            high, low = target(torch.cat([x, torch.zeros_like(x)])).tolist()
        slope = _mean_slope(target, x, nodes, network.batch_size)
    # On the CPU, because Apple's GPUs have no float64.
    pixels = (slope * x).cpu().double().sum(dim=(0, 1)).numpy()
    if not np.isfinite(pixels).all():
        raise NumericalError(f"group {group.id}: gradients are NaN or infinite: check the weights, mean and std")
    cells = area_sums(pixels)
    height, width = cells.shape
    return PixelMap(group.id, box, width, height, tuple(cells.flat), float(cells.sum()), high - low)


class _Target:
    """Computes ``g`` from network input ``(n, 3, S, S)``; returns ``(n,)``."""

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
    """Return ``∫₀¹ ∂g/∂x (t·x) dt``, in the shape of ``x``."""
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
    """Sum pixels ``(S, S)`` over at most :data:`CELLS` cells a side."""
    means = shrink(pixels, CELLS)
    return means * (pixels.size / means.size)
