"""Augment a batch of training crops at random, so that neither position nor colour alone decides.

1. Mirror half of the crops from left to right.
2. Show part of each crop: 75 to 100 % of its side, rotated by up to 10 degrees, anywhere within it.
3. Change brightness, contrast and saturation, and tint each colour channel; a quarter of the crops lose all colour.

Grey pictures are tinted, too: otherwise greyness itself would distinguish them from coloured ones.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional

_LUMA = (0.299, 0.587, 0.114)  # ITU-R BT.601


def augment(crops: Tensor, random: torch.Generator) -> Tensor:
    """Augment crops ``(N, 3, S, S)`` of values in [0, 1] at random; the result has the same shape and range."""
    return _recolour(_move(crops, random), random).clamp_(0, 1)


def _move(crops: Tensor, random: torch.Generator) -> Tensor:
    count = len(crops)
    mirror = 1 - 2 * torch.randint(0, 2, (count,), generator=random).float()
    zoom = _uniform(count, 0.75, 1.0, random)
    turn = _uniform(count, -math.pi / 18, math.pi / 18, random)
    shift = torch.stack([_uniform(count, -1, 1, random), _uniform(count, -1, 1, random)], dim=1) * (1 - zoom)[:, None]
    cosine, sine = zoom * turn.cos(), zoom * turn.sin()
    rows = torch.stack([mirror * cosine, -sine, shift[:, 0], mirror * sine, cosine, shift[:, 1]], dim=1)
    grid = functional.affine_grid(rows.view(count, 2, 3), list(crops.shape), align_corners=False)
    return functional.grid_sample(crops, grid, padding_mode="reflection", align_corners=False)


def _recolour(crops: Tensor, random: torch.Generator) -> Tensor:
    count = len(crops)
    luma = (crops * crops.new_tensor(_LUMA).view(1, 3, 1, 1)).sum(dim=1, keepdim=True)
    saturation = _uniform(count, 0.5, 1.5, random)
    saturation[torch.rand(count, generator=random) < 0.25] = 0
    crops = luma + (crops - luma) * saturation.view(count, 1, 1, 1)
    middle = crops.mean(dim=(1, 2, 3), keepdim=True)
    contrast = _uniform(count, 0.65, 1.4, random).view(count, 1, 1, 1)
    brightness = _uniform(count, 0.7, 1.35, random).view(count, 1, 1, 1)
    tint = _uniform(count * 3, 0.88, 1.12, random).view(count, 3, 1, 1)
    return (middle + (crops - middle) * contrast) * brightness * tint


def _uniform(count: int, low: float, high: float, random: torch.Generator) -> Tensor:
    return low + (high - low) * torch.rand(count, generator=random)
