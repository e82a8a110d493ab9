"""What a knock-out does to a class over many images, beside random neurons.

The same knock-out as of one image (:mod:`neurflow.lens.knock_out`), on each of them: how many are still taken for the
class, and the mean of the class's logit. Each random set is the same for all images.
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
class AcrossImages:
    """The effect of scaling groups on a class over many images.

    Attributes:
        class_index: which class.
        images: how many.
        accuracy: share of the images that the network takes for the class, before and after.
        logit: mean of the class's logit, before and after.
        random_accuracy: mean and spread (standard deviation) of the accuracy's change with random neurons.
        random_logit: likewise of the mean logit's change.
    """

    class_index: int
    images: int
    accuracy: tuple[float, float]
    logit: tuple[float, float]
    random_accuracy: tuple[float, float]
    random_logit: tuple[float, float]


def across_images(
    network: SlicedNetwork,
    circuit: Circuit,
    inputs: Callable[[range], Tensor],
    count: int,
    wanted: Mapping[str, float],
    class_index: int,
    random_sets: int,
    seed: int,
    progress: Progress,
) -> AcrossImages:
    """The effect on a class.

    Args:
        network: of the circuit.
        circuit: whose groups.
        inputs: the network's input for images at these positions.
        count: of the images, 1 or more.
        wanted: factors by the groups' ids.
        class_index: of the class.
        random_sets: how many.
        seed: to draw them with.
        progress: stage ``"knock-out"``, in images.
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
    return AcrossImages(
        class_index,
        count,
        (float(accuracy[0]), float(accuracy[1])),
        (float(logit[0]), float(logit[1])),
        _mean_and_spread((accuracy[2:] - accuracy[0]).tolist()),
        _mean_and_spread((logit[2:] - logit[0]).tolist()),
    )


def _for_each(rows: Mapping[int, Tensor], number: int, images: int) -> dict[int, Tensor]:
    """One set's factors, the same for each image."""
    return {layer: factors[number].expand(images, -1) for layer, factors in rows.items()}


def _mean_and_spread(changes: Sequence[float]) -> tuple[float, float]:
    return (float(np.mean(changes)), float(np.std(changes))) if changes else (0.0, 0.0)
