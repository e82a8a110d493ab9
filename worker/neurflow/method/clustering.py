"""Ward clustering with the number of clusters chosen by silhouette.

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
    """Which cluster each point belongs to.

    Attributes:
        labels: ``(n,)``, numbered from 0 in the order in which clusters first appear.
        silhouettes: ``(n,)`` of each point in [-1, 1], or ``None`` where there is one cluster only.
    """

    labels: NDArray[np.int64]
    silhouettes: NDArray[np.float64] | None

    @property
    def count(self) -> int:
        """Number of clusters."""
        return int(self.labels.max()) + 1

    def silhouette(self, label: int) -> float | None:
        """Mean silhouette of one cluster."""
        return None if self.silhouettes is None else float(self.silhouettes[self.labels == label].mean())


def cluster(points: NDArray[np.floating], most: int, threshold: float) -> Clustering:
    """Cluster points by Ward's method.

    Args:
        points: ``(n, d)``, ``n ≥ 1``.
        most: largest number of clusters tried; at most ``n − 1`` can be judged by silhouette.
        threshold: mean silhouette that the best split must reach, or all points stay together.

    Returns:
        The split into 2 … ``most`` clusters with the highest mean silhouette (the fewest clusters among equals), or
        one cluster where none reaches ``threshold``, all points are the same, or there are fewer than three.
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
        # Merges of equal height are cut together, so there may be fewer clusters than asked for.
        labels = fcluster(tree, count, criterion="maxclust") - 1
        if labels.max() < 1:
            continue
        silhouettes = silhouette(square, labels)
        mean = float(silhouettes.mean())
        if mean > best_mean or (best is whole and mean >= threshold):
            best, best_mean = Clustering(_in_order(labels), silhouettes), mean
    return best


def silhouette(distances: NDArray[np.float64], labels: NDArray[np.integer]) -> NDArray[np.float64]:
    """Silhouette of each point: ``(b − a) / max(a, b)``; 0 for a point alone in its cluster.

    ``a`` is a point's mean distance from the others of its cluster, ``b`` from the points of the nearest other
    cluster. As ``sklearn.metrics.silhouette_samples``, whose checks of its input take longer than the rest.

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
