"""Choose the layers of a circuit: the caller's, or a default ladder of about eight.

The default ladder is chosen from the network's cut points:

1. Candidates are blocks (modules with submodules) that are not inside another candidate. A module that contains more
   than half of all blocks is a wrapper, not a candidate. In networks with fewer than three blocks, the nonlinearities
   are the candidates.
2. Take the logits and the last candidate of each spatial resolution (rounded to a power of two).
3. Until there are ``size`` layers, add the candidate with the most candidates between it and those already taken, the
   later one on ties. When no candidates are left, continue with the blocks inside candidates.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from neurflow.network.graph import CutPoint, NetworkGraph
from neurflow.terms.errors import LayerError

LADDER_SIZE = 9


def choose_layers(graph: NetworkGraph, names: Sequence[str] | None) -> tuple[CutPoint, ...]:
    """Return the circuit's layers from low to high; the logits are always the last.

    Args:
        graph: the captured network.
        names: names of cut points in execution order, with or without the logits; ``None`` for the default ladder.

    Raises:
        LayerError: a name is unknown or repeated, names are out of order, or none is below the logits.
    """
    logits = graph.cut_points[-1]
    if names is None:
        return default_ladder(graph)
    points = [graph.find(name) for name in names]
    positions = [graph.cut_points.index(point) for point in points]
    for earlier, later, name in zip(positions, positions[1:], names[1:], strict=False):
        if later == earlier:
            raise LayerError(f"layer {name!r} is the same as the layer before it: name each layer once")
        if later < earlier:
            raise LayerError(f"layer {name!r} is below the layer listed before it: list layers from low to high")
    if not points or points[-1] is not logits:
        points.append(logits)
    if len(points) < 2:
        raise LayerError(f"no layer is given below the logits {logits.name!r}: name at least one lower layer")
    return tuple(points)


def default_ladder(graph: NetworkGraph, size: int = LADDER_SIZE) -> tuple[CutPoint, ...]:
    """Return about eight layers and the logits, spread over the network's depth and resolutions, low to high."""
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
