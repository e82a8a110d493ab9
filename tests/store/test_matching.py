"""Matching groups after a recomputation, against a slow twin and by hand."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from neurflow_store.sharing.matching import Box, Known, matched


def group(id: str, neurons: set[int], *boxes: int) -> Known:
    made: list[Box] = [(f"{n}.png", 0, 0, 8, 8) for n in boxes]
    return Known(id, id.partition("/")[0], frozenset(neurons), frozenset(made))


def slow_twin(before: list[Known], after: list[Known]) -> dict[str, str]:
    """Compare all remaining pairs again and again, in fractions."""

    def share(one: Any, other: Any) -> Fraction:
        return Fraction(len(one & other), len(one | other)) if one | other else Fraction(0)

    found: dict[str, str] = {}
    for _ in range(len(before) + 1):
        best = None
        for (i, old), (j, new) in product(enumerate(before), enumerate(after)):
            same = share(old.neurons, new.neurons)
            if old.id in found or new.id in found.values() or old.layer != new.layer or same < Fraction(1, 2):
                continue
            rank = (same == 1, share(old.boxes, new.boxes), same, -i, -j)
            if best is None or rank > best[0]:
                best = (rank, old.id, new.id)
        if best is None:
            return found
        found[best[1]] = best[2]
    raise AssertionError("more was matched than there is")


GROUPS = st.lists(st.tuples(st.sampled_from("ab"), st.sets(st.integers(0, 5)), st.sets(st.integers(0, 3))), max_size=7)


def made(parts: Any) -> list[Known]:
    return [group(f"{layer}/{n}", neurons, *boxes) for n, (layer, neurons, boxes) in enumerate(parts)]


@given(GROUPS, GROUPS)
def test_the_matching_equals_the_slow_twin(before: Any, after: Any) -> None:
    assert matched(made(before), made(after)) == slow_twin(made(before), made(after))


def test_reordered_groups_are_matched() -> None:
    before = [group("a/0", {1, 2}), group("a/1", {3}), group("b/0", {1, 2})]
    after = [group("a/0", {3}), group("a/1", {1, 2}), group("b/0", {1, 2})]
    assert matched(before, after) == {"a/0": "a/1", "a/1": "a/0", "b/0": "b/0"}


def test_half_of_the_neurons_is_enough_and_less_is_not() -> None:
    assert matched([group("a/0", {1, 2})], [group("a/5", {1})]) == {"a/0": "a/5"}
    assert matched([group("a/0", {1, 2, 3})], [group("a/0", {1})]) == {}


def test_a_group_split_in_halves_is_matched_by_its_patches() -> None:
    before = [group("a/0", {1, 2}, 1, 2, 3)]
    after = [group("a/0", {1}, 1), group("a/1", {2}, 2, 3)]
    assert matched(before, after) == {"a/0": "a/1"}


def test_equal_neurons_come_first_and_patches_decide_partial_overlaps() -> None:
    before = [group("a/0", {1, 2, 3, 4}, 1, 2)]
    assert matched(before, [group("a/0", {1, 2, 3}, 9), group("a/1", {1, 2}, 1, 2)]) == {"a/0": "a/1"}
    assert matched(before, [group("a/0", {1, 2, 3, 4}, 9), group("a/1", {1, 2}, 1, 2)]) == {"a/0": "a/0"}


def test_of_two_merged_groups_one_is_left_over() -> None:
    before = [group("a/0", {1, 2}, 1), group("a/1", {1, 3}, 2)]
    assert matched(before, [group("a/0", {1, 2, 3}, 2)]) == {"a/1": "a/0"}


def test_groups_of_different_layers_are_never_matched() -> None:
    assert matched([group("a/0", {1})], [group("b/0", {1})]) == {}


def test_empty_groups_are_never_matched() -> None:
    assert matched([group("a/0", set())], [group("a/0", set())]) == {}
