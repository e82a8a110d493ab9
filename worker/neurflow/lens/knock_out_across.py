"""Measure the effect of a knock-out on a class over many images, compared with random neurons.

The knock-out is the same as for one image (:mod:`neurflow.lens.knock_out`), applied to each image: how many are still
predicted as the class, and the mean of the class's logit. Each random set is the same for all images.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from neurflow.lens.knock_out import factors_of, with_random_sets
from neurflow.lens.sliced_network import SlicedNetwork
from neurflow.progress import Progress
from neurflow.result.circuit import Circuit

STAGE = "knock-out"


@dataclass(frozen=True)
class KnockOutAcross:
    """The effect of scaling groups on a class, over many images.

    Attributes:
        class_index: index of the class.
        images: number of images.
        accuracy: fraction of the images that the network predicts as the class, before and after.
        logit: mean of the class's logit, before and after.
        random_accuracy: mean and standard deviation of the change in accuracy with random neurons.
        random_logit: mean and standard deviation of the change in the mean logit with random neurons.
    """

    class_index: int
    images: int
    accuracy: tuple[float, float]
    logit: tuple[float, float]
    random_accuracy: tuple[float, float]
    random_logit: tuple[float, float]


def knock_out_across(
    network: SlicedNetwork,
    circuit: Circuit,
    inputs: Callable[[range], Tensor],
    count: int,
    wanted: Mapping[str, float],
    class_index: int,
    random_sets: int,
    seed: int,
    progress: Progress,
) -> KnockOutAcross:
    """Measure the effect of scaling groups on a class.

    Args:
        network: the circuit's network.
        circuit: the circuit.
        inputs: returns the network input for the images at these positions.
        count: number of images, at least 1.
        wanted: factors by group id.
        class_index: index of the class.
        random_sets: number of random sets.
        seed: seed of the random sets.
        progress: called with stage ``"knock-out"`` and the number of images done.
    """
    rows = with_random_sets(factors_of(circuit, wanted), random_sets, seed)
    hits, sums = np.zeros(2 + random_sets), np.zeros(2 + random_sets)
    progress(STAGE, 0, count)
    for start in range(0, count, network.batch_size):
        batch = range(start, min(start + network.batch_size, count))
        maps, _ = network.maps(inputs(batch))
        for number in range(2 + random_sets):
            logits = network.logits(maps, _for_each(rows, number - 1, len(batch)) if number else {}).double()
            hits[number] += int((logits.argmax(dim=1) == class_index).sum())
            sums[number] += float(logits[:, class_index].sum())
        progress(STAGE, batch.stop, count)
    accuracy, logit = hits / count, sums / count
    return KnockOutAcross(
        class_index,
        count,
        (float(accuracy[0]), float(accuracy[1])),
        (float(logit[0]), float(logit[1])),
        _mean_and_spread((accuracy[2:] - accuracy[0]).tolist()),
        _mean_and_spread((logit[2:] - logit[0]).tolist()),
    )


def _for_each(rows: Mapping[int, Tensor], number: int, images: int) -> dict[int, Tensor]:
    """Return one set's factors, repeated for each image."""
    return {layer: factors[number].expand(images, -1) for layer, factors in rows.items()}


def _mean_and_spread(changes: Sequence[float]) -> tuple[float, float]:
    return (float(np.mean(changes)), float(np.std(changes))) if changes else (0.0, 0.0)
