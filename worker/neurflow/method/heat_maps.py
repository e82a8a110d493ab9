"""Compute where in a patch a group fires: the mean of its neurons' feature maps.

1. Compute the feature maps of the layer for the exemplars' patches: one step of the network from the maps of the layer
   below, which the walk has just used.
2. Average over the group's channels; arrange tokens as their grid, without the class token. Before negative values are
   clamped, the mean of this map is the group's activation on the patch (pooled without the class token).
3. Average areas if the map exceeds the maximum size of a heat map; clamp negative values to 0; round to 256 levels.

References: our addition; the paper shows whole patches only.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from neurflow.method.feature_maps import FeatureMaps
from neurflow.network.graph import CutPoint
from neurflow.network.layers import Ladder
from neurflow.network.narrow import Tokens
from neurflow.result.circuit import HEAT_MAP_SIDE, HeatMap

_STEPS = 255


def heat_maps(
    ladder: Ladder, maps: FeatureMaps, layer: int, wanted: Sequence[tuple[int, Sequence[int]]]
) -> list[HeatMap | None]:
    """Compute the heat maps of patches, each for some channels of one layer.

    Args:
        ladder: the layers.
        maps: feature map cache; the maps of the layer below are prepared as needed.
        layer: index of the layer.
        wanted: a patch (index into ``D``) and channels for each heat map.

    Returns:
        One heat map for each entry of ``wanted``; all ``None`` if the layer has no spatial dimensions.
    """
    point = ladder.points[layer]
    if grid(point, ladder.tokens) is None:
        return [None] * len(wanted)
    below = max(layer - 1, 0)
    step = ladder.step(layer).program() if layer > 0 else None
    patches = sorted({patch for patch, _ in wanted})
    at_once = min(maps.batch_size, maps.capacity(below))
    found: dict[int, HeatMap] = {}
    for start in range(0, len(patches), at_once):
        batch = patches[start : start + at_once]
        maps.prepare(below, batch)
        values = maps.get(below, batch)
        if step is not None:
            with torch.no_grad():
                (values,) = step(values)
        row_of = {patch: row for row, patch in enumerate(batch)}
        for position, (patch, channels) in enumerate(wanted):
            if patch in row_of:
                found[position] = coarse(mean_map(values[row_of[patch]], point, channels, ladder.tokens))
    return [found[position] for position in range(len(wanted))]


def grid(point: CutPoint, tokens: Tokens) -> tuple[int, int] | None:
    """Return height and width of a layer's maps; ``None`` if they have no spatial dimensions or a single cell."""
    sizes = [size for axis, size in enumerate(point.shape) if axis != point.channel_axis - 1]
    if len(sizes) == 2:
        height, width = sizes
        return (height, width) if height * width > 1 else None
    if len(sizes) == 1 and tokens != "class":
        for count in (sizes[0], sizes[0] - 1):
            side = math.isqrt(max(count, 0))
            if side > 1 and side**2 == count:
                return side, side
    return None


def mean_map(value: Tensor, point: CutPoint, channels: Sequence[int], tokens: Tokens) -> NDArray[np.float64]:
    """Average one patch's map over some channels, ``(height, width)``; the layer must have spatial dimensions."""
    shape = grid(point, tokens)
    assert shape is not None
    index = torch.tensor(list(channels), device=value.device)
    # On the CPU, because Apple's GPUs have no float64.
    mean = value.index_select(point.channel_axis - 1, index).cpu().double().mean(point.channel_axis - 1)
    # The class token comes first.
    return np.asarray(mean.flatten()[-math.prod(shape) :].reshape(shape).numpy())


def coarse(values: NDArray[np.float64]) -> HeatMap:
    """Convert a map ``(height, width)`` to a heat map: at most the maximum size, at least 0, in 256 levels."""
    small = np.maximum(shrink(values, HEAT_MAP_SIDE), 0)
    highest = float(small.max())
    steps = np.rint(small / highest * _STEPS) if highest > 0 else small
    height, width = small.shape
    return HeatMap(width, height, highest, tuple(int(step) for step in steps.flat))


def shrink(values: NDArray[np.float64], most: int) -> NDArray[np.float64]:
    """Shrink a map to at most ``most`` cells a side by averaging areas; its mean is unchanged."""
    rows, columns = (_areas(size, min(size, most)) for size in values.shape)
    return np.asarray(rows @ values @ columns.T)


def _areas(size: int, cells: int) -> NDArray[np.float64]:
    """Return the fraction of each small cell in each large one, ``(cells, size)``; rows sum to one."""
    length = size / cells
    ends = np.arange(1, cells + 1)[:, None] * length
    places = np.arange(size)
    overlap = np.minimum(ends, places + 1) - np.maximum(ends - length, places)
    return np.asarray(np.maximum(overlap, 0) / length)
