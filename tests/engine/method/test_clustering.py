"""Ward clustering and silhouettes, compared with scikit-learn's, and sets of points that are not split."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.cluster import AgglomerativeClustering
from sklearn.metrics import adjusted_rand_score, silhouette_samples, silhouette_score

from neurflow.method.clustering import Clustering, cluster

Points = NDArray[np.float64]


def _clouds(seed: int, sizes: tuple[int, ...], dimensions: int = 5, apart: float = 20) -> Points:
    generator = np.random.default_rng(seed)
    centres = apart * np.eye(dimensions)[: len(sizes)]
    return np.concatenate(
        [centre + generator.normal(size=(size, dimensions)) for centre, size in zip(centres, sizes, strict=True)]
    )


def _reference(points: Points, most: int, threshold: float) -> NDArray[np.int64] | None:
    """Return the labels by scikit-learn's Ward and silhouettes; ``None`` if no split reaches the threshold."""
    tried = {}
    for count in range(2, min(most, len(points) - 1) + 1):
        labels = AgglomerativeClustering(count, linkage="ward").fit_predict(points)
        tried[count] = (silhouette_score(points, labels), labels)
    count = max(tried, key=lambda n: (tried[n][0], -n))
    return tried[count][1] if tried[count][0] >= threshold else None


def _assert_whole(found: Clustering, n: int) -> None:
    assert found.labels.tolist() == [0] * n
    assert found.count == 1
    assert found.silhouettes is None and found.silhouette(0) is None


@pytest.mark.parametrize("seed", range(6), ids="seed{}".format)
@pytest.mark.parametrize("shape", [(12, 2), (40, 6), (50, 64), (4, 3)], ids="{0[0]}x{0[1]}".format)
def test_clusters_equal_ward_s_at_the_best_silhouette(seed: int, shape: tuple[int, int]) -> None:
    points = np.random.default_rng(seed).normal(size=shape)
    found = cluster(points, 5, -1.0)
    reference = _reference(points, 5, -1.0)
    assert reference is not None
    assert adjusted_rand_score(found.labels, reference) == 1
    assert found.silhouettes is not None
    np.testing.assert_allclose(found.silhouettes, silhouette_samples(points, found.labels), atol=1e-9)
    for label in range(found.count):
        own = silhouette_samples(points, reference)[found.labels == label]
        assert found.silhouette(label) == pytest.approx(own.mean())


@pytest.mark.parametrize("sizes", [(10, 10), (20, 5, 9), (4, 4, 4, 4), (10, 3, 7, 5, 6)], ids=str)
@pytest.mark.parametrize("seed", range(2), ids="seed{}".format)
def test_separate_clouds_are_found_and_counted(sizes: tuple[int, ...], seed: int) -> None:
    found = cluster(_clouds(seed, sizes), 5, 0.25)
    assert found.labels.tolist() == [cloud for cloud, size in enumerate(sizes) for _ in range(size)]
    assert all((found.silhouette(label) or 0) > 0.7 for label in range(found.count))


@pytest.mark.parametrize("seed", range(4), ids="seed{}".format)
def test_one_cloud_of_many_dimensions_stays_whole(seed: int) -> None:
    _assert_whole(cluster(np.random.default_rng(seed).normal(size=(50, 40)), 5, 0.25), 50)


def test_the_threshold_decides_whether_points_are_split() -> None:
    points = _clouds(0, (10, 10), apart=3)
    best = cluster(points, 5, -1.0)
    assert best.silhouettes is not None
    mean = float(best.silhouettes.mean())
    assert cluster(points, 5, mean).labels.tolist() == best.labels.tolist()
    _assert_whole(cluster(points, 5, np.nextafter(mean, 1)), 20)


def test_no_more_clusters_than_allowed() -> None:
    points = _clouds(3, (6, 6, 6, 6))
    assert [cluster(points, most, -1.0).count for most in (2, 3, 4, 9)] == [2, 3, 4, 4]
    _assert_whole(cluster(points, 1, -1.0), 24)


def test_clusters_are_numbered_in_the_order_in_which_they_appear() -> None:
    points = _clouds(1, (5, 7, 6))[::-1]
    order = np.random.default_rng(0).permutation(len(points))
    for labels in (cluster(points, 5, 0.25).labels, cluster(points[order], 5, 0.25).labels):
        _, first = np.unique(labels, return_index=True)
        assert len(first) == 3 and first.tolist() == sorted(first.tolist())


@pytest.mark.parametrize("n", [1, 2])
def test_fewer_than_three_points_stay_whole(n: int) -> None:
    _assert_whole(cluster(np.arange(2.0 * n).reshape(n, 2) * 100, 5, -1.0), n)


@pytest.mark.parametrize("n", [3, 50])
def test_equal_points_stay_whole(n: int) -> None:
    _assert_whole(cluster(np.full((n, 4), 0.7, dtype=np.float32), 5, -1.0), n)


@pytest.mark.parametrize("counts", [(2, 1), (10, 1), (5, 5, 5), (40, 3, 2)], ids=str)
def test_copies_of_a_few_points_make_one_cluster_for_each(counts: tuple[int, ...]) -> None:
    points = np.repeat(np.eye(3)[: len(counts)], counts, axis=0)
    found = cluster(points, 5, 0.25)
    assert found.labels.tolist() == [kind for kind, count in enumerate(counts) for _ in range(count)]


def test_constant_columns_and_half_precision_change_nothing() -> None:
    points = _clouds(2, (8, 9, 7), apart=6)
    padded = np.concatenate([points, np.full((len(points), 3), 5.0)], axis=1)
    expected = cluster(points, 5, 0.25).labels.tolist()
    assert cluster(padded, 5, 0.25).labels.tolist() == expected
    assert cluster(points.astype(np.float32), 5, 0.25).labels.tolist() == expected
