"""Clustering at its limits: small distances, few points and equal silhouettes."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import silhouette_samples

from neurflow.method.clustering import cluster, silhouette


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_the_scale_of_the_distances_does_not_matter(scale: float) -> None:
    points = scale * np.array([[0.0], [0.01], [1.0], [1.01]])
    assert cluster(points, 3, 0.25).labels.tolist() == [0, 0, 1, 1]


def test_three_points_are_judged_as_two_clusters() -> None:
    found = cluster(np.array([[0.0], [1.0], [9.0]]), 5, 0.25)
    assert found.labels.tolist() == [0, 0, 1]
    # a = 1, b = 9 and 8; the third is alone.
    assert found.silhouettes is not None and found.silhouettes.tolist() == pytest.approx([8 / 9, 7 / 8, 0])
    assert found.silhouette(1) == 0


def test_labels_are_integers_split_or_not() -> None:
    for threshold in (0.25, 1.5):
        found = cluster(np.array([[0.0], [1.0], [9.0]]), 5, threshold)
        assert found.labels.dtype == np.int64


def test_a_split_exactly_at_the_threshold_is_made() -> None:
    points = np.array([[0.0], [1.0], [9.0]])
    mean = (8 / 9 + 7 / 8) / 3
    assert cluster(points, 5, float(np.nextafter(mean, 0))).count == 2
    assert cluster(points, 5, float(np.nextafter(mean, 1))).count == 1


def test_if_equal_merges_leave_no_cut_between_more_clusters_are_tried() -> None:
    # Four pairs, all equally far from each other: no cut gives three clusters or two.
    points = np.array([[*corner, end] for corner in (8 * np.eye(4)).tolist() for end in (0.0, 1.0)])
    found = cluster(points, 5, 0.25)
    assert found.labels.tolist() == [0, 0, 1, 1, 2, 2, 3, 3]


def test_silhouettes_of_pairs_triples_and_points_alone() -> None:
    points = np.random.default_rng(3).normal(size=(9, 2))
    labels = np.array([0, 0, 1, 1, 1, 2, 3, 3, 3])
    distances = np.linalg.norm(points[:, None] - points[None], axis=2)
    np.testing.assert_allclose(silhouette(distances, labels), silhouette_samples(points, labels), atol=1e-12)


def test_two_clusters_of_equal_points_have_no_silhouette() -> None:
    assert silhouette(np.zeros((4, 4)), np.array([0, 0, 1, 1])).tolist() == [0.0] * 4
