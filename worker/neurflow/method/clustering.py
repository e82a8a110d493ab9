"""Ward clustering with the number of clusters selected by silhouette.

References: Ward, "Hierarchical Grouping to Optimize an Objective Function" (JASA 1963); Rousseeuw, "Silhouettes: a
graphical aid to the interpretation and validation of cluster analysis" (J. Comput. Appl. Math. 1987).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import pdist, squareform


@dataclass(frozen=True)
class Clustering:
    """The cluster of each point.

    Attributes:
        labels: ``(n,)``, numbered from 0 in order of first appearance.
        silhouettes: silhouette of each point in [-1, 1], ``(n,)``; ``None`` if there is only one cluster.
    """

    labels: NDArray[np.int64]
    silhouettes: NDArray[np.float64] | None

    @property
    def count(self) -> int:
        """Number of clusters."""
        return int(self.labels.max()) + 1

    def silhouette(self, label: int) -> float | None:
        """Return the mean silhouette of one cluster."""
        return None if self.silhouettes is None else float(self.silhouettes[self.labels == label].mean())


def cluster(points: NDArray[np.floating], most: int, threshold: float) -> Clustering:
    """Cluster points with Ward's method.

    Args:
        points: ``(n, d)``, ``n ≥ 1``.
        most: maximum number of clusters; the silhouette is defined for at most ``n − 1``.
        threshold: minimum mean silhouette of a split; below it, all points form one cluster.

    Returns:
        The split into 2 … ``most`` clusters with the highest mean silhouette, ties going to fewer clusters. One
        cluster if no split reaches ``threshold``, all points are equal, or there are fewer than three.
    """
    n = len(points)
    whole = Clustering(np.zeros(n, dtype=np.int64), None)
    distances = pdist(points.astype(np.float64))
    largest = min(most, n - 1)
    if n < 3 or largest < 2 or not distances.max() > 0:
        return whole
    tree = linkage(points.astype(np.float64), method="ward")
    square = squareform(distances)
    best, best_mean = whole, threshold
    for count in range(2, largest + 1):
        # `fcluster` cuts merges of equal height together, so it may return fewer clusters.
        labels = fcluster(tree, count, criterion="maxclust") - 1
        if labels.max() < 1:
            continue
        silhouettes = silhouette(square, labels)
        mean = float(silhouettes.mean())
        if mean > best_mean or (best is whole and mean >= threshold):
            best, best_mean = Clustering(_in_order(labels), silhouettes), mean
    return best


def silhouette(distances: NDArray[np.float64], labels: NDArray[np.integer]) -> NDArray[np.float64]:
    """Compute the silhouette of each point: ``(b − a) / max(a, b)``; 0 for a point alone in its cluster.

    ``a`` is the point's mean distance to the other points of its cluster, ``b`` its mean distance to the points of the
    nearest other cluster. Same as ``sklearn.metrics.silhouette_samples`` without its input checks, which dominate the
    run time at this size.

    Args:
        distances: ``(n, n)``, symmetric.
        labels: ``(n,)``, numbered from 0, at least two clusters.

    Returns:
        ``(n,)`` in [-1, 1].
    """
    points = np.arange(len(labels))
    members = (labels[:, None] == np.arange(labels.max() + 1)).astype(np.float64)
    sizes = members.sum(axis=0)
    sums = distances @ members
    own = sizes[labels]
    inner = sums[points, labels] / np.maximum(own - 1, 1)
    means = sums / sizes
    means[points, labels] = np.inf
    outer = means.min(axis=1)
    larger = np.maximum(inner, outer)
    return np.where((own > 1) & (larger > 0), (outer - inner) / np.where(larger > 0, larger, 1), 0.0)


def _in_order(labels: NDArray[np.integer]) -> NDArray[np.int64]:
    _, first = np.unique(labels, return_index=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return np.asarray(rank[labels])
