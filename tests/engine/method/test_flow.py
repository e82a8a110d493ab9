"""Edges between groups and the flow of the class logit, compared with plain loops."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from neurflow.method.flow import GroupEdge, Wiring, class_flow, group_edges, shares, wire
from neurflow.method.neuron_groups import Member, NeuronGroup
from neurflow.method.semantic_groups import ConceptPart

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Layers:
    """Return two layers' semantic groups and neuron groups, drawn at random."""

    upper: list[Member]
    lower: list[Member]
    cores: dict[int, list[int]]
    space: NDArray[np.float32]
    high: list[NeuronGroup]
    low: list[NeuronGroup]


def _groups(generator: np.random.Generator, members: int, count: int) -> list[NeuronGroup]:
    labels = np.concatenate([np.arange(count), generator.integers(count, size=members - count)])
    return [
        NeuronGroup(tuple(int(i) for i in np.flatnonzero(labels == label)), None, np.zeros(3)) for label in range(count)
    ]


def _layers(seed: int) -> Layers:
    generator = np.random.default_rng(seed)

    def patches() -> tuple[int, ...]:
        return tuple(int(patch) for patch in generator.permutation(30)[: generator.integers(1, 8)])

    lower = [
        Member(s, ConceptPart(patches(), None, (), b"")) for s in range(6) for _ in range(generator.integers(1, 4))
    ]
    cores = {a: [int(s) for s in generator.permutation(6)[:3]] for a in range(4)}
    upper = []
    for a in cores:
        for _ in range(generator.integers(1, 3)):
            own = patches()
            carried = generator.normal(size=(len(own), 3))
            carried /= np.abs(carried.sum(axis=0)).sum()
            weights = tuple(carried.sum(axis=0).tolist())
            upper.append(Member(a, ConceptPart(own, None, weights, carried.tobytes())))
    space = generator.normal(size=(30, 5)).astype(np.float32)
    return Layers(upper, lower, cores, space, _groups(generator, len(upper), 2), _groups(generator, len(lower), 3))


@pytest.fixture(params=range(4), ids="seed{}".format)
def layers(request: pytest.FixtureRequest) -> Layers:
    return _layers(request.param)


def _wiring(layers: Layers) -> Wiring:
    return wire(layers.upper, layers.cores, layers.lower, layers.space)


def _between(layers: Layers) -> Floats:
    return _wiring(layers).weights


def _edges(layers: Layers, most: int = 1000) -> list[GroupEdge]:
    return list(group_edges(_wiring(layers), layers.upper, layers.high, layers.low, most))


def _mean(space: NDArray[np.float32], patches: tuple[int, ...]) -> list[float]:
    return [sum(float(space[p, axis]) for p in patches) / len(patches) for axis in range(space.shape[1])]


def _distance(space: NDArray[np.float32], one: ConceptPart, other: ConceptPart) -> float:
    pairs = zip(_mean(space, one.patches), _mean(space, other.patches), strict=True)
    return float(sum((a - b) ** 2 for a, b in pairs) ** 0.5)


def test_a_core_neuron_s_weight_is_shared_among_its_parts_by_nearness(layers: Layers) -> None:
    found = _between(layers)
    for row, member in enumerate(layers.upper):
        weight_of = dict(zip(layers.cores[member.channel], member.part.weights, strict=True))
        for column, low in enumerate(layers.lower):
            alike = [other for other in layers.lower if other.channel == low.channel]
            nearness = [1 / _distance(layers.space, member.part, other.part) for other in alike]
            own = 1 / _distance(layers.space, member.part, low.part)
            expected = weight_of.get(low.channel, 0.0) * own / sum(nearness)
            assert found[row, column] == pytest.approx(expected, rel=1e-5)


def test_shared_weights_sum_to_the_whole(layers: Layers) -> None:
    found = _between(layers)
    for row, member in enumerate(layers.upper):
        for s, weight in zip(layers.cores[member.channel], member.part.weights, strict=True):
            own = [column for column, low in enumerate(layers.lower) if low.channel == s]
            assert found[row, own].sum() == pytest.approx(weight)
    np.testing.assert_allclose(np.abs(found).sum(axis=1), 1)


def test_group_edges_sum_the_weights_between_their_parts_with_the_signs_apart(layers: Layers) -> None:
    found = _between(layers)
    edges = {(edge.upper, edge.lower): edge for edge in _edges(layers)}
    for target, high in enumerate(layers.high):
        for source, low in enumerate(layers.low):
            weights = [found[i, j] for i in high.members for j in low.members]
            positive, negative = sum(w for w in weights if w > 0), sum(w for w in weights if w < 0)
            assert ((target, source) in edges) == (positive != 0 or negative != 0)
            if edge := edges.get((target, source)):
                assert [edge.positive, edge.negative] == pytest.approx([positive, negative])
    total = sum(weight for member in layers.upper for weight in member.part.weights)
    assert sum(edge.positive + edge.negative for edge in edges.values()) == pytest.approx(total)


def test_an_edge_s_links_are_the_terms_of_its_sum_heaviest_first(layers: Layers) -> None:
    found = _between(layers)
    for edge in _edges(layers):
        high, low = layers.high[edge.upper].members, layers.low[edge.lower].members
        terms = {(i, j): found[i, j] for i in high for j in low if found[i, j]}
        assert {(i, j): weight for i, j, weight in edge.links} == terms
        weights = [weight for _, _, weight in edge.links]
        assert [abs(weight) for weight in weights] == sorted(map(abs, weights), reverse=True)
        assert sum(weight for weight in weights if weight > 0) == pytest.approx(edge.positive)
        assert sum(weight for weight in weights if weight < 0) == pytest.approx(edge.negative)


