"""Check a circuit's edges: their groups exist, and their links and patches add up to their weights."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from neurflow.result.circuit import EDGE_PATCHES, Edge, EdgeLink, EdgePatch, Group
from neurflow.result.circuit_index import Index
from neurflow.result.problems import TOLERANCE, repeated, shown


def problems_of_edges(index: Index) -> Iterator[str]:
    """Yield one line per problem."""
    edges = index.circuit.edges
    yield from repeated("edges", ((edge.source, edge.target) for edge in edges))
    for position, edge in enumerate(edges):
        place = f"edges[{position}]"
        source, target = index.groups.get(edge.source), index.groups.get(edge.target)
        for name, value, group in (("source", edge.source, source), ("target", edge.target, target)):
            if group is None:
                yield f"{place}.{name}: {shown(value)} is not a group of this circuit"
        yield from _weight(place, edge)
        if source and target:
            yield from _ends(place, edge, source, target, index)


def _ends(place: str, edge: Edge, source: Group, target: Group, index: Index) -> Iterator[str]:
    if index.layers.get(target.layer) != index.layers.get(source.layer, -2) + 1:
        yield f"{place}: {shown(target.layer)} is not the layer above {shown(source.layer)}"
        return
    if edge.links is not None:
        yield from _links(f"{place}.links", edge, edge.links, source, target, index)
    if edge.patches is not None:
        yield from _patches(f"{place}.patches", edge.patches, target, index)


def _weight(place: str, edge: Edge) -> Iterator[str]:
    if not edge.negative <= 0 <= edge.positive:
        yield f"{place}: positive {shown(edge.positive)} is below 0 or negative {shown(edge.negative)} above it"
    if abs(edge.weight - (edge.positive + edge.negative)) > _slack(edge):
        yield f"{place}.weight: {shown(edge.weight)} is not positive + negative, {edge.positive + edge.negative}"


def _links(
    place: str, edge: Edge, links: Sequence[EdgeLink], source: Group, target: Group, index: Index
) -> Iterator[str]:
    ends = [(link.source_channel, link.source_part, link.target_channel, link.target_part) for link in links]
    yield from repeated(place, ends)
    for position, link in enumerate(links):
        here = f"{place}[{position}]"
        yield from _part(f"{here}.source_part", link.source_channel, link.source_part, source, index)
        yield from _part(f"{here}.target_part", link.target_channel, link.target_part, target, index)
        core = index.cores.get((target.layer, link.target_channel))
        if core is not None and link.source_channel not in core:
            yield (
                f"{here}.source_channel: {shown(link.source_channel)} is not in the core of channel "
                f"{link.target_channel} of {shown(target.layer)}"
            )
    yield from _falling(place, [link.weight for link in links])
    for name, value in (("positive", edge.positive), ("negative", edge.negative)):
        total = sum(link.weight for link in links if (link.weight > 0) == (name == "positive"))
        if abs(total - value) > _slack(edge):
            yield f"{place}: the {name} weights sum to {total:.9g}, not to {shown(value)}"


def _part(place: str, channel: int, part: int, group: Group, index: Index) -> Iterator[str]:
    neuron = index.neurons.get((group.layer, channel))
    parts = neuron.semantic_groups if neuron else ()
    if not 0 <= part < len(parts) or parts[part].group != group.id:
        yield f"{place}: {shown(part)} of channel {shown(channel)} is not a semantic group in {shown(group.id)}"


def _patches(place: str, patches: Sequence[EdgePatch], target: Group, index: Index) -> Iterator[str]:
    if len(patches) > EDGE_PATCHES:
        yield f"{place}: has {len(patches)} patches, more than {EDGE_PATCHES}"
    yield from repeated(place, (patch.patch for patch in patches))
    for position, patch in enumerate(patches):
        if patch.patch not in index.patches[target.id]:
            yield f"{place}[{position}].patch: {shown(patch.patch)} is not a patch of {shown(target.id)}"
    yield from _falling(place, [patch.weight for patch in patches])


def _falling(place: str, weights: Sequence[float]) -> Iterator[str]:
    for position in range(1, len(weights)):
        before, weight = weights[position - 1], weights[position]
        if abs(weight) > abs(before):
            yield f"{place}[{position}].weight: {shown(weight)} is larger than the one before it, {shown(before)}"


def _slack(edge: Edge) -> float:
    return TOLERANCE * max(1.0, abs(edge.positive), abs(edge.negative))
