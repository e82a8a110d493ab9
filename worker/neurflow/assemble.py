"""Put a circuit together from what the walk found: neuron groups, edges, exemplars, importance.

Nothing here runs the network except the knock-outs, which are handed in as a function.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from neurflow.circuit import (
    CoreNeuron,
    Edge,
    Exemplar,
    Group,
    Importance,
    Neuron,
    NeuronEdge,
    Patch,
    SemanticGroup,
)
from neurflow.flow import class_flow, group_edges, part_weights
from neurflow.neuron_groups import Member, NeuronGroup, choose_exemplars, group_neurons
from neurflow.patches import PatchSet
from neurflow.walk import TracedNeuron, Walk

Drops = Callable[[list[list[tuple[int, ...]]]], list[NDArray[np.float64]] | None]
"""From the channels of each group of each layer to each group's logit drop, or ``None`` without held-out images."""


@dataclass(frozen=True)
class Parts:
    """The parts of a circuit that the walk decides, ready for :class:`neurflow.circuit.Circuit`."""

    patches: tuple[Patch, ...]
    neurons: tuple[Neuron, ...]
    groups: tuple[Group, ...]
    edges: tuple[Edge, ...]
    used: tuple[int, ...]
    """Indices into ``D`` of ``patches``, in their order."""


@dataclass
class _Layer:
    """One layer while the circuit is put together; ``flow`` is of each member."""

    name: str
    neurons: Sequence[TracedNeuron]
    members: list[Member]
    groups: tuple[NeuronGroup, ...]
    flow: NDArray[np.float64]
    ids: list[str] = field(init=False)
    group_of: dict[int, str] = field(init=False)

    def __post_init__(self) -> None:
        self.ids = [f"{self.name}/{number}" for number in range(1, len(self.groups) + 1)]
        self.group_of = {i: id for id, group in zip(self.ids, self.groups, strict=True) for i in group.members}

    def channels(self, group: NeuronGroup) -> tuple[int, ...]:
        return tuple(sorted({self.members[i].channel for i in group.members}))


def assemble(
    walk: Walk, found: dict[int, tuple[TracedNeuron, ...]], patches: PatchSet, held_out: int, drops: Drops
) -> Parts:
    """Neuron groups, edges, exemplars and importance of a finished walk.

    Args:
        walk: with its tables.
        found: every layer's neurons by layer index.
        patches: ``D``.
        held_out: number of images on which ``drops`` measures.
        drops: measures knock-outs; called once.
    """
    layers = [_layer(walk, index, found[index]) for index in range(len(walk.ladder))]
    edges = _edges(walk, layers)
    used = tuple(sorted({i for neurons in found.values() for neuron in neurons for i in neuron.concept}))
    position = {index: p for p, index in enumerate(used)}
    measured = drops([[layer.channels(group) for group in layer.groups] for layer in layers])
    groups = [
        _group(walk, patches, position, layers[index], index, number, measured, held_out)
        for index in range(len(layers))
        for number in range(len(layers[index].groups))
    ]
    return Parts(
        patches=tuple(Patch(*patches.places[index]) for index in used),
        neurons=tuple(neuron for layer in layers for neuron in _neurons(layer, position)),
        groups=tuple(groups),
        edges=tuple(edges),
        used=used,
    )


def _layer(walk: Walk, index: int, neurons: Sequence[TracedNeuron]) -> _Layer:
    members = [Member(neuron.channel, part) for neuron in neurons for part in neuron.parts]
    groups = group_neurons(members, walk.space(index), walk.parameters.max_groups)
    return _Layer(walk.ladder.points[index].name, neurons, members, groups, np.zeros(len(members)))


def _edges(walk: Walk, layers: list[_Layer]) -> list[Edge]:
    """Edges from the top down; fills in each layer's flow on the way."""
    layers[-1].flow = class_flow(layers[-1].members)
    edges = []
    for index in range(len(layers) - 1, 0, -1):
        upper, lower = layers[index], layers[index - 1]
        cores = {neuron.channel: neuron.core for neuron in upper.neurons}
        weights = part_weights(upper.members, cores, lower.members, walk.space(index - 1))
        lower.flow = upper.flow @ weights
        for edge in group_edges(weights, upper.groups, lower.groups):
            weight = edge.positive + edge.negative
            edges.append(Edge(lower.ids[edge.lower], upper.ids[edge.upper], weight, edge.positive, edge.negative))
    return edges


def _neurons(layer: _Layer, position: dict[int, int]) -> list[Neuron]:
    neurons = []
    member = 0
    for traced in layer.neurons:
        parts = []
        for part in traced.parts:
            weights = tuple(NeuronEdge(s, w) for s, w in zip(traced.core, part.weights, strict=True))
            places = tuple(position[i] for i in part.patches)
            parts.append(SemanticGroup(places, part.silhouette, layer.group_of[member], weights))
            member += 1
        core = tuple(CoreNeuron(s, t) for s, t in zip(traced.core, traced.scores, strict=True))
        neurons.append(
            Neuron(layer.name, traced.channel, traced.activation, core, tuple(parts), traced.error, traced.nodes)
        )
    return neurons


def _group(
    walk: Walk,
    patches: PatchSet,
    position: dict[int, int],
    layer: _Layer,
    index: int,
    number: int,
    measured: list[NDArray[np.float64]] | None,
    held_out: int,
) -> Group:
    group = layer.groups[number]
    channels = layer.channels(group)
    candidates = [i for m in group.members for i in layer.members[m].part.patches]
    chosen = choose_exemplars(candidates, group.centre, walk.space(index), patches.places, walk.parameters.exemplars)
    drop = float(measured[index][number]) if measured is not None else None
    contribution = float(layer.flow[list(group.members)].sum())
    return Group(
        id=layer.ids[number],
        layer=layer.name,
        neurons=channels,
        exemplars=tuple(_exemplar(walk, patches, position, index, channels, i) for i in chosen),
        silhouette=group.silhouette,
        importance=Importance(contribution, drop, held_out),
    )


def _exemplar(
    walk: Walk, patches: PatchSet, position: dict[int, int], layer: int, channels: Sequence[int], index: int
) -> Exemplar:
    image, box = patches.places[index]
    activation = float(walk.tables[layer][index, list(channels)].mean(dtype=np.float64))
    file = f"patches/{position[index]:06d}.webp"
    return Exemplar(position[index], patches.images[image].id, box, activation, file)
