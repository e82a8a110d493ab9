"""The parts of a circuit fit together, on planted networks whose layers have several groups."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from neurflow.result.circuit import Circuit
from tests.engine.lens.scene import scene


@pytest.fixture(params=range(2), ids="seed{}".format)
def circuit(request: pytest.FixtureRequest) -> Circuit:
    return scene("plain", request.param).circuit


def test_groups_are_numbered_in_their_layer_by_falling_number_of_patches(circuit: Circuit) -> None:
    for layer in circuit.layers:
        own = [group for group in circuit.groups if group.layer == layer.name]
        assert [group.id for group in own] == [f"{layer.name}/{number}" for number in range(1, len(own) + 1)]
        sizes = [
            sum(len(p.patches) for n in circuit.neurons for p in n.semantic_groups if p.group == group.id)
            for group in own
        ]
        assert sizes == sorted(sizes, reverse=True) and all(sizes)
    assert len(circuit.groups) > len(circuit.layers), "some layer has several groups"


def test_a_groups_neurons_are_those_with_a_part_in_it(circuit: Circuit) -> None:
    for group in circuit.groups:
        inside = [
            neuron.channel
            for neuron in circuit.neurons
            if neuron.layer == group.layer and any(part.group == group.id for part in neuron.semantic_groups)
        ]
        assert list(group.neurons) == sorted(inside)
        assert group.activations is not None and len(group.activations) == len(group.neurons)


def test_layers_are_ordered_upwards_and_each_neuron_s_core_is_below_it(circuit: Circuit) -> None:
    order = [layer.name for layer in circuit.layers]
    assert [group.layer for group in circuit.groups] == sorted((g.layer for g in circuit.groups), key=order.index)
    there = {(neuron.layer, neuron.channel) for neuron in circuit.neurons}
    for neuron in circuit.neurons:
        below = order.index(neuron.layer) - 1
        assert bool(neuron.core) is (below >= 0)
        assert all((order[below], core.channel) in there for core in neuron.core)
        for part in neuron.semantic_groups:
            assert [edge.channel for edge in part.weights] == [core.channel for core in neuron.core]


def test_an_edge_is_the_sum_of_its_links_and_joins_neighbouring_layers(circuit: Circuit) -> None:
    order = [layer.name for layer in circuit.layers]
    layer_of = {group.id: order.index(group.layer) for group in circuit.groups}
    group_of = {
        (neuron.layer, neuron.channel, number): part.group
        for neuron in circuit.neurons
        for number, part in enumerate(neuron.semantic_groups)
    }
    assert any(edge.negative < 0 for edge in circuit.edges) and any(edge.positive > 0 for edge in circuit.edges)
    for edge in circuit.edges:
        assert layer_of[edge.target] == layer_of[edge.source] + 1
        assert edge.weight == edge.positive + edge.negative
        assert edge.links is not None and edge.patches is not None
        weights = [link.weight for link in edge.links]
        assert sum(w for w in weights if w > 0) == pytest.approx(edge.positive)
        assert sum(w for w in weights if w < 0) == pytest.approx(edge.negative)
        for link in edge.links:
            lower, upper = order[layer_of[edge.source]], order[layer_of[edge.target]]
            assert group_of[lower, link.source_channel, link.source_part] == edge.source
            assert group_of[upper, link.target_channel, link.target_part] == edge.target
        assert all(abs(first.weight) >= abs(second.weight) for first, second in pairwise(edge.patches))


def test_contributions_flow_along_the_links_from_the_class_down(circuit: Circuit) -> None:
    order = [layer.name for layer in circuit.layers]
    flow: dict[tuple[str, int, int], float] = {}
    for neuron in circuit.neurons:
        if neuron.layer == order[-1]:
            sizes = [len(part.patches) for part in neuron.semantic_groups]
            for number, size in enumerate(sizes):
                flow[neuron.layer, neuron.channel, number] = size / sum(sizes)
    groups = {group.id: group for group in circuit.groups}
    for upper, lower in pairwise(reversed(order)):
        for edge in circuit.edges:
            if groups[edge.target].layer == upper:
                for link in edge.links or ():
                    below = lower, link.source_channel, link.source_part
                    above = flow.get((upper, link.target_channel, link.target_part), 0.0)
                    flow[below] = flow.get(below, 0.0) + above * link.weight
    for group in circuit.groups:
        parts = [
            flow.get((neuron.layer, neuron.channel, number), 0.0)
            for neuron in circuit.neurons
            for number, part in enumerate(neuron.semantic_groups)
            if part.group == group.id
        ]
        assert group.importance.contribution == pytest.approx(sum(parts), abs=1e-9)
        assert group.importance.held_out == len(circuit.data.held_out or ())
        assert group.importance.logit_drop is not None


def test_an_exemplar_is_a_patch_of_the_group_with_the_activations_of_its_neurons(circuit: Circuit) -> None:
    for group in circuit.groups:
        held = {
            patch
            for neuron in circuit.neurons
            for part in neuron.semantic_groups
            if part.group == group.id
            for patch in part.patches
        }
        assert 0 < len(group.exemplars) <= circuit.parameters.exemplars
        for exemplar in group.exemplars:
            patch = circuit.patches[exemplar.patch]
            assert exemplar.patch in held
            assert (exemplar.image, exemplar.box) == (circuit.images[patch.image].id, patch.box)
            assert (exemplar.heat_map is None) is (group.layer == "fc")
            if exemplar.heat_map is not None:
                highest = exemplar.heat_map.highest
                values = np.array(exemplar.heat_map.values) / 255 * highest
                assert 0 < exemplar.activation <= values.mean() + highest / 255
        assert group.image_scores is not None and len(group.image_scores) == len(circuit.images)
