"""How strongly a neuron group fires for a patch and for an image: the measure ``M``.

1. ``m_a`` is the mean activation of neuron ``a`` over its own patches in the group.
2. A patch ``v`` scores ``exp(mean over a ∈ G of log(max(φ_a(v), 0) / (|m_a| + ε) + ε))``. A geometric mean, so that
   one silent neuron keeps the whole group low; about 1 where all neurons are as active as on their own patches.
3. An image scores as its best patch: ``M(u, G)`` is the maximum over its crops.

References: section 5 of the paper (image debugging).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

EPSILON: Final = 1e-6
"""``ε``: a silent neuron counts as a millionth of its usual activation, so that the logarithm is finite."""


def usual_activations(table: NDArray[np.float32], patches: Mapping[int, Sequence[int]]) -> tuple[float, ...]:
    """``m_a`` of each neuron of a group, by rising channel.

    Args:
        table: pooled activations of the group's layer, ``(|D|, C)``.
        patches: for each of the group's channels its own patches in the group, as rows of ``table``.
    """
    return tuple(float(table[list(patches[a]), a].mean(dtype=np.float64)) for a in sorted(patches))


def patch_scores(activations: NDArray[Any], channels: Sequence[int], usual: Sequence[float]) -> Floats:
    """What each patch scores for one group, ``(n,)``, at least ``ε``.

    Args:
        activations: pooled activations ``φ`` of the group's layer, ``(n, C)``.
        channels: the group's neurons.
        usual: ``m_a`` of each.
    """
    fired = np.maximum(activations[:, list(channels)].astype(np.float64), 0)
    shares = fired / (np.abs(np.asarray(usual, dtype=np.float64)) + EPSILON)
    return np.asarray(np.exp(np.log(shares + EPSILON).mean(axis=1)))


def image_scores(scores: Floats, images: Sequence[int], count: int) -> Floats:
    """``M`` of each of ``count`` images: the highest of its patches' scores.

    Args:
        scores: of the patches, ``(n,)``.
        images: for each patch the position of its image; every image has one at least.
        count: of the images.
    """
    best = np.zeros(count)
    np.maximum.at(best, np.asarray(images, dtype=np.int64), scores)
    return best
