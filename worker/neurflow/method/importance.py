"""Measure how much the class logit drops when a group is knocked out, on images that were not traced.

For each held-out image, compute the feature map of the group's layer, set the channels of the group's neurons to zero,
and run the rest of the network. The drop is the class logit before minus the class logit after.

References: section 4 of the paper (masking of core neurons).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from neurflow.network.layers import Ladder
from neurflow.progress import Progress


def knock_out(maps: Tensor, channels: Sequence[int], channel_axis: int) -> Tensor:
    """Return a copy of feature maps ``(N, …)`` with these channels set to zero."""
    knocked = maps.clone()
    knocked.index_fill_(channel_axis, torch.tensor(sorted(channels), device=maps.device), 0)
    return knocked


def logit_drops(
    ladder: Ladder,
    images: Tensor,
    class_index: int,
    groups: Sequence[Sequence[Sequence[int]]],
    batch_size: int,
    progress: Progress,
) -> list[NDArray[np.float64]]:
    """Compute the mean drop of the class logit when each group is knocked out.

    Args:
        ladder: the layers.
        images: network input, ``(N, 3, S, S)``, ``N ≥ 1``, on the device that computes.
        class_index: index of the class.
        groups: for each layer, the channels of each of its groups.
        batch_size: images in one forward pass.
        progress: called with stage ``"importance"`` and the number of groups times batches done.

    Returns:
        For each layer, the drop of each group in logits; negative if the logit rises.
    """
    drops = [np.zeros(len(layer)) for layer in groups]
    up = ladder.maps_up_to(len(ladder) - 1)
    rest = [ladder.to_logits(layer) for layer in range(len(ladder))]
    starts = range(0, len(images), batch_size)
    total, done = len(starts) * sum(len(layer) for layer in groups), 0
    progress("importance", 0, total)
    for start in starts:
        with torch.no_grad():
            maps = up(images[start : start + batch_size])
            before = maps[-1][:, class_index].cpu().double()
            for layer, layer_groups in enumerate(groups):
                axis = ladder.points[layer].channel_axis
                for position, channels in enumerate(layer_groups):
                    (after,) = rest[layer](knock_out(maps[layer], channels, axis))
                    drops[layer][position] += float((before - after[:, class_index].cpu().double()).sum())
                    done += 1
                    progress("importance", done, total)
    return [drop / len(images) for drop in drops]
