"""Compute where in an image groups fire: the feature maps of its crops, put back in their places.

1. The map of a group on a crop is, in each cell, the mean over its neurons of ``max(F_a, 0) / (|m_a| + ε)``: their
   activation relative to their usual one. In layers without spatial dimensions the whole crop is one cell.
2. Each map is multiplied by the crop's score (:mod:`neurflow.method.firing`), so that crops on which some of the
   group's neurons are silent count little.
3. The maps of one crop size are placed on a grid over the part of the image that the network sees and averaged by area
   over all crops of that size that cover a cell. The result is the mean over the crop sizes that cover the cell.

Neurons are scaled first and crops weighted by their score afterwards, because the geometric mean itself would vanish in
every cell where the peaks of two neurons do not quite meet.

References: our addition, after "CRAFT" (Fel et al., CVPR 2023), which puts crops back in the same way.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import numpy as np
import torch
from torch import Tensor

from neurflow.lens.reading import FiringMap
from neurflow.method.firing import EPSILON, Floats
from neurflow.method.heat_maps import grid
from neurflow.network.graph import CutPoint
from neurflow.network.narrow import Tokens, pool
from neurflow.result.circuit import Box, Group

SIDE: Final = 32
"""Cells along a side of the grid; windows of a quarter of the image, half a window apart, start at cell borders."""


class GroupMaps:
    """The groups of one layer: converts the layer's maps of crops to the groups' maps."""

    def __init__(self, point: CutPoint, tokens: Tokens, groups: Sequence[Group]) -> None:
        """Create from groups that have their activations."""
        self._point, self._tokens, self._shape = point, tokens, grid(point, tokens)
        self._weights = torch.zeros(len(groups), point.channels)
        for row, group in zip(self._weights, groups, strict=True):
            for channel, usual in zip(group.neurons, group.activations or (), strict=True):
                row[channel] = 1 / (len(group.neurons) * (abs(usual) + EPSILON))

    def of(self, maps: Tensor) -> Tensor:
        """Return the map of each group on each crop, ``(n, G, h, w)`` on the CPU, from the layer's, ``(n, …)``."""
        axis, (height, width) = self._point.channel_axis, self._shape or (1, 1)
        weights = self._weights.to(maps.device)
        if self._shape is None:
            maps, axis = pool(maps, axis, self._tokens)[..., None], 1
        if self._shape is None or self._point.node.target is not torch.ops.aten.relu.default:
            maps = maps.clamp_min(0)
        last = maps.movedim(axis, -1)
        # Multiply all channels, many by 0: selecting those of the groups would cost more.
        if last.is_contiguous():
            weighed = torch.matmul(last, weights.T).flatten(1, -2).mT
        else:
            weighed = torch.matmul(weights, maps.movedim(axis, 1).flatten(2))
        # The class token comes first.
        return weighed[..., -height * width :].reshape(len(maps), -1, height, width).cpu()


def firing_maps(maps: Tensor, scores: Floats, sizes: Sequence[Sequence[Box]], area: Box) -> list[FiringMap]:
    """Compute where each group of a layer fires.

    Args:
        maps: the map of each group on each crop, ``(n, G, h, w)``.
        scores: the score of each crop for each group, ``(n, G)``.
        sizes: the boxes of each crop size, in the order of the crops.
        area: the square that the grid covers.
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
    return [FiringMap(SIDE, SIDE, tuple(values.flatten().tolist())) for values in mean]


@lru_cache(maxsize=64)
def _cover(starts: tuple[int, ...], size: int, side: int, cells: int) -> Tensor:
    """Return the fraction of each of the grid's rows that each row of a crop's map covers, ``(n, SIDE, cells)``.

    Args:
        starts: offsets of the crops from the start of the grid, in pixels.
        size: size of each crop in pixels.
        side: side of the grid in pixels.
        cells: rows of a map.
    """
    unit = SIDE / side
    length = size * unit / cells
    low = (np.array(starts)[:, None] * unit + length * np.arange(cells))[:, None, :]
    rows = np.arange(SIDE)[None, :, None]
    overlap = np.minimum(low + length, rows + 1) - np.maximum(low, rows)
    return torch.from_numpy(np.maximum(overlap, 0)).float()


def as_array(place: FiringMap) -> Floats:
    """Return the grid as an array ``(height, width)``."""
    return np.array(place.values).reshape(place.height, place.width)
