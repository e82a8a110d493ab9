"""Choose the layers of a circuit: the caller's, or a default ladder of about eight.

The default ladder, from the network's cut points:

1. Candidates are blocks (modules made of modules) that lie in no other candidate. A module that holds more than
   half of all blocks is a wrapper and no candidate. A network with fewer than three blocks offers its nonlinearities.
2. The logits and the last candidate of each spatial resolution (to the nearest power of two) are taken.
3. While there are fewer than ``size``, the candidate with most candidates between it and those taken is added, the
   later one of equals; when no candidate is left, blocks inside candidates are offered.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from neurflow.network.graph import CutPoint, NetworkGraph
from neurflow.terms.errors import LayerError

LADDER_SIZE = 9


def choose_layers(graph: NetworkGraph, names: Sequence[str] | None) -> tuple[CutPoint, ...]:
    """The circuit's layers from low to high; the logits always come last.

    Args:
        graph: the captured network.
        names: cut points by name, in order of execution, with or without the logits; ``None`` for the default.

    Raises:
        LayerError: an unknown name, a name twice, names out of order, or none below the logits.
    """
    logits = graph.cut_points[-1]
    if names is None:
        return default_ladder(graph)
    points = [graph.find(name) for name in names]
    positions = [graph.cut_points.index(point) for point in points]
    for earlier, later, name in zip(positions, positions[1:], names[1:], strict=False):
        if later == earlier:
            raise LayerError(f"layer {name!r} is the same as the layer named ahead of it: name each layer once")
        if later < earlier:
            raise LayerError(f"layer {name!r} comes before the layer named ahead of it: list layers from low to high")
    if not points or points[-1] is not logits:
        points.append(logits)
    if len(points) < 2:
        raise LayerError(f"layers name nothing below the logits {logits.name!r}: give at least one lower layer")
    return tuple(points)


def default_ladder(graph: NetworkGraph, size: int = LADDER_SIZE) -> tuple[CutPoint, ...]:
    """About eight layers and the logits, spread over the network's depth and resolutions, low to high."""
    points = graph.cut_points
    logits = points[-1]
    blocks = [point for point in points[:-1] if point.kind == "block"]
    if len(blocks) < 3:
        blocks = [point for point in points[:-1] if point.kind == "activation"] or list(points[:-1])
        outer = blocks
    else:
        wrappers = {p for p in blocks if sum(_holds(p, other) for other in blocks) > len(blocks) / 2}
        blocks = [point for point in blocks if point not in wrappers]
        outer = [p for p in blocks if not any(_holds(other, p) for other in blocks)]
    order = {point: i for i, point in enumerate(points)}
    last_of_resolution = {_resolution(point): point for point in outer}
    taken = {*list(last_of_resolution.values())[-(size - 1) :], logits}
    for offer in (outer, blocks):
        rank = {point: i for i, point in enumerate(sorted({*offer, *taken}, key=order.__getitem__))}
        while len(taken) < min(size, len(rank)):
            left = [point for point in rank if point not in taken]
            taken.add(max(left, key=lambda p: (min(abs(rank[p] - rank[t]) for t in taken), rank[p])))
    return tuple(sorted(taken, key=order.__getitem__))


def _holds(outer: CutPoint, inner: CutPoint) -> bool:
    return inner.name.startswith(f"{outer.name}.")


def _resolution(point: CutPoint) -> tuple[int, ...]:
    shape = list(point.shape)
    del shape[point.channel_axis - 1]
    return tuple(round(math.log2(size)) for size in shape)
