"""How semantic groups become neuron groups, and which patches are exemplars."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from neurflow.method.neuron_groups import Member, centre, choose_exemplars, group_neurons, same_place
from neurflow.method.semantic_groups import ConceptPart
from neurflow.result.circuit import Box

Space = NDArray[np.float32]


def _member(channel: int, *patches: int) -> Member:
    return Member(channel, ConceptPart(patches, None, (), b""))


def _kinds(seed: int, count: int, each: int = 10, width: int = 5) -> Space:
    """Return patches of several kinds, ``each`` of them in a row, much farther apart than they differ within a kind."""
    noise = np.random.default_rng(seed).normal(scale=0.02, size=(count * each, width))
    return (np.repeat(np.eye(count, width), each, axis=0) + noise).astype(np.float32)


@pytest.mark.parametrize("seed", range(3), ids="seed{}".format)
def test_semantic_groups_that_show_the_same_patches_make_a_neuron_group(seed: int) -> None:
    generator = np.random.default_rng(seed)
    kinds = [0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2]
    members = [
        _member(channel, *(10 * kind + generator.permutation(10)[:4]).tolist()) for channel, kind in enumerate(kinds)
    ]
    # Neuron 0 responds to a second kind as well.
    members.append(_member(0, 25, 26, 27, 28))
    groups = group_neurons(members, _kinds(seed, 3), 12)
    assert {group.members for group in groups} == {(0, 3, 6, 9), (1, 4, 7, 10), (2, 5, 8, 11, 12)}
    for group in groups:
        assert group.silhouette is not None and group.silhouette > 0.8


def test_groups_are_ordered_by_descending_number_of_patches() -> None:
    members = [_member(0, 0, 1), _member(1, 0, 2), _member(2, *range(10, 16)), _member(3, *range(11, 18))]
    groups = group_neurons(members, _kinds(0, 2), 12)
    assert [group.members for group in groups] == [(2, 3), (0, 1)]


def test_the_centre_of_a_group_is_the_mean_of_its_semantic_groups_means() -> None:
    space = _kinds(1, 2)
    members = [_member(0, 0, 1, 2, 3), _member(1, 4, 5), _member(2, 10, 11), _member(3, 12, 13, 14)]
    first, second = sorted(group_neurons(members, space, 12), key=lambda group: group.members)
    vectors = space.astype(np.float64)
    np.testing.assert_allclose(centre((4, 5), space), (vectors[4] + vectors[5]) / 2)
    np.testing.assert_allclose(first.centre, (vectors[0:4].mean(axis=0) + vectors[4:6].mean(axis=0)) / 2)
    np.testing.assert_allclose(second.centre, (vectors[10:12].mean(axis=0) + vectors[12:15].mean(axis=0)) / 2)


def test_a_single_neuron_is_one_group_however_many_kinds_it_responds_to() -> None:
    members = [_member(5, *range(5)), _member(5, *range(10, 15)), _member(5, *range(20, 25))]
    (group,) = group_neurons(members, _kinds(0, 3), 12)
    assert group.members == (0, 1, 2) and group.silhouette is None


def test_no_more_groups_than_allowed() -> None:
    members = [_member(channel, 10 * (channel % 4), 10 * (channel % 4) + 1) for channel in range(12)]
    assert [len(group_neurons(members, _kinds(0, 4), most)) for most in (1, 2, 3, 4, 9)] == [1, 2, 3, 4, 4]


def test_dead_neurons_that_show_the_same_patches_make_one_group() -> None:
    (group,) = group_neurons([_member(channel, 0, 1, 2) for channel in range(6)], _kinds(0, 1), 12)
    assert group.members == tuple(range(6)) and group.silhouette is None


# Exemplars


def _places(seed: int, count: int) -> list[tuple[int, Box]]:
    generator = np.random.default_rng(seed)
    places = []
    for _ in range(count):
        left, top, side = (int(value) for value in generator.integers([0, 0, 4], [24, 24, 16]))
        places.append((int(generator.integers(3)), Box(left, top, left + side, top + side)))
    return places


def _covers(first: Box, second: Box) -> float:
    """Return the share of the smaller box that both cover, pixel by pixel."""

    def pixels(box: Box) -> set[tuple[int, int]]:
        return {(x, y) for x in range(box.left, box.right) for y in range(box.top, box.bottom)}

    one, other = pixels(first), pixels(second)
    return len(one & other) / min(len(one), len(other))


def _exemplars(
    patches: Sequence[int], space: Space, at: NDArray[np.float64], places: list[tuple[int, Box]]
) -> list[int]:
    """Return all exemplars by the rule: go through the patches by distance, leave out places seen before."""
    chosen: list[int] = []
    for patch in sorted(
        set(patches), key=lambda p: (sum((float(a) - b) ** 2 for a, b in zip(space[p], at, strict=True)), p)
    ):
        image, box = places[patch]
        if all(image != places[other][0] or _covers(box, places[other][1]) < 0.5 for other in chosen):
            chosen.append(patch)
    return chosen


@pytest.mark.parametrize("seed", range(5), ids="seed{}".format)
def test_exemplars_are_the_nearest_patches_from_different_places(seed: int) -> None:
    generator = np.random.default_rng(seed)
    places = _places(seed, 60)
    space = generator.normal(size=(60, 4)).astype(np.float32)
    at = generator.normal(size=4)
    patches = generator.integers(60, size=40).tolist()
    expected = _exemplars(patches, space, at, places)
    assert len(expected) < len(set(patches))
    assert choose_exemplars(patches, at, space, places, 100) == tuple(expected)
    assert choose_exemplars(patches, at, space, places, 3) == tuple(expected[:3])


def test_of_equally_near_patches_the_earlier_is_the_exemplar() -> None:
    places = [(image, Box(0, 0, 8, 8)) for image in range(4)]
    assert choose_exemplars([3, 1, 2, 1], np.zeros(2), np.ones((4, 2), dtype=np.float32), places, 2) == (1, 2)


@pytest.mark.parametrize(
    ("second", "same"),
    [
        ((0, 0, 0, 10, 10), True),
        ((1, 0, 0, 10, 10), False),
        ((0, 5, 0, 15, 10), True),
        ((0, 6, 0, 16, 10), False),
        ((0, 2, 2, 6, 6), True),
        ((0, 8, 8, 12, 12), False),
        ((0, 20, 0, 30, 10), False),
    ],
    ids=["itself", "another image", "half", "less than half", "inside", "a corner", "apart"],
)
def test_two_patches_show_the_same_place_if_half_of_the_smaller_is_shared(
    second: tuple[int, int, int, int, int], same: bool
) -> None:
    first, other = (0, Box(0, 0, 10, 10)), (second[0], Box(*second[1:]))
    assert same_place(first, other) is same
    assert same_place(other, first) is same
