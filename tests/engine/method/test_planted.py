"""Networks with a known circuit, traced from start to end: the engine must find it. See ``planted.py``."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cache

import numpy as np
import pytest
import torch

from neurflow.result.circuit import Circuit, Edge, Group, Neuron, SemanticGroup
from neurflow.result.circuit_checks import check
from neurflow.terms.parameters import Resources, TraceParameters
from neurflow.tracing import trace
from tests.engine import planted, twin
from tests.engine.planted import PARTS, PATTERNS, STYLES, TAU, Pictures, Planted

IMAGES = 20
KINDS = {
    "patterns": {name: name.rstrip("1234") for name in PATTERNS},
    "edges": {name: "STRIPES" if name[:-1] in ("rise", "fall") else name[:-1].upper() for name in planted.EDGES},
}
SHOWN = {"RED": "red", "STRIPES": "stripes", "GROUND": "ground"}


@dataclass(frozen=True)
class Traced:
    """A planted network with the circuit that the engine found."""

    truth: Planted
    pictures: Pictures
    circuit: Circuit

    def neuron(self, layer: str, name: str) -> Neuron:
        channel = 0 if layer == "fc" else self.truth.channels[layer][name]
        (found,) = (n for n in self.circuit.neurons if (n.layer, n.channel) == (layer, channel))
        return found

    def names(self, group: Group) -> frozenset[str]:
        """Return the names of a group's neurons."""
        known = {channel: name for name, channel in self.truth.channels[group.layer].items()}
        return frozenset(known[channel] for channel in group.neurons)

    def groups(self, layer: str) -> list[Group]:
        return [group for group in self.circuit.groups if group.layer == layer]

    def group(self, id: str) -> Group:
        (found,) = (group for group in self.circuit.groups if group.id == id)
        return found

    def shown(self, part: SemanticGroup) -> Counter[str | None]:
        """Return how many of a part's patches show each of a picture's squares."""
        patches = [self.circuit.patches[position] for position in part.patches]
        return Counter(self.pictures.kind(self.circuit.images[p.image].id, p.box) for p in patches)

    def edges(self, layer: str) -> list[tuple[Edge, frozenset[str], frozenset[str]]]:
        """Yield edges into groups of a layer, with the names at their lower and upper end; no names for the class."""
        found = []
        for edge in self.circuit.edges:
            source, target = self.group(edge.source), self.group(edge.target)
            if target.layer == layer:
                found.append((edge, self.names(source), frozenset() if layer == "fc" else self.names(target)))
        return found


@cache
def _trace(style: str, seed: int) -> Traced:
    truth, pictures = planted.plant(style, seed), planted.draw(seed, IMAGES + 8)
    parameters = TraceParameters(
        images=IMAGES, top_k=IMAGES, tau=TAU, crops=(0.5,), layers=("edges", "patterns", "parts"), held_out=8, seed=seed
    )
    circuit = trace(truth.network, pictures, "quilt", parameters, Resources(device="cpu")).circuit
    return Traced(truth, pictures, circuit)


@pytest.fixture(params=[(style, seed) for style in STYLES for seed in range(4)], ids="{0[0]}-seed{0[1]}".format)
def traced(request: pytest.FixtureRequest) -> Traced:
    return _trace(*request.param)


def test_every_planted_core_neuron_is_found_and_no_other(traced: Traced) -> None:
    truth = traced.truth.true_core()
    found = {(n.layer, n.channel): {core.channel for core in n.core} for n in traced.circuit.neurons if n.core}
    assert found == truth
    lowest = {n.channel for n in traced.circuit.neurons if n.layer == "edges"}
    assert lowest == set(traced.truth.channels["edges"].values())


def test_a_neuron_that_responds_to_two_patterns_is_split_into_these(traced: Traced) -> None:
    for layer, name in (("parts", "poly"), ("fc", "quilt")):
        shown = [traced.shown(part) for part in traced.neuron(layer, name).semantic_groups]
        assert sorted(kind for part in shown for kind in part if kind) == ["red", "stripes"]
        assert [len(part) for part in shown] == [1, 1]
        assert sum(sum(part.values()) for part in shown) == IMAGES