def test_the_weights_of_an_edge_s_patches_sum_to_its_weight(layers: Layers) -> None:
    for edge in _edges(layers):
        held = {patch for i in layers.high[edge.upper].members for patch in layers.upper[i].part.patches}
        assert {patch for patch, _ in edge.patches} <= held
        assert sum(weight for _, weight in edge.patches) == pytest.approx(edge.positive + edge.negative)


def test_a_patch_s_weight_is_its_own_attributions_over_all_shares(layers: Layers) -> None:
    wiring = _wiring(layers)
    for edge in _edges(layers):
        for patch, weight in edge.patches:
            expected = 0.0
            for i in layers.high[edge.upper].members:
                member = layers.upper[i]
                if patch not in member.part.patches:
                    continue
                row = member.part.patch_weights()[member.part.patches.index(patch)]
                for j in layers.low[edge.lower].members:
                    core = layers.cores[member.channel]
                    if layers.lower[j].channel in core:
                        expected += row[core.index(layers.lower[j].channel)] * wiring.shares[i, j]
            assert weight == pytest.approx(expected)


@pytest.mark.parametrize("most", [1, 3])
def test_the_patches_with_the_largest_weights_are_reported(layers: Layers, most: int) -> None:
    for edge, whole in zip(_edges(layers, most), _edges(layers), strict=True):
        assert edge.patches == whole.patches[:most]
        sizes = [abs(weight) for _, weight in whole.patches]
        assert sizes == sorted(sizes, reverse=True)


def test_groups_that_share_no_core_neuron_have_no_edge() -> None:
    # The first upper part has inputs from neurons 0 and 2, whose weights its one patch carries; the second has none.
    carried = np.array([[0.75, -0.25]])
    heard = Member(0, ConceptPart((5,), None, (0.75, -0.25), carried.tobytes()))
    deaf = Member(1, ConceptPart((6,), None, (0.0, 0.0), np.zeros((1, 2)).tobytes()))
    lower = [Member(s, ConceptPart((s,), None, (), b"")) for s in range(3)]
    space = np.arange(7, dtype=np.float32)[:, None]
    wiring = wire([heard, deaf], {0: [0, 2], 1: [1, 2]}, lower, space)
    assert wiring.weights.tolist() == [[0.75, 0.0, -0.25], [0.0, 0.0, 0.0]]
    high = [NeuronGroup((0,), None, np.zeros(1)), NeuronGroup((1,), None, np.zeros(1))]
    low = [NeuronGroup((0, 2), None, np.zeros(1)), NeuronGroup((1,), None, np.zeros(1))]
    (edge,) = group_edges(wiring, [heard, deaf], high, low, 8)
    assert (edge.upper, edge.lower, edge.positive, edge.negative) == (0, 0, 0.75, -0.25)
    assert edge.links == ((0, 0, 0.75), (0, 2, -0.25))
    assert edge.patches == ((5, 0.5),)


def test_a_patch_with_zero_weight_is_not_listed() -> None:
    # Patch 4 has all of one edge's weight, patch 5 all of the other's, patch 6 none.
    carried = np.array([[0.75, 0.0], [0.0, -0.25], [0.0, 0.0]])
    upper = [Member(0, ConceptPart((4, 5, 6), None, (0.75, -0.25), carried.tobytes()))]
    lower = [Member(s, ConceptPart((s,), None, (), b"")) for s in range(2)]
    wiring = wire(upper, {0: [0, 1]}, lower, np.arange(7, dtype=np.float32)[:, None])
    high, low = [NeuronGroup((0,), None, np.zeros(1))], [NeuronGroup((s,), None, np.zeros(1)) for s in range(2)]
    told = [edge.patches for edge in group_edges(wiring, upper, high, low, 8)]
    assert told == [((4, 0.75),), ((5, -0.25),)]


@pytest.mark.parametrize(
    ("distances", "expected"),
    [
        ([3.0], [1.0]),
        ([1.0, 3.0], [0.75, 0.25]),
        ([2.0, 2.0], [0.5, 0.5]),
        ([0.0, 5.0], [1.0, 0.0]),
        ([0.0, 5.0, 0.0], [0.5, 0.0, 0.5]),
        ([1e-300, 1e300], [1.0, 0.0]),
    ],
    ids=str,
)
def test_shares_are_inverse_distances_that_sum_to_one(distances: list[float], expected: list[float]) -> None:
    found = shares(np.array(distances))
    np.testing.assert_allclose(found, expected)
    assert found.sum() == pytest.approx(1)


def test_the_class_s_parts_start_with_their_share_of_its_patches() -> None:
    parts = [Member(7, ConceptPart(patches, None, (), b"")) for patches in ((1, 2, 3), (4,))]
    assert class_flow(parts).tolist() == [0.75, 0.25]


def test_flow_reaches_a_part_over_every_path_and_is_conserved(layers: Layers) -> None:
    weights = _between(layers)
    start = class_flow(layers.upper)
    below = start @ weights
    for column in range(len(layers.lower)):
        assert below[column] == pytest.approx(sum(start[row] * weights[row, column] for row in range(len(start))))
    assert np.abs(start).sum() == pytest.approx(1)
    assert np.abs(below).sum() <= 1 + 1e-12
