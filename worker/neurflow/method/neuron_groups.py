"""Cluster a layer's semantic groups into neuron groups and select each group's exemplars.

1. Represent each semantic group by the mean of its patches' vectors (pooled activations of the layer below). Apply Ward
   clustering with the number of clusters selected by silhouette. A single neuron (the class) forms one group.
2. A group's exemplars are the patches nearest to its centre, the mean of its semantic groups' vectors; no two show the
   same place of the same image.

References: section 3.3 of the paper.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neurflow.method.clustering import Clustering, cluster
from neurflow.method.semantic_groups import ConceptPart
from neurflow.result.circuit import Box

SAME_PLACE = 0.5
"""Two patches of an image show the same place if their overlap covers this fraction of the smaller one."""


@dataclass(frozen=True)
class Member:
    """A semantic group as a member of a neuron group: its neuron's channel and the part."""

    channel: int
    part: ConceptPart


@dataclass(frozen=True)
class NeuronGroup:
    """A cluster of semantic groups of one layer.

    Attributes:
        members: positions in the layer's list of members.
        silhouette: mean over the members in [-1, 1], ``None`` if the layer has only one group.
        centre: mean of the members' vectors, ``(C,)``.
    """

    members: tuple[int, ...]
    silhouette: float | None
    centre: NDArray[np.float64]


def group_neurons(members: Sequence[Member], space: NDArray[np.float32], most: int) -> tuple[NeuronGroup, ...]:
    """Group a layer's semantic groups; the groups with the most patches come first.

    Args:
        members: the layer's semantic groups.
        space: pooled activations that represent the patches in this layer, ``(|D|, C)``.
        most: maximum number of groups.
    """
    vectors = np.stack([centre(member.part.patches, space) for member in members])
    alone = len({member.channel for member in members}) == 1
    clustering = Clustering(np.zeros(len(members), dtype=np.int64), None) if alone else cluster(vectors, most, 0.0)
    groups = []
    for label in range(clustering.count):
        positions = np.flatnonzero(clustering.labels == label)
        chosen = tuple(int(position) for position in positions)
        groups.append(NeuronGroup(chosen, clustering.silhouette(label), vectors[positions].mean(axis=0)))
    return tuple(sorted(groups, key=lambda group: -sum(len(members[i].part.patches) for i in group.members)))


def centre(patches: Sequence[int], space: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the mean vector of some patches, ``(C,)``."""
    mean: NDArray[np.float64] = space[list(patches)].mean(axis=0, dtype=np.float64)
    return mean


def choose_exemplars(
    patches: Sequence[int],
    centre: NDArray[np.float64],
    space: NDArray[np.float32],
    places: Sequence[tuple[int, Box]],
    most: int,
) -> tuple[int, ...]:
    """Select the patches nearest to a group's centre, no two from the same place of the same image.

    Args:
        patches: candidates, as indices into ``D``.
        centre: ``(C,)``.
        space: ``(|D|, C)``.
        places: image and box of every patch of ``D``.
        most: maximum number of exemplars.
    """
    candidates = sorted(set(patches))
    distances = np.linalg.norm(space[candidates].astype(np.float64) - centre, axis=1)
    chosen: list[int] = []
    for index in np.argsort(distances, kind="stable"):
        patch = candidates[int(index)]
        if not any(same_place(places[patch], places[other]) for other in chosen):
            chosen.append(patch)
        if len(chosen) == most:
            break
    return tuple(chosen)


def same_place(first: tuple[int, Box], second: tuple[int, Box]) -> bool:
    """Return whether two patches show the same place of the same image (see :data:`SAME_PLACE`)."""
    (image, a), (other, b) = first, second
    if image != other:
        return False
    width = max(0, min(a.right, b.right) - max(a.left, b.left))
    height = max(0, min(a.bottom, b.bottom) - max(a.top, b.top))
    smaller = min(_area(a), _area(b))
    return width * height >= SAME_PLACE * smaller


def _area(box: Box) -> int:
    return (box.right - box.left) * (box.bottom - box.top)