def test_a_neuron_that_responds_to_one_pattern_shows_nothing_else(traced: Traced) -> None:
    for name, kind in (("red_only", "red"), ("stripes_only", "stripes"), ("ground_only", "ground")):
        for part in traced.neuron("parts", name).semantic_groups:
            assert set(traced.shown(part)) == {kind}
    assert len(traced.neuron("parts", "ground_only").semantic_groups) == 1


def test_the_polysemantic_neuron_belongs_to_the_group_of_each_of_its_patterns(traced: Traced) -> None:
    groups = {traced.names(group) for group in traced.groups("parts")}
    assert groups == {frozenset({"poly", "red_only"}), frozenset({"poly", "stripes_only"}), frozenset({"ground_only"})}


def test_neuron_groups_are_the_planted_ones(traced: Traced) -> None:
    groups = {traced.names(group) for group in traced.groups("patterns")}
    assert groups == {frozenset(f"{kind}{i}" for i in range(1, 5)) for kind in SHOWN}


def test_no_group_mixes_neurons_or_patches_of_several_patterns(traced: Traced) -> None:
    for layer, kinds in KINDS.items():
        seen: set[str] = set()
        for group in traced.groups(layer):
            (kind,) = {kinds[name] for name in traced.names(group)}
            seen |= traced.names(group)
            for exemplar in group.exemplars:
                assert traced.pictures.kind(exemplar.image, exemplar.box) == SHOWN[kind]
        assert seen == set(kinds)


def test_neurons_are_connected_with_the_planted_signs(traced: Traced) -> None:
    for layer, name in (
        ("fc", "quilt"),
        *(("parts", name) for name in PARTS),
        *(("patterns", name) for name in PATTERNS),
    ):
        signs = traced.truth.signs(layer, name)
        for part in traced.neuron(layer, name).semantic_groups:
            assert sum(abs(edge.weight) for edge in part.weights) == pytest.approx(1)
            for edge in part.weights:
                # Patterns that a part's patches do not show, such as red squares in blue stripes, weigh almost nothing.
                assert edge.weight * signs[edge.channel] > -0.02
                if signs[edge.channel] < 0:
                    assert edge.weight < -0.02


def test_inhibiting_groups_have_negative_edges_and_all_others_positive_ones(traced: Traced) -> None:
    into_class = traced.edges("fc")
    assert len(into_class) == 3
    for edge, lower, _ in into_class:
        if lower == {"ground_only"}:
            assert edge.weight < -0.05 and edge.positive == 0
        else:
            assert edge.weight > 0.3 and edge.negative > -0.02
    for edge, lower, upper in traced.edges("patterns"):
        (below,), (above,) = {KINDS["edges"][name] for name in lower}, {KINDS["patterns"][name] for name in upper}
        if (below, above) == ("GROUND", "RED"):
            assert edge.weight < -0.1 and edge.positive == 0
        else:
            assert below == above
            assert edge.weight > 0 and edge.negative == 0


def test_a_shared_neuron_s_weight_goes_to_the_group_that_shows_the_same(traced: Traced) -> None:
    poly = traced.neuron("parts", "poly")
    group_of = {next(kind for kind in traced.shown(part)): part.group for part in poly.semantic_groups}
    assert set(group_of) == {"red", "stripes"}
    for edge, lower, _ in traced.edges("parts"):
        kinds = {KINDS["patterns"][name] for name in lower}
        if edge.target == group_of["red"]:
            assert kinds == {"RED"} or edge.weight < 0.05
        elif edge.target == group_of["stripes"]:
            assert kinds == {"STRIPES"} or edge.weight < 0.05
        else:
            assert kinds == {"GROUND"}


def test_links_are_the_planted_connections_with_their_signs(traced: Traced) -> None:
    """Between connected neurons, and only as heavy as what their semantic groups share."""
    truth = traced.truth.true_core()
    for edge, lower, _ in traced.edges("patterns"):
        assert edge.links
        layer = traced.group(edge.target).layer
        for link in edge.links:
            assert link.source_channel in truth[layer, link.target_channel]
            inhibits = any("ground" in name for name in lower) and edge.weight < 0
            assert (link.weight < 0) is inhibits
        assert sum(link.weight for link in edge.links) == pytest.approx(edge.weight)


