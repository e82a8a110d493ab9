"""Split each neuron's concept into semantic groups and compute the core neurons' edge weights into each.

1. Represent each patch of ``V_a`` by the pooled activations of the layer below and cluster into 1 … 5 parts ``V_a^i``.
2. ``w(V_a^i, s) = mean_{v ∈ V_a^i} IG_s(v) / Σ_{s' ∈ S_a} |mean_{v ∈ V_a^i} IG_{s'}(v)|``: signed; the absolute weights
   into a part sum to one.
3. A weight is the sum of what the part's patches carry of it: patch ``v`` carries ``IG_s(v) / |V_a^i|`` over the same
   denominator.

References: section 3.3 of the paper.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydantic import ConfigDict

from neurflow.method.clustering import cluster

_CARRIED = np.dtype("<f8")


@dataclass(frozen=True)
class ConceptPart:
    """A semantic group ``V_a^i`` of an unfinished circuit.

    Attributes:
        patches: indices into ``D``, highest activation first.
        silhouette: mean over the part in [-1, 1], ``None`` if the concept is not split.
        weights: ``w(V_a^i, s)`` for each core neuron, in its order; empty in the lowest layer.
        carried: what each patch carries of each weight, ``(patches, weights)``, as little-endian float64, since a
            checkpoint holds thousands of them.
    """

    __pydantic_config__ = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")
    patches: tuple[int, ...]
    silhouette: float | None
    weights: tuple[float, ...]
    carried: bytes

    def patch_weights(self) -> NDArray[np.float64]:
        """Return what each patch carries of each weight, ``(patches, weights)``; sums over patches to ``weights``."""
        return np.frombuffer(self.carried, _CARRIED).reshape(len(self.patches), len(self.weights))


def split_concept(
    concept: NDArray[np.int64],
    below: NDArray[np.float32],
    core_attributions: NDArray[np.float64],
    max_parts: int,
    min_silhouette: float,
) -> tuple[ConceptPart, ...]:
    """Split the concept of one neuron into semantic groups.

    Args:
        concept: ``V_a`` as indices into ``D``, ``(k,)``, highest activation first.
        below: pooled activations of the layer below on these patches, ``(k, C)``.
        core_attributions: ``IG_s(v)`` of the core neurons, ``(k, τ)``; ``(k, 0)`` in the lowest layer.
        max_parts: maximum number of parts.
        min_silhouette: minimum mean silhouette of a split.

    Returns:
        Parts in the order of their most active patch.
    """
    clustering = cluster(below, max_parts, min_silhouette)
    parts = []
    for label in range(clustering.count):
        members = clustering.labels == label
        weights, carried = edge_weights(core_attributions[members])
        patches = tuple(int(patch) for patch in concept[members])
        values = tuple(float(weight) for weight in weights)
        parts.append(ConceptPart(patches, clustering.silhouette(label), values, carried.astype(_CARRIED).tobytes()))
    return tuple(parts)


def edge_weights(attributions: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Compute the signed weights of core neurons into one part and what each patch carries; zeros if nothing flows.

    Args:
        attributions: ``IG_s(v)``, ``(patches, τ)``.

    Returns:
        ``(τ,)`` and ``(patches, τ)``; the latter sums over the patches to the former.
    """
    mean = attributions.mean(axis=0)
    total = np.abs(mean).sum()
    if not total > 0:
        return np.zeros_like(mean), np.zeros_like(attributions)
    return mean / total, attributions / (len(attributions) * total)
