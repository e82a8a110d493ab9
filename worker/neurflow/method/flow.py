"""Compute the edges between groups and the flow of the class logit through the circuit.

1. A core neuron ``s`` of part ``V_a^i`` may belong to several semantic groups of the lower layer. They share its weight
   in inverse proportion to their distance from ``V_a^i``: the distance between the mean vectors of the two sets of
   patches, in the space in which the lower layer is grouped. The shares sum to one.
2. ``W(G, H) = Σ over V_a^i ∈ G, parts V_s^j ∈ H of w(V_a^i, s) · share(V_a^i, V_s^j)``, with the positive and the
   negative terms summed separately. The terms of the sum are the edge's *links*.
3. The same weight splits by patch: patch ``v`` carries
   ``Σ over V_a^i ∈ G that hold v, V_s^j ∈ H of share(V_a^i, V_s^j) · (what v carries of w(V_a^i, s))``.
4. Flow: the class's parts start with their fraction of its patches, which sum to one. Each part passes its flow on to
   its core neurons' parts by weight and share, signed. A group's *contribution* is the sum over its parts; the absolute
   contributions of a layer sum to at most one.

References: section 3.4 of the paper; the shares and the flow, which avoid double counting, are our additions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neurflow.method.neuron_groups import Member, NeuronGroup, centre

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Wiring:
    """The connections between the semantic groups of two layers, ``(upper, lower)`` each.

    Attributes:
        core: position of the lower neuron in the upper neuron's core set, -1 if it is not a core neuron.
        shares: share of the lower semantic group in its neuron's weight, 0 if there is none.
        weights: weight times share.
    """

    core: NDArray[np.int64]
    shares: Floats
    weights: Floats


@dataclass(frozen=True)
class GroupEdge:
    """An edge from group ``lower`` to group ``upper`` (positions); ``weight = positive + negative``.

    Attributes:
        links: upper member, lower member and weight of each non-zero term, by descending absolute weight.
        patches: the patches that carry the most and what they carry, by descending absolute weight; indices into ``D``.
    """

    lower: int
    upper: int
    positive: float
    negative: float
    links: tuple[tuple[int, int, float], ...]
    patches: tuple[tuple[int, float], ...]


def wire(
    upper: Sequence[Member],
    cores: Mapping[int, Sequence[int]],
    lower: Sequence[Member],
    space: NDArray[np.float32],
) -> Wiring:
    """Compute the weights between the semantic groups of two layers.

    Args:
        upper: the upper layer's semantic groups.
        cores: core channels of each upper neuron, in the order of its parts' weights.
        lower: the lower layer's semantic groups.
        space: vectors by which the lower layer is grouped, ``(|D|, C)``.
    """
    centres = np.stack([centre(member.part.patches, space) for member in lower])
    of_channel: dict[int, list[int]] = {}
    for position, member in enumerate(lower):
        of_channel.setdefault(member.channel, []).append(position)
    core = np.full((len(upper), len(lower)), -1)
    parts, weights = np.zeros(core.shape), np.zeros(core.shape)
    for row, member in enumerate(upper):
        own = centre(member.part.patches, space)
        for place, (channel, weight) in enumerate(zip(cores[member.channel], member.part.weights, strict=True)):
            columns = of_channel[channel]
            core[row, columns] = place
            parts[row, columns] = shares(np.linalg.norm(centres[columns] - own, axis=1))
            weights[row, columns] = weight * parts[row, columns]
    return Wiring(core, parts, weights)


def shares(distances: Floats) -> Floats:
    """Return inverse distances scaled to sum to one; parts at distance zero take everything."""
    nearest = distances == 0
    if nearest.any():
        return np.asarray(nearest / nearest.sum())
    inverse = distances.min() / distances
    return np.asarray(inverse / inverse.sum())


def group_edges(
    wiring: Wiring, parts: Sequence[Member], upper: Sequence[NeuronGroup], lower: Sequence[NeuronGroup], most: int
) -> Iterator[GroupEdge]:
    """Yield the edges between two layers' groups; pairs without a common core neuron have none.

    Args:
        wiring: connections of their semantic groups.
        parts: the upper layer's semantic groups.
        upper: the upper layer's groups.
        lower: the lower layer's groups.
        most: maximum number of patches per edge.
    """
    for target, high in enumerate(upper):
        patches, carried = weights_by_patch(wiring, parts, high, lower)
        for source, low in enumerate(lower):
            block = wiring.weights[np.ix_(high.members, low.members)]
            plus, minus = float(np.maximum(block, 0).sum()), float(np.minimum(block, 0).sum())
            if not plus and not minus:
                continue
            rows, columns = np.nonzero(block)
            values = block[rows, columns]
            links = [(high.members[rows[i]], low.members[columns[i]], float(values[i])) for i in heaviest(values)]
            own = carried[:, source]
            heavy = [(patches[i], float(own[i])) for i in heaviest(own)[:most] if own[i]]
            yield GroupEdge(source, target, plus, minus, tuple(links), tuple(heavy))


def weights_by_patch(
    wiring: Wiring, parts: Sequence[Member], high: NeuronGroup, lower: Sequence[NeuronGroup]
) -> tuple[list[int], Floats]:
    """Compute what each patch of an upper group carries of the group's edges.

    Returns:
        The group's patches as ascending indices into ``D``, and ``(patches, len(lower))``, which sums over the patches
        to the weight of each edge.
    """
    patches = sorted({patch for member in high.members for patch in parts[member].part.patches})
    place = {patch: position for position, patch in enumerate(patches)}
    group_of = np.empty(wiring.shares.shape[1], dtype=np.int64)
    for source, low in enumerate(lower):
        group_of[list(low.members)] = source
    carried = np.zeros((len(patches), len(lower)))
    for member in high.members:
        part = parts[member].part
        (columns,) = np.nonzero(wiring.core[member] >= 0)
        flows = np.zeros((len(part.weights), len(lower)))
        np.add.at(flows, (wiring.core[member, columns], group_of[columns]), wiring.shares[member, columns])
        # A part holds each patch at most once.
        carried[[place[patch] for patch in part.patches]] += part.patch_weights() @ flows
    return patches, carried


def heaviest(values: Floats) -> list[int]:
    """Return positions by descending absolute value; ties keep their order."""
    return [int(position) for position in np.argsort(-np.abs(values), kind="stable")]


def class_flow(top: Sequence[Member]) -> Floats:
    """Return the flow into the class's parts: the fraction of its patches in each part, ``(len(top),)``."""
    sizes = np.array([len(member.part.patches) for member in top], dtype=np.float64)
    return np.asarray(sizes / sizes.sum())
