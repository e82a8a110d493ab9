"""Measure what happens to an image's classes when groups are knocked out or scaled, compared with random neurons.

1. Run the image up to the lowest layer with scaled groups. There, multiply the activations of the groups' neurons by
   their factor, 0 to knock them out, and run the rest of the network, scaling again at each higher layer that has
   scaled groups. A neuron in several of the groups takes the smallest factor.
2. For comparison, assign the same factors several times to neurons drawn at random from the whole layer. An effect that
   any neurons of that number have cannot be credited to the group.

References: section 4 of the paper (masking); the random sets follow its study of optimality.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from neurflow.lens.reading import ClassChange, TopClass
from neurflow.lens.sliced_network import SlicedNetwork
from neurflow.result.circuit import Circuit, Group
from neurflow.terms.errors import ParameterError
from neurflow.terms.messages import did_you_mean

TOP: Final = 5
"""Number of classes reported."""
RANDOM_SETS: Final = 20
LARGEST_FACTOR: Final = 10.0
Factors = Mapping[int, NDArray[np.float64]]
"""The factor of every neuron by layer, ``(C_l,)``."""


@dataclass(frozen=True)
class KnockOut:
    """The effect of scaling groups on one image.

    Attributes:
        factors: the groups' factors by id, in the order given.
        neurons: number of scaled neurons.
        classes: the top five before and after, then the circuit's class if it is not among them.
        predicted: index of the class with the highest logit, before and after.
        random_sets: number of random sets compared with.
        seed: seed of the random sets.
    """

    factors: tuple[tuple[str, float], ...]
    neurons: int
    classes: tuple[ClassChange, ...]
    predicted: tuple[int, int]
    random_sets: int
    seed: int


def chosen(groups: Mapping[str, float] | Iterable[str] | str) -> dict[str, float]:
    """Return the groups with their factors, 0 by default.

    Raises:
        ParameterError: no group is given, or a factor is out of range.
    """
    if isinstance(groups, str):
        groups = [groups]
    factors = dict(groups) if isinstance(groups, Mapping) else dict.fromkeys(groups, 0.0)
    if not factors:
        raise ParameterError("no group is given: name at least one")
    for id, factor in factors.items():
        if not 0 <= factor <= LARGEST_FACTOR:
            raise ParameterError(f"factor of {id} is {factor}: choose a number from 0 to {LARGEST_FACTOR:g}")
    return factors


def find_group(circuit: Circuit, id: str) -> tuple[int, Group]:
    """Return the position of a group's layer, and the group with this id.

    Raises:
        ParameterError: the group is unknown.
    """
    known = {group.id: group for group in circuit.groups}
    if id not in known:
        raise ParameterError(f"{id!r} is not a group of this circuit.{did_you_mean(id, known)}")
    return [layer.name for layer in circuit.layers].index(known[id].layer), known[id]


def factors_of(circuit: Circuit, wanted: Mapping[str, float]) -> dict[int, NDArray[np.float64]]:
    """Return the factor of every neuron, for each layer with scaled groups.

    Raises:
        ParameterError: a group is unknown.
    """
    of_layer: dict[int, list[tuple[Group, float]]] = {}
    for id, factor in wanted.items():
        layer, group = find_group(circuit, id)
        of_layer.setdefault(layer, []).append((group, factor))
    found = {}
    for layer, groups in of_layer.items():
        smallest = np.full(circuit.layers[layer].channels, np.inf)
        for group, factor in groups:
            channels = list(group.neurons)
            smallest[channels] = np.minimum(smallest[channels], factor)
        found[layer] = np.where(np.isinf(smallest), 1.0, smallest)
    return found


def with_random_sets(factors: Factors, random_sets: int, seed: int) -> dict[int, Tensor]:
    """Return the factors followed by those of each random set, ``(1 + sets, C_l)`` for each layer."""
    generator = np.random.default_rng(seed)
    return {
        layer: torch.from_numpy(np.stack([own, *(generator.permutation(own) for _ in range(random_sets))]))
        for layer, own in sorted(factors.items())
    }


def knock_out(
    network: SlicedNetwork,
    circuit: Circuit,
    maps: Sequence[Tensor],
    wanted: Mapping[str, float],
    random_sets: int,
    seed: int,
) -> KnockOut:
    """Measure the effect on one image, given its maps (``(1, …)`` for each layer)."""
    factors = factors_of(circuit, wanted)
    rows = with_random_sets(factors, random_sets, seed)
    logits = torch.cat([network.logits(maps, {}), network.logits(maps, rows)]).double()
    neurons = sum(int((own != 1).sum()) for own in factors.values())
    return KnockOut(
        tuple(wanted.items()),
        neurons,
        class_changes(logits, circuit),
        (int(logits[0].argmax()), int(logits[1].argmax())),
        random_sets,
        seed,
    )


def class_changes(logits: Tensor, circuit: Circuit) -> tuple[ClassChange, ...]:
    """Return the classes to report, from logits ``(2 + sets, classes)``: before, after, with each random set."""
    probabilities = logits.softmax(dim=1)
    shown = [*_highest(logits[0]), *_highest(logits[1]), circuit.target.index]
    random_logits, random_probabilities = logits[2:] - logits[0], probabilities[2:] - probabilities[0]
    return tuple(
        ClassChange(
            index,
            circuit.network.classes[index],
            (float(logits[0, index]), float(logits[1, index])),
            (float(probabilities[0, index]), float(probabilities[1, index])),
            _mean_and_spread(random_logits[:, index]),
            _mean_and_spread(random_probabilities[:, index]),
        )
        for index in dict.fromkeys(shown)
    )


def top_classes(logits: Tensor, circuit: Circuit) -> tuple[tuple[TopClass, ...], TopClass]:
    """Return the classes with the highest of ``logits``, ``(classes,)``, and the circuit's own class."""
    exact = logits.double()
    probabilities = exact.softmax(dim=0)
    *highest, own = (
        TopClass(index, circuit.network.classes[index], float(exact[index]), float(probabilities[index]))
        for index in (*_highest(exact), circuit.target.index)
    )
    return tuple(highest), own


def _highest(logits: Tensor) -> list[int]:
    order: list[int] = torch.argsort(logits, descending=True, stable=True)[:TOP].tolist()
    return order


def _mean_and_spread(changes: Tensor) -> tuple[float, float]:
    if not len(changes):
        return 0.0, 0.0
    return float(changes.mean()), float(changes.std(correction=0))
