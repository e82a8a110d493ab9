"""Integrated gradients of one neuron with respect to the layer below.

1. ``IG_s(v) = Σ over space of x_s(v) · ∫₀¹ ∂φ_a/∂x_s (t·x(v)) dt``, one signed number for each lower neuron ``s``
   and patch ``v``. Summing over space instead of averaging makes the attributions complete:
   ``Σ_s IG_s(v) = φ_a(v) − φ_a(0)``. The core sets and weights are the same either way.
2. Gauss–Legendre nodes approximate the integral at the frontier of the neuron's affine head
   (:mod:`neurflow.network.affine`); one backward pass carries it to ``x``. If the whole graph is affine, one node is
   exact.

References: Sundararajan, Taly & Yan, "Axiomatic Attribution for Deep Networks" (ICML 2017), eq. 1 and proposition 1;
section 3.2 of the paper.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import torch
from torch import Tensor, fx

from neurflow.network.affine import Split

_LEAST_ROWS = 4
"""Smaller batches are slower, even where these overflow the cache."""


class PathIntegral:
    """The path integral of one neuron over the patches of its concept."""

    def __init__(self, split: Split, x: Tensor, channel_axis: int, working_set: int) -> None:
        """Prepare the integral.

        Args:
            split: the neuron's graph, from the lower layer's feature map to ``φ_a``.
            x: feature maps of the lower layer, ``(k, …)``.
            channel_axis: channel axis of the lower layer.
            working_set: target size of one batch's values, in bytes.
        """
        self._split, self._axis = split, channel_axis
        self._x = x.detach().requires_grad_()
        with torch.enable_grad():
            self._heads = split.head.program()(self._x)
        with torch.no_grad():
            self._origin = split.head.program()(torch.zeros_like(x[:1]))
            self._rise = [z - z0 for z, z0 in zip(self._heads, self._origin, strict=True)]
            self._tail = split.tail.program()
        self._rows = max(_LEAST_ROWS, working_set // max(1, _row_bytes(split)))

    def change(self) -> Tensor:
        """Return ``φ_a(v) − φ_a(0)`` for each patch, ``(k,)``."""
        with torch.no_grad():
            (high,), (low,) = self._tail(*(z.detach() for z in self._heads)), self._tail(*self._origin)
        return high - low

    def attributions(self, nodes: int) -> Tensor:
        """Return ``IG_s(v)`` computed with ``nodes`` nodes, ``(k, C)`` for the ``C`` neurons of the lower layer."""
        if self._split.linear:
            slopes = [torch.ones_like(self._heads[0])]
        else:
            slopes = self._mean_slopes(*_gauss_legendre(nodes))
        (gradient,) = torch.autograd.grad(self._heads, self._x, slopes, retain_graph=True)
        axes = [axis for axis in range(1, gradient.dim()) if axis != self._axis]
        product = gradient * self._x.detach()
        return product.sum(axes) if axes else product

    def _mean_slopes(self, points: tuple[float, ...], weights: tuple[float, ...]) -> list[Tensor]:
        """Return ``∫₀¹ ∂φ_a/∂z dt`` for each part ``z`` of the frontier, in the shape of ``z``."""
        count = self._x.shape[0]
        slopes = [torch.empty_like(z) for z in self._rise]
        at_once = min(self._rows, count)
        for start in range(0, count, at_once):
            stop = min(start + at_once, count)
            rise = [z[start:stop] for z in self._rise]
            sums: list[Any] = [0] * len(rise)
            nodes_at_once = max(1, self._rows // (stop - start))
            for first in range(0, len(points), nodes_at_once):
                group = slice(first, first + nodes_at_once)
                parts = self._slopes_at(points[group], weights[group], rise)
                sums = [total + part for total, part in zip(sums, parts, strict=True)]
            for slope, total in zip(slopes, sums, strict=True):
                slope[start:stop] = total
        return slopes

    def _slopes_at(self, points: tuple[float, ...], weights: tuple[float, ...], rise: list[Tensor]) -> list[Tensor]:
        count = rise[0].shape[0]
        places = rise[0].new_tensor(points)
        along = [_along(z0, dz, places).requires_grad_() for z0, dz in zip(self._origin, rise, strict=True)]
        with torch.enable_grad():
            (activation,) = self._tail(*along)
            if not activation.requires_grad:  # the neuron does not depend on the layer below
                return [torch.zeros_like(dz) for dz in rise]
            # Weighting the output is cheaper than weighting every gradient.
            shares = rise[0].new_tensor(weights).repeat_interleave(count)
            gradients = torch.autograd.grad(activation, along, shares, materialize_grads=True)
        return [gradient.reshape(len(points), count, *gradient.shape[1:]).sum(0) for gradient in gradients]


def _along(origin: Tensor, rise: Tensor, places: Tensor) -> Tensor:
    """Return ``z(0) + t·(z(x) − z(0))`` for each node ``t``; the batch is ordered by node, then patch."""
    steps = places.reshape(-1, *[1] * rise.dim())
    return torch.addcmul(origin.unsqueeze(0), steps, rise.unsqueeze(0)).flatten(0, 1)


def _row_bytes(split: Split) -> int:
    """Return the bytes that one sample's values take up in the tail, forward and backward."""
    return 2 * sum(_size(node) for node in split.tail.graph.nodes if node.op != "get_attr")


def _size(node: fx.Node) -> int:
    value = node.meta.get("val")
    if not isinstance(value, Tensor) or value.dim() < 2:
        return 4
    sizes = [int(size) for size in value.shape[1:]]
    if (narrowed := node.meta.get("narrowed")) is not None and 0 < narrowed <= len(sizes):
        sizes[narrowed - 1] = 1
    return 4 * int(np.prod(sizes))


@lru_cache(maxsize=32)
def _gauss_legendre(nodes: int) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return the nodes and weights on [0, 1]."""
    places, weights = np.polynomial.legendre.leggauss(nodes)
    return tuple((places + 1) / 2), tuple(weights / 2)
