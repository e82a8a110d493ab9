"""Split each neuron's concept into semantic groups, and weigh the core neurons' edges into each.

1. Represent every patch of ``V_a`` by the pooled activations of the layer below; cluster; 1 … 5 parts ``V_a^i``.
2. ``w(V_a^i, s) = mean_{v ∈ V_a^i} IG_s(v) / Σ_{s' ∈ S_a} |mean_{v ∈ V_a^i} IG_{s'}(v)|``: signed, and the
   absolute weights into a part sum to one.

References: section 3.3 of the paper.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neurflow.clustering import cluster


@dataclass(frozen=True)
class ConceptPart:
    """A semantic group ``V_a^i`` while the circuit is being made.

    Attributes:
        patches: indices into ``D``, highest activation first.
        silhouette: mean over the part in [-1, 1], ``None`` where the concept is whole.
        weights: ``w(V_a^i, s)`` for each core neuron, in its order; empty in the lowest layer.
    """

    patches: tuple[int, ...]
    silhouette: float | None
    weights: tuple[float, ...]


def split_concept(
    concept: NDArray[np.int64],
    below: NDArray[np.float32],
    core_attributions: NDArray[np.float64],
    max_parts: int,
    min_silhouette: float,
) -> tuple[ConceptPart, ...]:
    """The semantic groups of one neuron.

    Args:
        concept: ``V_a`` as indices into ``D``, ``(k,)``, highest activation first.
        below: pooled activations of the layer below on these patches, ``(k, C)``.
        core_attributions: ``IG_s(v)`` of the core neurons, ``(k, τ)``; ``(k, 0)`` in the lowest layer.
        max_parts: most parts tried.
        min_silhouette: mean silhouette that a split must reach.

    Returns:
        Parts in the order of their most active patch.
    """
    clustering = cluster(below, max_parts, min_silhouette)
    parts = []
    for label in range(clustering.count):
        members = clustering.labels == label
        weights = edge_weights(core_attributions[members])
        patches = tuple(int(patch) for patch in concept[members])
        parts.append(ConceptPart(patches, clustering.silhouette(label), tuple(float(w) for w in weights)))
    return tuple(parts)


def edge_weights(attributions: NDArray[np.float64]) -> NDArray[np.float64]:
    """Signed weights of core neurons into one part: ``(patches, τ)`` to ``(τ,)``; zeros where nothing flows."""
    mean = attributions.mean(axis=0)
    total = np.abs(mean).sum()
    return mean / total if total > 0 else np.zeros_like(mean)
