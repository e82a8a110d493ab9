"""How strongly a group fires, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from neurflow.method.firing import EPSILON, image_scores, patch_scores, usual_activations


def test_a_patch_scores_the_geometric_mean_of_its_own_neurons() -> None:
    # Neurons 2 and 0, usually 1 and 4, on patches of which each scores by itself.
    activations = np.array([[4.0, 9.0, 1.0], [8.0, 9.0, 2.0], [16.0, 9.0, 1.0], [4.0, 9.0, 0.25]], dtype=np.float32)
    found = patch_scores(activations, (2, 0), (1.0, 4.0))
    assert found.tolist() == pytest.approx([1, 2, 2, 0.5], rel=1e-5)
    assert found.dtype == np.float64


def test_usual_activations_count_by_size_and_others_above_zero() -> None:
    found = patch_scores(np.array([[2.0], [-2.0], [0.0]]), (0,), (-2.0,))
    assert found.tolist() == pytest.approx([1, EPSILON, EPSILON], rel=1e-5)


def test_a_group_that_is_never_active_scores_by_the_smallest_share() -> None:
    # The share is one over nothing and ε, and ε once more.
    assert patch_scores(np.array([[1.0], [0.0]]), (0,), (0.0,)).tolist() == pytest.approx([1e6, 1e-6], rel=1e-9)


def test_half_precision_is_computed_in_double() -> None:
    activations = np.array([[1.0, 3.0]], dtype=np.float16)
    assert patch_scores(activations, (0, 1), (3.0, 1.0))[0] == pytest.approx(1, abs=1e-5)


def test_usual_activations_are_means_in_double() -> None:
    table = np.array([[1e8, 1.0], [1.0, 2.0], [-1e8, 6.0]], dtype=np.float32)
    assert usual_activations(table, {1: [2, 0, 1], 0: [0, 1, 2]}) == pytest.approx((1 / 3, 3.0))


def test_an_image_scores_like_its_best_patch_in_any_order() -> None:
    found = image_scores(np.array([0.25, 2.0, 0.5, 1.0, 0.75]), [2, 0, 2, 1, 0], 3)
    assert found.tolist() == [2.0, 1.0, 0.5]
