"""Decide which groups fire for an image, compared with the circuit's own images.

1. The *score* of a group is ``M`` (:mod:`neurflow.method.firing`): the highest score of the image's crops.
2. Its *percentile*, 0 … 100, is the percentage of the circuit's own images with a lower score, plus half of those with
   the same score. Scores within a ten-thousandth count as the same, so that an image of the circuit ties with itself
   despite rounding differences between batches; over the circuit's own images, percentiles are uniform.
3. A group *fires* if its score is at least :data:`FIRING_SCORE` and its percentile at least
   :data:`FIRING_PERCENTILE`: its neurons are about half as active as on their own patches or more, and no less than is
   usual for the class.
4. A group is *silent* if it does not fire, but by the same rule fires for at least :data:`USUAL_SHARE` of the circuit's
   own images.
5. The *best* crops are those with the highest score, no two from the same place.

References: the score is from section 5 of the paper; the comparison with the class's images is our addition.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from neurflow.method.firing import Floats, patch_scores
from neurflow.method.neuron_groups import same_place
from neurflow.result.circuit import Box, Group

FIRING_SCORE: Final = 0.5
"""Minimum score of a group that fires."""
FIRING_PERCENTILE: Final = 10.0
"""Minimum percentile of a group that fires."""
USUAL_SHARE: Final = 0.5
"""Fraction of the circuit's own images for which a group must fire to count as silent where it does not."""
BEST_CROPS: Final = 3
"""Maximum number of crops reported for a group."""
SAME: Final = 1e-4
"""Relative difference up to which scores count as the same."""


class GroupScorer:
    """Scores crops and images for one group, relative to the circuit's own images.

    Attributes:
        group: the group.
        usual: fraction of the circuit's own images for which the group fires, ``None`` if it has none.
    """

    def __init__(self, group: Group) -> None:
        """Create from a group that has its activations and image scores."""
        assert group.activations is not None and group.image_scores is not None
        self.group = group
        self._usual_activations = group.activations
        self._scores = np.sort(np.array(group.image_scores, dtype=np.float64))
        self.usual = float(self._fires(self._scores).mean()) if len(self._scores) else None

    def crop_scores(self, activations: NDArray[Any]) -> Floats:
        """Score crops, ``(n,)``, by the layer's pooled activations, ``(n, C)``."""
        return patch_scores(activations, self.group.neurons, self._usual_activations)

    def percentile(self, score: float) -> float | None:
        """Return the percentile of a score, ``None`` if the circuit has no images."""
        return float(self._percentiles(np.array([score]))[0]) if len(self._scores) else None

    def fires(self, score: float) -> bool:
        """Return whether the group fires at a score."""
        return bool(self._fires(np.array([score]))[0])

    def silent(self, score: float) -> bool:
        """Return whether the group usually fires, but not at this score."""
        return not self.fires(score) and self.usual is not None and self.usual >= USUAL_SHARE

    def _fires(self, scores: Floats) -> NDArray[np.bool_]:
        high = scores >= FIRING_SCORE
        return high & (self._percentiles(scores) >= FIRING_PERCENTILE) if len(self._scores) else high

    def _percentiles(self, scores: Floats) -> Floats:
        below = np.searchsorted(self._scores, scores * (1 - SAME), side="left")
        not_above = np.searchsorted(self._scores, scores * (1 + SAME), side="right")
        return np.asarray(100 * (below + not_above) / 2 / len(self._scores))


def best_crops(scores: Sequence[float], boxes: Sequence[Box]) -> tuple[int, ...]:
    """Return the positions of up to :data:`BEST_CROPS` crops with the highest scores, no two from the same place."""
    chosen: list[int] = []
    for position in np.argsort(-np.asarray(scores), kind="stable").tolist():
        if not any(same_place((0, boxes[position]), (0, boxes[other])) for other in chosen):
            chosen.append(position)
        if len(chosen) == BEST_CROPS:
            break
    return tuple(chosen)
