"""Measure how strongly a neuron group fires for a patch and for an image: the score ``M``.

1. ``m_a`` is the mean activation of neuron ``a`` over its own patches in the group.
2. The score of a patch ``v`` is ``exp(mean over a ∈ G of log(max(φ_a(v), 0) / (|m_a| + ε) + ε))``. As a geometric
   mean it stays low if a single neuron is silent; it is about 1 if all neurons are as active as on their own patches.
3. The score of an image is that of its best patch: ``M(u, G)`` is the maximum over its crops.

References: section 5 of the paper (image debugging).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

EPSILON: Final = 1e-6
"""``ε``: keeps the logarithm finite; a silent neuron counts as a millionth of its usual activation."""


def usual_activations(table: NDArray[np.float32], patches: Mapping[int, Sequence[int]]) -> tuple[float, ...]:
    """Compute ``m_a`` of each neuron of a group, by ascending channel.

    Args:
        table: pooled activations of the group's layer, ``(|D|, C)``.
        patches: for each channel of the group, its own patches in the group as rows of ``table``.
    """
    return tuple(float(table[list(patches[a]), a].mean(dtype=np.float64)) for a in sorted(patches))


def patch_scores(activations: NDArray[Any], channels: Sequence[int], usual: Sequence[float]) -> Floats:
    """Score each patch for one group, ``(n,)``, at least ``ε``.

    Args:
        activations: pooled activations ``φ`` of the group's layer, ``(n, C)``.
        channels: the group's neurons.
        usual: ``m_a`` of each neuron.
    """
    fired = np.maximum(activations[:, list(channels)].astype(np.float64), 0)
    shares = fired / (np.abs(np.asarray(usual, dtype=np.float64)) + EPSILON)
    return np.asarray(np.exp(np.log(shares + EPSILON).mean(axis=1)))


def image_scores(scores: Floats, images: Sequence[int], count: int) -> Floats:
    """Compute ``M`` of each of ``count`` images: the maximum over its patches.

    Args:
        scores: scores of the patches, ``(n,)``.
        images: for each patch, the position of its image; every image has at least one patch.
        count: number of images.
    """
    best = np.zeros(count)
    np.maximum.at(best, np.asarray(images, dtype=np.int64), scores)
    return best
