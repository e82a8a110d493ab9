"""Check a circuit's parts against each other: every reference resolves and the sums are right.

Covers neurons and groups; :mod:`neurflow.result.edge_references` covers the edges between groups.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from neurflow.result.circuit import HEAT_MAP_SIDE, Circuit, Exemplar, Group, HeatMap, Neuron, SemanticGroup
from neurflow.result.circuit_index import Index
from neurflow.result.edge_references import problems_of_edges
from neurflow.result.problems import TOLERANCE, outside, repeated, shown

# Flat, lower case and without other dots: no file system confuses two such names or lets them leave the folder.
_FILE = re.compile(r"patches/[a-z0-9][a-z0-9_-]*\.webp")


def problems_of_references(circuit: Circuit) -> Iterator[str]:
    """Yield one line per problem. ``circuit`` must have passed the checks of its single parts."""
    index = Index(circuit)
    yield from repeated("neurons", ((neuron.layer, neuron.channel) for neuron in circuit.neurons))
    yield from _top(circuit)
    for position, neuron in enumerate(circuit.neurons):
        yield from _neuron(f"neurons[{position}]", neuron, index)
    yield from repeated("groups", (group.id for group in circuit.groups))
    pictures: dict[str, int] = {}
    for position, group in enumerate(circuit.groups):
        yield from _group(f"groups[{position}]", group, index)
        yield from _firing(f"groups[{position}]", group, circuit)
        for number, exemplar in enumerate(group.exemplars):
            place = f"groups[{position}].exemplars[{number}]"
            yield from _exemplar(place, exemplar, circuit)
            if pictures.setdefault(exemplar.file, exemplar.patch) != exemplar.patch:
                yield f"{place}.file: {shown(exemplar.file)} is also the file of another patch"
    yield from problems_of_edges(index)


def _top(circuit: Circuit) -> Iterator[str]:
    name, index = circuit.layers[-1].name, circuit.target.index
    channels = [neuron.channel for neuron in circuit.neurons if neuron.layer == name]
    if channels != [index]:
        yield f"neurons: {shown(channels)} in the top layer {shown(name)} is not just the target class, [{index}]"


def _neuron(place: str, neuron: Neuron, index: Index) -> Iterator[str]:
    level = index.layers.get(neuron.layer)
    if level is None:
        yield f"{place}.layer: {shown(neuron.layer)} is not a layer of this circuit"
        return
    yield from _channel(f"{place}.channel", neuron.channel, level, index)
    yield from _core(place, neuron, level, index)
    if not neuron.semantic_groups:
        yield f"{place}.semantic_groups: is empty"
    patches = [patch for part in neuron.semantic_groups for patch in part.patches]
    yield from repeated(f"{place}.semantic_groups", patches)
    for position, part in enumerate(neuron.semantic_groups):
        yield from _semantic_group(f"{place}.semantic_groups[{position}]", part, neuron, index)


def _core(place: str, neuron: Neuron, level: int, index: Index) -> Iterator[str]:
    for name, value, low in (("completeness", neuron.completeness, 0), ("nodes", neuron.nodes, 1)):
        if (value is None) != (level == 0):
            yield f"{place}.{name}: {shown(value)}, but it must be null in the lowest layer and only there"
        elif value is not None:
            yield from outside(f"{place}.{name}", value, low)
    if (level == 0) != (not neuron.core):
        yield f"{place}.core: has {len(neuron.core)} neurons, but it must be empty in the lowest layer and only there"
        return
    yield from repeated(f"{place}.core", (core.channel for core in neuron.core))
    for position, core in enumerate(neuron.core):
        here = f"{place}.core[{position}]"
        yield from outside(f"{here}.score", core.score, 0)
        if position and core.score > neuron.core[position - 1].score:
            yield f"{here}.score: {shown(core.score)} is above the one before it, {neuron.core[position - 1].score}"
        below = index.circuit.layers[level - 1].name
        yield from _channel(f"{here}.channel", core.channel, level - 1, index)
        if (below, core.channel) not in index.neurons:
            yield f"{here}.channel: {shown(core.channel)} of {shown(below)} is missing in neurons"


def _semantic_group(place: str, part: SemanticGroup, neuron: Neuron, index: Index) -> Iterator[str]:
    group = index.groups.get(part.group)
    if group is None:
        yield f"{place}.group: {shown(part.group)} is not a group of this circuit"
    elif group.layer != neuron.layer:
        yield f"{place}.group: {shown(part.group)} is in layer {shown(group.layer)}, not in {shown(neuron.layer)}"
    if not part.patches:
        yield f"{place}.patches: is empty"
    for position, patch in enumerate(part.patches):
        yield from _patch(f"{place}.patches[{position}]", patch, index.circuit)
    if part.silhouette is not None:
        yield from outside(f"{place}.silhouette", part.silhouette, -1, 1)
    channels = [edge.channel for edge in part.weights]
    if channels != [core.channel for core in neuron.core]:
        yield f"{place}.weights: {shown(channels)} is not the neuron's core in the same order"
    total = sum(abs(edge.weight) for edge in part.weights)
    if total and abs(total - 1) > TOLERANCE:
        yield f"{place}.weights: the absolute weights sum to {total:.9g}, not to 1"


def _group(place: str, group: Group, index: Index) -> Iterator[str]:
    if group.layer not in index.layers:
        yield f"{place}.layer: {shown(group.layer)} is not a layer of this circuit"
        return
    if not re.fullmatch(re.escape(group.layer) + r"/[0-9]+", group.id):
        yield f"{place}.id: {shown(group.id)} is not the layer {shown(group.layer)}, a slash and a number"
    expected = sorted(index.channels[group.id])
    if list(group.neurons) != expected or not expected:
        yield f"{place}.neurons: {shown(group.neurons)} differs from its semantic groups' {shown(tuple(expected))}"
    if group.silhouette is not None:
        yield from outside(f"{place}.silhouette", group.silhouette, -1, 1)
    yield from repeated(f"{place}.exemplars", (exemplar.patch for exemplar in group.exemplars))
    for position, exemplar in enumerate(group.exemplars):
        if exemplar.patch not in index.patches[group.id]:
            yield f"{place}.exemplars[{position}].patch: {shown(exemplar.patch)} is not a patch of this group"
    importance = group.importance
    yield from outside(f"{place}.importance.contribution", importance.contribution, -1 - TOLERANCE, 1 + TOLERANCE)
    yield from outside(f"{place}.importance.held_out", importance.held_out, 0)
    if (importance.logit_drop is None) != (importance.held_out == 0):
        drop = shown(importance.logit_drop)
        yield f"{place}.importance.logit_drop: {drop}, but it was measured on {importance.held_out} images"
    named = index.circuit.data.held_out
    if named is not None and importance.held_out != len(named):
        yield f"{place}.importance.held_out: {importance.held_out}, but data.held_out names {len(named)} images"


def _firing(place: str, group: Group, circuit: Circuit) -> Iterator[str]:
    if (group.activations is None) != (group.image_scores is None):
        yield f"{place}.image_scores: it and activations must both be null, or neither"
        return
    if group.activations is None or group.image_scores is None:
        return
    if len(group.activations) != len(group.neurons):
        yield f"{place}.activations: has {len(group.activations)} items for {len(group.neurons)} neurons"
    if len(group.image_scores) != len(circuit.images):
        yield f"{place}.image_scores: has {len(group.image_scores)} items for {len(circuit.images)} images"
    for position, score in enumerate(group.image_scores):
        yield from outside(f"{place}.image_scores[{position}]", score, 0)


def _exemplar(place: str, exemplar: Exemplar, circuit: Circuit) -> Iterator[str]:
    if not _FILE.fullmatch(exemplar.file):
        yield f"{place}.file: {shown(exemplar.file)} is not of the form patches/NAME.webp, NAME of a-z, 0-9, - and _"
    if exemplar.heat_map is not None:
        yield from _heat_map(f"{place}.heat_map", exemplar.heat_map)
    wrong = list(_patch(f"{place}.patch", exemplar.patch, circuit))
    yield from wrong
    if wrong:
        return
    patch = circuit.patches[exemplar.patch]
    if exemplar.image != circuit.images[patch.image].id:
        yield f"{place}.image: {shown(exemplar.image)} is not the patch's, {shown(circuit.images[patch.image].id)}"
    if exemplar.box != patch.box:
        yield f"{place}.box: {shown(exemplar.box)} is not the patch's, {shown(patch.box)}"


def _heat_map(place: str, heat_map: HeatMap) -> Iterator[str]:
    cells = heat_map.width * heat_map.height
    yield from outside(f"{place}.width", heat_map.width, 1, HEAT_MAP_SIDE)
    yield from outside(f"{place}.height", heat_map.height, 1, HEAT_MAP_SIDE)
    yield from outside(f"{place}.highest", heat_map.highest, 0)
    if len(heat_map.values) != cells:
        yield f"{place}.values: has {len(heat_map.values)} items, not width × height, {cells}"
        return
    for position, value in enumerate(heat_map.values):
        yield from outside(f"{place}.values[{position}]", value, 0, 255)
    top = 255 if heat_map.highest > 0 else 0
    if cells > 0 and max(heat_map.values) != top:
        yield f"{place}.values: the highest is {max(heat_map.values)}, not {top}, which stands for {heat_map.highest}"


def _channel(place: str, channel: int, level: int, index: Index) -> Iterator[str]:
    layer = index.circuit.layers[level]
    if not 0 <= channel < layer.channels:
        yield f"{place}: {shown(channel)} is none of the {layer.channels} channels of {shown(layer.name)}"


def _patch(place: str, patch: int, circuit: Circuit) -> Iterator[str]:
    if not 0 <= patch < len(circuit.patches):
        yield f"{place}: {shown(patch)} is none of the {len(circuit.patches)} patches"
