"""Feature maps: correct whatever is kept, within the budget, and the same for the same calls."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import PIL.Image
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from neurflow.method.activations import activation_tables
from neurflow.method.feature_maps import FeatureMaps
from neurflow.method.patches import PatchImage, PatchSet
from neurflow.network.ladder import choose_layers
from neurflow.network.layers import Ladder
from neurflow.network.preprocessing import Preprocessing
from neurflow.network.slices import Program
from neurflow.progress import silent
from tests.engine.networks import error, prepared

CPU = torch.device("cpu")
CROPS = (1.0, 0.5, 0.25)
PREPROCESSING = Preprocessing(8, 8, (0.5, 0.4, 0.3), (0.2, 0.3, 0.25))
# Of one patch, in bytes: layers "plain", "usual" and "fc.0" of the network "norms".
BYTES = (4 * 4 * 8 * 8, 4 * 6 * 6 * 6, 4 * 8)


def _patches(seed: int = 0) -> PatchSet:
    pixels = np.random.default_rng(seed).integers(0, 256, (20, 24, 3), dtype=np.uint8)
    return PatchSet([PatchImage.of("a", PIL.Image.fromarray(pixels), PREPROCESSING, CROPS)], PREPROCESSING, CROPS)


class CountingLadder(Ladder):
    """Counts the patches that are run through the network."""

    def __init__(self) -> None:
        graph = prepared("norms").graph
        super().__init__(graph, choose_layers(graph, ["plain", "usual", "fc.0"]), "mean")
        self.rows: list[int] = []

    def maps_up_to(self, layer: int) -> Program:
        program, rows = super().maps_up_to(layer), self.rows

        class Counted(Program):
            def __init__(self) -> None:
                pass

            def __call__(self, *inputs: Tensor) -> tuple[Tensor, ...]:
                rows.append(len(inputs[0]))
                return program(*inputs)

        return Counted()


PATCHES = _patches()


def _maps(budget: int, batch_size: int = 4) -> tuple[FeatureMaps, CountingLadder]:
    ladder = CountingLadder()
    return FeatureMaps(ladder, PATCHES, CPU, batch_size, budget), ladder


def _direct(layer: int, patches: Sequence[int]) -> Tensor:
    """Run each patch alone through the network itself, recorded by a hook."""
    net = prepared("norms")
    seen: list[Tensor] = []
    name = ("plain", "usual", "fc.0")[layer]
    handle = net.network.get_submodule(name).register_forward_hook(lambda m, a, output: seen.append(output.clone()))
    try:
        with torch.no_grad():
            for patch in patches:
                net.network(PATCHES.batch([patch]))
    finally:
        handle.remove()
    return torch.cat(seen)


def _held(maps: FeatureMaps) -> list[list[int]]:
    return [list(kept) for kept in maps._kept]


def _bytes_held(maps: FeatureMaps) -> int:
    return sum(value.numel() * 4 for kept in maps._kept for value in kept.values())


@pytest.mark.parametrize("batch_size", [1, 3, 64])
@pytest.mark.parametrize("budget", [0, 5_000, 10**6])
def test_maps_equal_those_recorded_by_a_hook(batch_size: int, budget: int) -> None:
    maps, _ = _maps(budget, batch_size)
    for layer, patches in ((2, [4, 0, 9, 58]), (1, [9, 3, 4, 30, 31]), (1, [3, 50]), (0, [50, 9, 1])):
        maps.prepare(layer, patches)
        got = maps.get(layer, patches)
        assert error(got, _direct(layer, patches)) <= 1e-5
        twice = maps.get(layer, [patches[1], patches[0], patches[1]])
        assert torch.equal(twice, got[[1, 0, 1]])


requests = st.lists(
    st.tuples(st.integers(0, 2), st.lists(st.integers(0, 58), min_size=1, max_size=12)), min_size=1, max_size=6
)


@settings(max_examples=40)
@given(requests, st.integers(0, 40_000), st.integers(1, 8))
def test_the_budget_is_kept_except_for_one_request(
    calls: list[tuple[int, list[int]]], budget: int, batch_size: int
) -> None:
    maps, _ = _maps(budget, batch_size)
    most = budget
    for layer, patches in calls:
        maps.prepare(layer, patches)
        held, most = _bytes_held(maps), max(most, len(set(patches)) * BYTES[layer])
        assert held <= most
        assert maps._bytes == held
        assert set(patches) <= set(_held(maps)[layer])
        assert not any(_held(maps)[layer + 1 :])


@settings(max_examples=20)
@given(requests, st.integers(0, 40_000))
def test_the_same_calls_keep_the_same_maps(calls: list[tuple[int, list[int]]], budget: int) -> None:
    first, second = _maps(budget)[0], _maps(budget)[0]
    for maps in (first, second):
        for layer, patches in calls:
            maps.prepare(layer, patches)
    assert _held(first) == _held(second)
    for kept, other in zip(first._kept, second._kept, strict=True):
        assert all(torch.equal(kept[patch], other[patch]) for patch in kept)


def test_maps_of_lower_layers_are_kept_for_the_way_down() -> None:
    maps, ladder = _maps(10**6)
    maps.prepare(2, range(10))
    maps.prepare(1, range(8))
    maps.prepare(0, range(10))
    assert ladder.rows == [4, 4, 2]
    maps.prepare(0, [3, 10, 11])
    assert ladder.rows == [4, 4, 2, 2]


def test_a_repeated_request_is_not_computed_again() -> None:
    maps, ladder = _maps(0)
    maps.prepare(1, [5, 6, 7])
    maps.prepare(1, [7, 5])
    assert ladder.rows == [3]


def test_a_repeated_patch_in_one_request_is_computed_once() -> None:
    maps, ladder = _maps(10**6)
    maps.prepare(1, [5, 6, 5])
    assert ladder.rows == [2]


def test_the_lowest_layers_maps_are_evicted_first() -> None:
    budget = 4 * (BYTES[0] + BYTES[1] + BYTES[2])
    maps, _ = _maps(budget)
    maps.prepare(2, range(4))
    assert _held(maps)[:3] == [[0, 1, 2, 3]] * 3
    maps.prepare(2, [4])  # its 32 bytes cost a map of the lowest layer, which leaves room for one above it
    assert _held(maps)[:3] == [[1, 2, 3], [0, 1, 2, 3, 4], [0, 1, 2, 3, 4]]


def test_a_layer_s_oldest_maps_are_evicted_but_never_requested_ones() -> None:
    maps, _ = _maps(3 * BYTES[1], batch_size=2)
    maps.prepare(1, [0, 1, 2])
    maps.prepare(1, [0])  # requested again: now the youngest
    maps.prepare(1, [7])
    assert _held(maps) == [[], [2, 0, 7], [], []]
    maps.prepare(1, [8, 9, 10, 11])
    assert _held(maps) == [[], [8, 9, 10, 11], [], []]


def test_layers_above_are_dropped() -> None:
    maps, _ = _maps(10**6)
    maps.prepare(2, [0, 1])
    maps.prepare(1, [0])
    assert _held(maps)[2] == []
    with pytest.raises(KeyError):
        maps.get(2, [0])


def test_a_kept_map_holds_no_other_memory() -> None:
    maps, _ = _maps(10**6)
    maps.prepare(1, range(4))
    values = [value for kept in maps._kept for value in kept.values()]
    assert len(values) == 8
    assert all(value.untyped_storage().nbytes() == value.numel() * 4 for value in values)


def _below_the_logits() -> int:
    """Return the bytes of one patch's maps of all layers but the last."""
    return sum(BYTES)


