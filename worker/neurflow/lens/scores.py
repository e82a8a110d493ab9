"""Which groups fire for an image, compared with what is usual for the circuit's own images.

1. The *score* of a group is ``M`` (:mod:`neurflow.method.firing`): the highest score of the image's crops.
2. Its *percentile* is the share of the circuit's own images that score below, half of those that score the same
   counted in, in 0 … 100. Scores within a ten-thousandth are the same, so that an image of the circuit itself ties
   with itself although its numbers were rounded in another batch: over the circuit's own images percentiles are
   uniform.
3. A group *fires* when its score is at least :data:`FIRING_SCORE` and its percentile at least
   :data:`FIRING_PERCENTILE`: its neurons are as active as on their own patches, give or take a half, and no less than
   usual for the class.
4. A group is *silent* when it does not fire, though it fires for at least :data:`USUAL_SHARE` of the circuit's own
   images by the same rule.
5. The *best* crops are those with the highest score, no two of the same place.

References: section 5 of the paper has the measure; the comparison with the class's images is ours.
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
"""Lowest score at which a group fires."""
FIRING_PERCENTILE: Final = 10.0
"""Lowest percentile at which a group fires."""
USUAL_SHARE: Final = 0.5
"""Share of the circuit's own images for which a group must fire to be missed where it does not."""
BEST_CROPS: Final = 3
"""Most crops that are told for a group."""
SAME: Final = 1e-4
"""Scores that differ by less than this share of themselves are the same."""


class Gauge:
    """What is usual for one group.

    Attributes:
        group: whose.
        usual: share of the circuit's own images for which it fires, ``None`` where it has none.
    """

    def __init__(self, group: Group) -> None:
        """Begin with a group that keeps its activations and image scores."""
        assert group.activations is not None and group.image_scores is not None
        self.group = group
        self._usual_activations = group.activations
        self._scores = np.sort(np.array(group.image_scores, dtype=np.float64))
        self.usual = float(self._fires(self._scores).mean()) if len(self._scores) else None

    def crop_scores(self, activations: NDArray[Any]) -> Floats:
        """What crops score, ``(n,)``, from the layer's pooled activations, ``(n, C)``."""
        return patch_scores(activations, self.group.neurons, self._usual_activations)

    def percentile(self, score: float) -> float | None:
        """The percentile of a score, ``None`` where the circuit has no images."""
        return float(self._percentiles(np.array([score]))[0]) if len(self._scores) else None

    def fires(self, score: float) -> bool:
        """Whether the group fires at a score."""
        return bool(self._fires(np.array([score]))[0])

    def silent(self, score: float) -> bool:
        """Whether the group does not fire at a score, though it usually does."""
        return not self.fires(score) and self.usual is not None and self.usual >= USUAL_SHARE

    def _fires(self, scores: Floats) -> NDArray[np.bool_]:
        high = scores >= FIRING_SCORE
        return high & (self._percentiles(scores) >= FIRING_PERCENTILE) if len(self._scores) else high

    def _percentiles(self, scores: Floats) -> Floats:
        below = np.searchsorted(self._scores, scores * (1 - SAME), side="left")
        not_above = np.searchsorted(self._scores, scores * (1 + SAME), side="right")
        return np.asarray(100 * (below + not_above) / 2 / len(self._scores))


def best_crops(scores: Sequence[float], boxes: Sequence[Box]) -> tuple[int, ...]:
    """Positions of the crops with the highest scores, at most :data:`BEST_CROPS`, no two of the same place."""
    chosen: list[int] = []
    for position in np.argsort(-np.asarray(scores), kind="stable").tolist():
        if not any(same_place((0, boxes[position]), (0, boxes[other])) for other in chosen):
            chosen.append(position)
        if len(chosen) == BEST_CROPS:
            break
    return tuple(chosen)
