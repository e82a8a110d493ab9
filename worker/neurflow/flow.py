"""Group edges and the flow of the class logit through the circuit.

1. A core neuron ``s`` of part ``V_a^i`` may lie in several semantic groups of the lower layer. Its weight is shared
   among them in inverse proportion to their distance from ``V_a^i``: the distance between the mean vectors of the
   two sets of patches in the space in which the lower layer is grouped. The shares sum to one.
2. ``W(G, H) = Σ over V_a^i ∈ G, parts V_s^j ∈ H of w(V_a^i, s) · share(V_a^i, V_s^j)``, positive and negative apart.
3. Flow: the class's parts start with their share of its patches, one in all. What flows into a part flows on to its
   core neurons' parts by weight and share, signed. A group's *contribution* is the sum over its parts; no layer's
   contributions exceed one in absolute sum.

References: section 3.4 of the paper; the sharing and the flow are ours, so that nothing is counted twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neurflow.neuron_groups import Member, NeuronGroup, centre


@dataclass(frozen=True)
class GroupEdge:
    """From group ``lower`` (position) to group ``upper`` one layer above; ``weight = positive + negative``."""

    lower: int
    upper: int
    positive: float
    negative: float


def part_weights(
    upper: Sequence[Member],
    cores: Mapping[int, Sequence[int]],
    lower: Sequence[Member],
    space: NDArray[np.float32],
) -> NDArray[np.float64]:
    """Weights between semantic groups, ``(len(upper), len(lower))``: weight times share.

    Args:
        upper: the upper layer's semantic groups.
        cores: core channels of each upper neuron, in the order of the parts' weights.
        lower: the lower layer's semantic groups.
        space: in which the lower layer is grouped, ``(|D|, C)``.
    """
    centres = np.stack([centre(member.part.patches, space) for member in lower])
    of_channel: dict[int, list[int]] = {}
    for position, member in enumerate(lower):
        of_channel.setdefault(member.channel, []).append(position)
    weights = np.zeros((len(upper), len(lower)))
    for row, member in enumerate(upper):
        own = centre(member.part.patches, space)
        for channel, weight in zip(cores[member.channel], member.part.weights, strict=True):
            columns = of_channel[channel]
            weights[row, columns] = weight * shares(np.linalg.norm(centres[columns] - own, axis=1))
    return weights


def shares(distances: NDArray[np.float64]) -> NDArray[np.float64]:
    """Inverse distances, scaled to sum to one; parts at distance zero take all."""
    nearest = distances == 0
    if nearest.any():
        return np.asarray(nearest / nearest.sum())
    inverse = distances.min() / distances
    return np.asarray(inverse / inverse.sum())


def group_edges(
    weights: NDArray[np.float64], upper: Sequence[NeuronGroup], lower: Sequence[NeuronGroup]
) -> list[GroupEdge]:
    """Edges between two layers' groups; pairs that share no core neuron have none."""
    positive, negative = np.maximum(weights, 0), np.minimum(weights, 0)
    edges = []
    for target, high in enumerate(upper):
        for source, low in enumerate(lower):
            block = np.ix_(high.members, low.members)
            plus, minus = float(positive[block].sum()), float(negative[block].sum())
            if plus or minus:
                edges.append(GroupEdge(source, target, plus, minus))
    return edges


def class_flow(top: Sequence[Member]) -> NDArray[np.float64]:
    """Flow into the class's parts: each one's share of its patches, ``(len(top),)``."""
    sizes = np.array([len(member.part.patches) for member in top], dtype=np.float64)
    return np.asarray(sizes / sizes.sum())