@pytest.mark.parametrize("room", [0, 3, 8, 59, 100])
def test_a_refill_computes_the_first_patches_in_whole_batches_if_all_their_layers_fit(room: int) -> None:
    maps, ladder = _maps(room * _below_the_logits())
    maps.refill()
    kept = list(range(59 if room >= 59 else room // 4 * 4))
    assert _held(maps) == [kept, kept, kept, []]
    assert sum(ladder.rows) == len(kept)
    assert _bytes_held(maps) == maps._bytes == len(kept) * _below_the_logits()


def test_the_pass_over_all_patches_keeps_the_same_as_a_refill_and_gives_the_same_tables() -> None:
    budget = 30 * _below_the_logits()
    passed, ladder = _maps(budget)
    tables = activation_tables(ladder, PATCHES, CPU, 4, silent, maps=passed)
    for table, expected in zip(tables, activation_tables(ladder, PATCHES, CPU, 4, silent), strict=True):
        np.testing.assert_allclose(table, expected, rtol=1e-5, atol=1e-6)
    refilled, _ = _maps(budget)
    refilled.refill()
    assert _held(passed) == _held(refilled)
    assert len(_held(passed)[0]) == 28
    for kept, other in zip(passed._kept, refilled._kept, strict=True):
        assert all(torch.equal(kept[patch], other[patch]) for patch in kept)


def test_maps_computed_in_passing_equal_those_recorded_by_a_hook() -> None:
    maps, _ = _maps(10**6)
    for layer, value in enumerate(maps.compute([5, 2, 40])[:3]):
        assert error(value, _direct(layer, [5, 2, 40])) <= 1e-5
        assert torch.equal(maps.get(layer, [5, 2, 40]), value)


def test_capacity_is_the_number_of_maps_that_fit_and_at_least_one() -> None:
    maps, _ = _maps(3 * BYTES[0] + 5)
    assert [maps.capacity(layer) for layer in range(3)] == [3, 3, (3 * BYTES[0] + 5) // BYTES[2]]
    assert _maps(0)[0].capacity(0) == 1
