"""Assemble a circuit from the walk's results: neuron groups, edges, exemplars, importance.

The circuit grows with the walk, from the top layer down:

1. After a layer is walked, group its semantic groups. Its groups with their contributions and exemplars, and its edges
   to the layer above, are then final and returned as a :class:`FinishedLayer`.
2. After the last layer, number the patches of the circuit and measure the knock-outs with a function that the caller
   passes.

Each patch's part of a layer's weights is needed for the edges to the next lower layer only, then dropped.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import PIL.Image
from numpy.typing import NDArray

from neurflow.method.firing import image_scores, patch_scores, usual_activations
from neurflow.method.flow import Floats, GroupEdge, class_flow, group_edges, wire
from neurflow.method.heat_maps import heat_maps
from neurflow.method.neuron_groups import Member, NeuronGroup, choose_exemplars, group_neurons
from neurflow.method.numbering import Numbering, picture_file
from neurflow.method.patches import PatchSet
from neurflow.method.walk import TracedNeuron, Walk
from neurflow.result.circuit import (
    EDGE_PATCHES,
    CoreNeuron,
    Edge,
    EdgeLink,
    EdgePatch,
    Exemplar,
    Group,
    HeatMap,
    Importance,
    LayerInfo,
    Neuron,
    NeuronEdge,
    Patch,
    SemanticGroup,
)

Drops = Callable[[list[list[tuple[int, ...]]]], list[NDArray[np.float64]] | None]
"""Maps the channels of each group of each layer to its logit drop; returns ``None`` without held-out images."""


@dataclass(frozen=True)
class FinishedLayer:
    """A layer of an unfinished circuit whose groups and edges are final.

    Patches are given as indices into all patches of the class, because the circuit's own patches are not known yet.
    ``logit_drop`` is still ``None`` and the number of held-out images 0.

    Attributes:
        position: index of the layer, 0 for the lowest.
        info: the layer.
        groups: its groups.
        edges: edges from these groups to the layer above; empty for the top layer.
        pictures: exemplar images by ``file``.
    """

    position: int
    info: LayerInfo
    groups: tuple[Group, ...]
    edges: tuple[Edge, ...]
    pictures: Mapping[str, PIL.Image.Image]


@dataclass(frozen=True)
class Parts:
    """The parts of a circuit that the walk determines, ready for :class:`neurflow.result.circuit.Circuit`."""

    patches: tuple[Patch, ...]
    neurons: tuple[Neuron, ...]
    groups: tuple[Group, ...]
    edges: tuple[Edge, ...]
    pictures: Mapping[str, PIL.Image.Image]
    """Exemplar images by ``file``."""


@dataclass
class _Layer:
    """One layer during assembly; ``names`` and ``flow`` have one entry per member."""

    name: str
    neurons: Sequence[TracedNeuron]
    members: list[Member]
    groups: tuple[NeuronGroup, ...]
    flow: Floats = field(init=False)
    names: list[tuple[int, int]] = field(init=False)
    ids: list[str] = field(init=False)
    group_of: dict[int, str] = field(init=False)

    def __post_init__(self) -> None:
        self.names = [(neuron.channel, part) for neuron in self.neurons for part in range(len(neuron.parts))]
        self.ids = [f"{self.name}/{number}" for number in range(1, len(self.groups) + 1)]
        self.group_of = {i: id for id, group in zip(self.ids, self.groups, strict=True) for i in group.members}

    def channels(self, group: NeuronGroup) -> tuple[int, ...]:
        return tuple(sorted({self.members[i].channel for i in group.members}))


class Assembly:
    """A circuit under construction, one layer at a time from the top down."""

    def __init__(self, walk: Walk, patches: PatchSet) -> None:
        """Create an assembly without layers.

        Args:
            walk: the walk, with its activation tables.
            patches: ``D``.
        """
        self.walk, self._patches = walk, patches
        self._above: _Layer | None = None
        self._neurons: list[list[Neuron]] = []
        self._groups: list[tuple[Group, ...]] = []
        self._edges: list[Edge] = []
        self._pictures: dict[int, PIL.Image.Image] = {}

    def add(self, index: int, neurons: Sequence[TracedNeuron]) -> FinishedLayer:
        """Add the next layer, starting with the top one, and return its groups, edges and exemplars.

        Args:
            index: index of the layer.
            neurons: the layer's traced neurons.
        """
        walk = self.walk
        members = [Member(neuron.channel, part) for neuron in neurons for part in neuron.parts]
        groups = group_neurons(members, walk.space(index), walk.parameters.max_groups)
        layer = _Layer(walk.ladder.points[index].name, neurons, members, groups)
        edges = self._link(self._above, layer, index) if self._above else ()
        if not self._above:
            layer.flow = class_flow(members)
        finished = self._finished(layer, index, edges)
        self._neurons.append(_neurons(layer))
        self._groups.append(finished.groups)
        self._edges.extend(edges)
        self._above = layer
        return finished

    def parts(self, held_out: int, drops: Drops) -> Parts:
        """Return the parts of the circuit, once every layer is added.

        Args:
            held_out: number of images that ``drops`` uses.
            drops: measures the knock-outs; called once.
        """
        layers = self._groups[::-1]
        measured = drops([[group.neurons for group in groups] for groups in layers])
        neurons = [neuron for layer in reversed(self._neurons) for neuron in layer]
        numbering = Numbering(neurons)
        return Parts(
            patches=tuple(Patch(*self._patches.places[index]) for index in numbering.used),
            neurons=tuple(numbering.neuron(neuron) for neuron in neurons),
            groups=tuple(
                numbering.group(group, None if measured is None else float(measured[place][number]), held_out)
                for place, groups in enumerate(layers)
                for number, group in enumerate(groups)
            ),
            edges=tuple(numbering.edge(edge) for edge in self._edges),
            pictures=numbering.pictures(self._pictures),
        )

    def _link(self, upper: _Layer, lower: _Layer, index: int) -> tuple[Edge, ...]:
        """Create the edges between two layers and compute the flow into the lower one."""
        cores = {neuron.channel: neuron.core for neuron in upper.neurons}
        wiring = wire(upper.members, cores, lower.members, self.walk.space(index))
        lower.flow = upper.flow @ wiring.weights
        found = group_edges(wiring, upper.members, upper.groups, lower.groups, EDGE_PATCHES)
        return tuple(_edge(edge, upper, lower) for edge in found)

    def _finished(self, layer: _Layer, index: int, edges: tuple[Edge, ...]) -> FinishedLayer:
        walk = self.walk
        chosen = [self._exemplars(layer, group, index) for group in layer.groups]
        channels = [layer.channels(group) for group in layer.groups]
        wanted = [(patch, own) for patches, own in zip(chosen, channels, strict=True) for patch in patches]
        shown = iter(heat_maps(walk.ladder, walk.maps, index, wanted))
        groups = tuple(
            Group(
                id=layer.ids[number],
                layer=layer.name,
                neurons=channels[number],
                exemplars=tuple(self._exemplar(index, channels[number], i, next(shown)) for i in chosen[number]),
                silhouette=group.silhouette,
                importance=Importance(float(layer.flow[list(group.members)].sum()), None, 0),
                activations=(usual := self._usual(layer, group, index)),
                image_scores=self._image_scores(channels[number], usual, index),
            )
            for number, group in enumerate(layer.groups)
        )
        used = sorted({patch for patches in chosen for patch in patches})
        for patch in used:
            if patch not in self._pictures:
                self._pictures[patch] = self._patches.picture(patch)
        pictures = {picture_file(patch): self._pictures[patch] for patch in used}
        return FinishedLayer(index, walk.ladder.info[index], groups, edges, pictures)

    def _usual(self, layer: _Layer, group: NeuronGroup, index: int) -> tuple[float, ...]:
        """Return ``m_a`` of the group's neurons, each over its own patches in the group."""
        own: defaultdict[int, list[int]] = defaultdict(list)
        for member in group.members:
            own[layer.members[member].channel].extend(layer.members[member].part.patches)
        return usual_activations(self.walk.tables[index], own)

    def _image_scores(self, channels: Sequence[int], usual: Sequence[float], index: int) -> tuple[float, ...]:
        """Return ``M`` of every traced image."""
        scores = patch_scores(self.walk.tables[index], channels, usual)
        images = [image for image, _ in self._patches.places]
        return tuple(image_scores(scores, images, len(self._patches.images)).tolist())

    def _exemplars(self, layer: _Layer, group: NeuronGroup, index: int) -> tuple[int, ...]:
        candidates = [i for m in group.members for i in layer.members[m].part.patches]
        most = self.walk.parameters.exemplars
        return choose_exemplars(candidates, group.centre, self.walk.space(index), self._patches.places, most)

    def _exemplar(self, layer: int, channels: Sequence[int], patch: int, heat_map: HeatMap | None) -> Exemplar:
        image, box = self._patches.places[patch]
        activation = float(self.walk.tables[layer][patch, list(channels)].mean(dtype=np.float64))
        return Exemplar(patch, self._patches.images[image].id, box, activation, picture_file(patch), heat_map)


def _edge(edge: GroupEdge, upper: _Layer, lower: _Layer) -> Edge:
    return Edge(
        source=lower.ids[edge.lower],
        target=upper.ids[edge.upper],
        weight=edge.positive + edge.negative,
        positive=edge.positive,
        negative=edge.negative,
        links=tuple(EdgeLink(*lower.names[low], *upper.names[high], weight) for high, low, weight in edge.links),
        patches=tuple(EdgePatch(patch, weight) for patch, weight in edge.patches),
    )


def _neurons(layer: _Layer) -> list[Neuron]:
    neurons = []
    member = 0
    for traced in layer.neurons:
        parts = []
        for part in traced.parts:
            weights = tuple(NeuronEdge(s, w) for s, w in zip(traced.core, part.weights, strict=True))
            parts.append(SemanticGroup(part.patches, part.silhouette, layer.group_of[member], weights))
            member += 1
        core = tuple(CoreNeuron(s, t) for s, t in zip(traced.core, traced.scores, strict=True))
        neurons.append(
            Neuron(layer.name, traced.channel, traced.activation, core, tuple(parts), traced.error, traced.nodes)
        )
    return neurons
