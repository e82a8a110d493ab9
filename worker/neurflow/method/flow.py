"""Group edges and the flow of the class logit through the circuit.

1. A core neuron ``s`` of part ``V_a^i`` may lie in several semantic groups of the lower layer. Its weight is shared
   among them in inverse proportion to their distance from ``V_a^i``: the distance between the mean vectors of the
   two sets of patches in the space in which the lower layer is grouped. The shares sum to one.
2. ``W(G, H) = Σ over V_a^i ∈ G, parts V_s^j ∈ H of w(V_a^i, s) · share(V_a^i, V_s^j)``, positive and negative apart.
   The terms of the sum are the edge's *links*.
3. Taken apart the other way, by the patches of ``G``'s parts, patch ``v`` carries
   ``Σ over V_a^i ∈ G that hold v, V_s^j ∈ H of share(V_a^i, V_s^j) · (what v carries of w(V_a^i, s))``.
4. Flow: the class's parts start with their share of its patches, one in all. What flows into a part flows on to its
   core neurons' parts by weight and share, signed. A group's *contribution* is the sum over its parts; no layer's
   contributions exceed one in absolute sum.

References: section 3.4 of the paper; the sharing and the flow are ours, so that nothing is counted twice.
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
    """How the semantic groups of two layers hang together, ``(upper, lower)`` each.

    Attributes:
        core: place of the lower neuron in the upper one's core, -1 where it is not there.
        shares: of the lower semantic group in its neuron's weight, 0 where that is not there.
        weights: weight times share.
    """

    core: NDArray[np.int64]
    shares: Floats
    weights: Floats


@dataclass(frozen=True)
class GroupEdge:
    """From group ``lower`` (position) to group ``upper`` one layer above; ``weight = positive + negative``.

    Attributes:
        links: upper member, lower member and weight of each term of the sum but zeros, the heaviest first.
        patches: the patches that carry most, with what they carry, the heaviest first; indices into ``D``.
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
    """Weights between semantic groups.

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
    """Inverse distances, scaled to sum to one; parts at distance zero take all."""
    nearest = distances == 0
    if nearest.any():
        return np.asarray(nearest / nearest.sum())
    inverse = distances.min() / distances
    return np.asarray(inverse / inverse.sum())


def group_edges(
    wiring: Wiring, parts: Sequence[Member], upper: Sequence[NeuronGroup], lower: Sequence[NeuronGroup], most: int
) -> Iterator[GroupEdge]:
    """Edges between two layers' groups; pairs that share no core neuron have none.

    Args:
        wiring: of their semantic groups.
        parts: the upper layer's semantic groups.
        upper: the upper layer's groups.
        lower: the lower layer's groups.
        most: patches told of an edge.
    """
    for target, high in enumerate(upper):
        patches, carried = carried_by(wiring, parts, high, lower)
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


def carried_by(
    wiring: Wiring, parts: Sequence[Member], high: NeuronGroup, lower: Sequence[NeuronGroup]
) -> tuple[list[int], Floats]:
    """What each patch of an upper group carries of its edges.

    Returns:
        The group's patches as rising indices into ``D``, and ``(patches, len(lower))``, whose sum over the patches is
        the weight of each edge.
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
        # No patch is twice in a part.
        carried[[place[patch] for patch in part.patches]] += part.patch_weights() @ flows
    return patches, carried


def heaviest(values: Floats) -> list[int]:
    """Positions by falling absolute value, the earlier first among equals."""
    return [int(position) for position in np.argsort(-np.abs(values), kind="stable")]


def class_flow(top: Sequence[Member]) -> Floats:
    """Flow into the class's parts: each one's share of its patches, ``(len(top),)``."""
    sizes = np.array([len(member.part.patches) for member in top], dtype=np.float64)
    return np.asarray(sizes / sizes.sum())
