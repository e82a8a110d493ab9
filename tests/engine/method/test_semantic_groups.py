"""How a concept is split, and the weights into each part."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import TypeAdapter

from neurflow.method.semantic_groups import ConceptPart, edge_weights, split_concept
from tests.engine import twin


def _kinds(seed: int, kinds: list[int], width: int = 6) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """Return activations below, of patches of several kinds, to each of which another neuron responds."""
    generator = np.random.default_rng(seed)
    values = generator.normal(scale=0.05, size=(len(kinds), width))
    values[np.arange(len(kinds)), kinds] += 1
    return values.astype(np.float32)


@pytest.mark.parametrize("seed", range(4), ids="seed{}".format)
def test_a_neuron_that_responds_to_two_kinds_of_patches_is_split_into_these(seed: int) -> None:
    generator = np.random.default_rng(seed)
    kinds = generator.permutation([0] * 7 + [1] * 5).tolist()
    concept = generator.permutation(100)[:12].astype(np.int64)
    attributions = generator.normal(size=(12, 3))
    parts = split_concept(concept, _kinds(seed, kinds), attributions, 5, 0.25)
    rows = [[row for row, kind in enumerate(kinds) if kind == wanted] for wanted in (kinds[0], 1 - kinds[0])]
    assert [part.patches for part in parts] == [tuple(int(concept[row]) for row in part) for part in rows]
    for part, own in zip(parts, rows, strict=True):
        assert part.silhouette is not None and part.silhouette > 0.7
        expected = twin.part_edge_weights(attributions, own, range(3))
        np.testing.assert_allclose(part.weights, expected, rtol=1e-12)
        carried = twin.part_patch_weights(attributions, own, range(3))
        np.testing.assert_allclose(part.patch_weights(), carried, rtol=1e-12)
        np.testing.assert_allclose(part.patch_weights().sum(axis=0), part.weights, atol=1e-15)


def test_a_concept_of_one_kind_stays_whole() -> None:
    generator = np.random.default_rng(0)
    concept = np.arange(50, dtype=np.int64)[::-1].copy()
    attributions = generator.normal(size=(50, 4))
    below = generator.normal(size=(50, 60)).astype(np.float32)
    (whole,) = split_concept(concept, below, attributions, 5, 0.25)
    assert whole.patches == tuple(range(49, -1, -1))
    assert whole.silhouette is None
    np.testing.assert_allclose(whole.weights, twin.part_edge_weights(attributions, range(50), range(4)), rtol=1e-12)


@pytest.mark.parametrize("most", [1, 2, 3], ids="most{}".format)
def test_no_more_parts_than_the_maximum(most: int) -> None:
    below = _kinds(0, [0] * 5 + [1] * 5 + [2] * 5 + [3] * 5)
    parts = split_concept(np.arange(20, dtype=np.int64), below, np.ones((20, 1)), most, 0.25)
    assert len(parts) == most
    assert sorted(patch for part in parts for patch in part.patches) == list(range(20))


def test_in_the_lowest_layer_parts_have_no_weights() -> None:
    parts = split_concept(np.arange(6, dtype=np.int64), _kinds(0, [0, 1, 0, 1, 0, 1]), np.zeros((6, 0)), 5, 0.25)
    assert [part.patches for part in parts] == [(0, 2, 4), (1, 3, 5)]
    assert all(part.weights == () and part.patch_weights().shape == (3, 0) for part in parts)


def test_equal_patches_make_one_part() -> None:
    below = np.full((10, 3), 0.3, dtype=np.float32)
    (whole,) = split_concept(np.arange(10, dtype=np.int64), below, np.ones((10, 2)), 5, -1.0)
    assert whole.patches == tuple(range(10)) and whole.weights == (0.5, 0.5)


@pytest.mark.parametrize("seed", range(5), ids="seed{}".format)
def test_weights_are_signed_shares_of_the_mean_attributions(seed: int) -> None:
    attributions = np.random.default_rng(seed).normal(size=(6, 4))
    weights, carried = edge_weights(attributions)
    np.testing.assert_allclose(weights, twin.part_edge_weights(attributions, range(6), range(4)), rtol=1e-12)
    np.testing.assert_allclose(carried, twin.part_patch_weights(attributions, range(6), range(4)), rtol=1e-12)
    assert np.abs(weights).sum() == pytest.approx(1)
    assert np.sign(weights).tolist() == np.sign(attributions.sum(axis=0)).tolist()


def test_attributions_that_cancel_over_the_part_give_weight_zero() -> None:
    # Means 2 and 0 where the mean sizes are 2 and 5.
    weights, carried = edge_weights(np.array([[1.0, 5.0], [3.0, -5.0]]))
    assert weights.tolist() == [1.0, 0.0]
    assert carried.tolist() == [[0.25, 1.25], [0.75, -1.25]]


def test_weights_into_a_part_without_flow_are_zero() -> None:
    weights, carried = edge_weights(np.array([[1.0, 0.0], [-1.0, 0.0], [0.0, 0.0]]))
    assert weights.tolist() == [0.0, 0.0]
    assert carried.tolist() == [[0.0, 0.0]] * 3


def test_a_part_is_read_from_a_checkpoint_to_the_last_bit() -> None:
    attributions = np.random.default_rng(0).normal(size=(12, 3))
    below = _kinds(0, [0] * 6 + [1] * 6)
    parts = split_concept(np.arange(12, dtype=np.int64), below, attributions, 5, 0.25)
    kept: TypeAdapter[tuple[ConceptPart, ...]] = TypeAdapter(tuple[ConceptPart, ...])
    assert kept.validate_json(kept.dump_json(parts)) == parts
