"""Where in an image groups fire: the feature maps of the image's crops, put back where they were cut.

1. The map of a group on a crop is, in each cell, the mean over its neurons of ``max(F_a, 0) / (|m_a| + ε)``: how active
   they are there, of what is usual for them. In layers without space the whole crop is one cell.
2. Each map is multiplied by the crop's score (:mod:`neurflow.method.firing`), so that crops in which some of a group's
   neurons are silent count for little.
3. The maps of one crop size are laid on a grid over the part of the image that the network sees, and averaged, by
   areas, over all crops of that size that cover a cell. The result is the mean over the crop sizes that cover it.

Each neuron is scaled before, and the score weighs after, since the geometric mean itself would vanish in every cell in
which one neuron of the group peaks a little beside the others.

References: ours, after the crops of "CRAFT" (Fel et al., CVPR 2023), which are put back in place likewise.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import numpy as np
import torch
from torch import Tensor

from neurflow.lens.reading import Place
from neurflow.method.firing import EPSILON, Floats
from neurflow.method.heat_maps import grid
from neurflow.network.graph import CutPoint
from neurflow.network.narrow import Tokens, pool
from neurflow.result.circuit import Box, Group

SIDE: Final = 32
"""Cells along a side of the grid: a window of a quarter of the image, half a window on, begins at a cell's rim."""


class LayerMaps:
    """The groups of one layer: from the layer's maps of crops to the groups' own."""

    def __init__(self, point: CutPoint, tokens: Tokens, groups: Sequence[Group]) -> None:
        """Begin with groups that keep their activations."""
        self._point, self._tokens, self._shape = point, tokens, grid(point, tokens)
        self._weights = torch.zeros(len(groups), point.channels)
        for row, group in zip(self._weights, groups, strict=True):
            for channel, usual in zip(group.neurons, group.activations or (), strict=True):
                row[channel] = 1 / (len(group.neurons) * (abs(usual) + EPSILON))

    def of(self, maps: Tensor) -> Tensor:
        """The maps of each group on each crop, ``(n, G, h, w)`` on the CPU, from the layer's, ``(n, …)``."""
        axis, (height, width) = self._point.channel_axis, self._shape or (1, 1)
        weights = self._weights.to(maps.device)
        if self._shape is None:
            maps, axis = pool(maps, axis, self._tokens)[..., None], 1
        if self._shape is None or self._point.node.target is not torch.ops.aten.relu.default:
            maps = maps.clamp_min(0)
        last = maps.movedim(axis, -1)
        # All channels as they lie in memory: to pick out those of the groups costs more than to multiply by 0.
        if last.is_contiguous():
            weighed = torch.matmul(last, weights.T).flatten(1, -2).mT
        else:
            weighed = torch.matmul(weights, maps.movedim(axis, 1).flatten(2))
        # A class token comes first.
        return weighed[..., -height * width :].reshape(len(maps), -1, height, width).cpu()


def places(maps: Tensor, scores: Floats, sizes: Sequence[Sequence[Box]], area: Box) -> list[Place]:
    """Where each group of a layer fires.

    Args:
        maps: of each group on each crop, ``(n, G, h, w)``.
        scores: of each crop for each group, ``(n, G)``.
        sizes: for each crop size its boxes, the crops in order.
        area: what the grid covers, a square.
    """
    height, width = maps.shape[2:]
    scored = maps * torch.from_numpy(scores).to(maps)[:, :, None, None]
    total = torch.zeros(maps.shape[1], SIDE, SIDE)
    counts, start = torch.zeros(SIDE, SIDE), 0
    for boxes in sizes:
        own = scored[start : start + len(boxes)]
        start += len(boxes)
        spans = (boxes[0].right - boxes[0].left, area.right - area.left)
        rows = _cover(tuple(box.top - area.top for box in boxes), *spans, height)
        columns = _cover(tuple(box.left - area.left for box in boxes), *spans, width)
        wide = torch.matmul(own.flatten(1, 2), columns.mT).reshape(*own.shape[:3], SIDE).transpose(1, 2)
        laid = torch.matmul(rows.movedim(0, 1).flatten(1), wide.flatten(2).flatten(0, 1))
        laid = laid.reshape(SIDE, -1, SIDE).movedim(1, 0)
        covered = torch.matmul(rows.sum(2).T, columns.sum(2))
        total += torch.where(covered > 0, laid / covered.clamp_min(1e-12), 0)
        counts += covered > 0
    mean = total / counts.clamp_min(1)
    return [Place(SIDE, SIDE, tuple(values.flatten().tolist())) for values in mean]


@lru_cache(maxsize=64)
def _cover(starts: tuple[int, ...], size: int, side: int, cells: int) -> Tensor:
    """The share of each of the grid's rows that each row of a crop's map covers, ``(n, SIDE, cells)``.

    Args:
        starts: of the crops, in pixels from where the grid begins.
        size: of each crop in pixels.
        side: of the grid in pixels.
        cells: rows of a map.
    """
    unit = SIDE / side
    length = size * unit / cells
    low = (np.array(starts)[:, None] * unit + length * np.arange(cells))[:, None, :]
    rows = np.arange(SIDE)[None, :, None]
    overlap = np.minimum(low + length, rows + 1) - np.maximum(low, rows)
    return torch.from_numpy(np.maximum(overlap, 0)).float()


def as_array(place: Place) -> Floats:
    """The grid as ``(height, width)``."""
    return np.array(place.values).reshape(place.height, place.width)
