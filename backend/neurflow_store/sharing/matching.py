"""Matching of a circuit's groups before and after it is computed again.

1. Two groups of one layer can match if the Jaccard index of their neurons is at least 0.5.
2. Sort the pairs: those with identical neurons first, the others by the overlap of their exemplars, which is the
   Jaccard index of the boxes, each with its image; then by that of their neurons. Ties keep the order of the
   groups.
3. From the first pair on, accept each pair whose two groups are both still free.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

ENOUGH: Final = 0.5
"""Lowest Jaccard index of the neurons."""

Box = tuple[str, int, int, int, int]
"""A patch: its image's name, left, top, right, bottom."""


@dataclass(frozen=True)
class Known:
    """What identifies a group: ``layer`` by name, ``neurons`` by channel, ``boxes`` of its exemplars."""

    id: str
    layer: str
    neurons: frozenset[int]
    boxes: frozenset[Box] = frozenset()


def matched(before: Sequence[Known], after: Sequence[Known]) -> dict[str, str]:
    """Return the new id by the old id, for the groups that still exist.

    >>> old = [Known("a/0", "a", frozenset({1, 2, 3})), Known("a/1", "a", frozenset({7}))]
    >>> matched(old, [Known("a/0", "a", frozenset({7})), Known("a/1", "a", frozenset({1, 2}))])
    {'a/1': 'a/0', 'a/0': 'a/1'}
    """
    ranked = sorted(_pairs(before, after), key=lambda pair: (-pair[0], -pair[1], -pair[2], pair[3], pair[4]))
    found: dict[str, str] = {}
    taken: set[int] = set()
    for *_, old, new in ranked:
        if before[old].id not in found and new not in taken:
            found[before[old].id] = after[new].id
            taken.add(new)
    return found


def jaccard(one: AbstractSet[Hashable], other: AbstractSet[Hashable]) -> float:
    """Return the Jaccard index of two sets, in [0, 1]; 0 for two empty sets.

    >>> jaccard({1, 2, 3}, {2, 3, 4})
    0.5
    """
    union = len(one | other)
    return len(one & other) / union if union else 0.0


def _pairs(before: Sequence[Known], after: Sequence[Known]) -> Iterator[tuple[bool, float, float, int, int]]:
    """Yield candidate pairs: whether their neurons are identical, the overlaps of boxes and neurons, the indices."""
    holding: dict[tuple[str, int], list[int]] = defaultdict(list)
    for place, group in enumerate(after):
        for neuron in group.neurons:
            holding[group.layer, neuron].append(place)
    for old, group in enumerate(before):
        near = {place for neuron in group.neurons for place in holding.get((group.layer, neuron), ())}
        for new in near:
            overlap = jaccard(group.neurons, after[new].neurons)
            if overlap >= ENOUGH:
                yield overlap == 1.0, jaccard(group.boxes, after[new].boxes), overlap, old, new