def test_links_divide_what_flows_into_each_semantic_group(traced: Traced) -> None:
    """Over all edges, the links into a semantic group from one neuron below sum to that neuron's weight."""
    flows: dict[tuple[str, int, int, int], float] = defaultdict(float)
    for edge in traced.circuit.edges:
        layer = traced.group(edge.target).layer
        for link in edge.links or ():
            flows[layer, link.target_channel, link.target_part, link.source_channel] += link.weight
    for neuron in traced.circuit.neurons:
        for part, own in enumerate(neuron.semantic_groups):
            for weight in own.weights:
                found = flows[neuron.layer, neuron.channel, part, weight.channel]
                assert found == pytest.approx(weight.weight, abs=1e-12)


def test_the_patches_of_an_edge_show_what_its_groups_fire_on(traced: Traced) -> None:
    for edge, lower, _ in traced.edges("patterns"):
        (kind,) = {KINDS["edges"][name] for name in lower}
        (above,) = {KINDS["patterns"][name] for name in traced.names(traced.group(edge.target))}
        assert edge.patches and len(edge.patches) <= 8
        for patch in edge.patches:
            place = traced.circuit.patches[patch.patch]
            assert traced.pictures.kind(traced.circuit.images[place.image].id, place.box) == SHOWN[above]
            assert patch.weight * edge.weight > 0, kind


def test_heat_maps_show_the_position_of_a_pattern(traced: Traced) -> None:
    """Every square is uniform from left to right; red and ground, which have no borders, from top to bottom too."""
    module = traced.truth.network.module.get_submodule("edges")
    for group in traced.groups("edges"):
        (kind,) = {KINDS["edges"][name] for name in traced.names(group)}
        for exemplar in group.exemplars:
            box = exemplar.box
            pixels = np.asarray(traced.pictures.pictures[exemplar.image])[box.top : box.bottom, box.left : box.right]
            with torch.no_grad():
                maps = module(torch.from_numpy(pixels / np.float32(255)).permute(2, 0, 1)[None])
            expected = np.array(twin.mean_map(maps, group.neurons, 1))
            found = exemplar.heat_map
            assert found is not None
            cells = np.array(found.values).reshape(found.height, found.width)
            np.testing.assert_allclose(cells / 255 * found.highest, expected, atol=found.highest / 500)
            assert expected.mean() == pytest.approx(exemplar.activation, rel=1e-5)
            assert (cells == cells[:, :1]).all()
            assert kind == "STRIPES" or (cells == 255).all()


def test_knocking_out_a_group_moves_the_logit_in_the_planted_direction(traced: Traced) -> None:
    for layer in ("parts", "patterns", "edges"):
        for group in traced.groups(layer):
            inhibits = any("ground" in name.casefold() for name in traced.names(group))
            assert group.importance.held_out == 8
            assert group.importance.logit_drop is not None
            assert (group.importance.logit_drop < -0.1) is inhibits
            assert (group.importance.logit_drop > 0.05) is not inhibits
    key = max(traced.groups("parts"), key=lambda group: group.importance.logit_drop or 0)
    assert "poly" in traced.names(key)


def test_contributions_are_shares_of_the_logit_with_the_planted_signs(traced: Traced) -> None:
    for layer in traced.circuit.layers:
        groups = traced.groups(layer.name)
        assert sum(abs(group.importance.contribution) for group in groups) <= 1 + 1e-9
        for group in groups:
            if layer.name != "fc":
                inhibits = any("ground" in name.casefold() for name in traced.names(group))
                assert (group.importance.contribution < 0) is inhibits
    (top,) = traced.groups("fc")
    assert top.importance.contribution == pytest.approx(1)


def test_every_core_set_is_settled_and_the_circuit_is_valid(traced: Traced) -> None:
    check(traced.circuit)
    assert traced.circuit.report.warnings == ()
    assert all(neuron.completeness is None or neuron.completeness < 0.05 for neuron in traced.circuit.neurons)
