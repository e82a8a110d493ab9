"""Find the groups on which two classes' circuits disagree in one image: why the network mistakes it.

The image is viewed through the circuit of the wrongly predicted class and through that of the true class, both of the
same network. The top layers are left out, because their groups are the classes themselves.

1. *Fired*: the groups of the wrong class that fire. Each one's disagreement is ``max(contribution, 0) · percentile /
   100``: how much it supports the wrong class, times how strongly it fires compared with that class's own images.
2. *Missed*: the groups of the true class that do not fire. Each one's disagreement is
   ``max(contribution, 0) · (1 − percentile / 100)``: how much it supports the true class, times how far it stays below
   that class's own images.
3. Without images of its own, a circuit has no percentiles: groups that fire count as 100, others as 0.

References: section 5 of the paper compares such circuits visually (image debugging); the ranking is our addition.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from neurflow.lens.reading import Reading
from neurflow.result.circuit import Circuit
from neurflow.terms.errors import ParameterError


@dataclass(frozen=True)
class DisputedGroup:
    """A group on which the two classes disagree.

    Attributes:
        id: id of the group, in the circuit of its own class.
        layer: layer of the group.
        score: ``M`` of the image.
        percentile: 0 … 100, ``None`` if the circuit has no images.
        contribution: signed share of its class's logit that flows through the group, in [−1, 1].
        value: disagreement, in [0, 1].
    """

    id: str
    layer: str
    score: float
    percentile: float | None
    contribution: float
    value: float


@dataclass(frozen=True)
class Disagreement:
    """Groups by descending ``value``, then by id.

    Attributes:
        fired: groups of the wrong class that fire.
        missed: groups of the true class that do not fire.
    """

    fired: tuple[DisputedGroup, ...]
    missed: tuple[DisputedGroup, ...]


def disagreement(wrong: Circuit, wrong_reading: Reading, right: Circuit, right_reading: Reading) -> Disagreement:
    """Compare two circuits on one image.

    Args:
        wrong: circuit of the wrongly predicted class.
        wrong_reading: reading of the image through ``wrong``.
        right: circuit of the true class.
        right_reading: reading of the same image through ``right``.

    Raises:
        ParameterError: the circuits have different networks or the same class, or a reading is of another circuit.
    """
    if wrong.network.digest != right.network.digest:
        raise ParameterError(
            f"the circuits are of different networks, {wrong.network.spec} and {right.network.spec}, or of different "
            "weights: trace both classes on the same network"
        )
    if wrong.target.index == right.target.index:
        raise ParameterError(f"both circuits are of class {right.target.name!r}: choose circuits of two classes")
    if (wrong_reading.width, wrong_reading.height) != (right_reading.width, right_reading.height):
        raise ParameterError("the readings are of different images: read the same image through both circuits")
    fired = (group for fires, group in _disputed(wrong, wrong_reading) if fires)
    missed = (group for fires, group in _disputed(right, right_reading) if not fires)
    return Disagreement(_ordered(fired), _ordered(missed))


def _disputed(circuit: Circuit, reading: Reading) -> Iterator[tuple[bool, DisputedGroup]]:
    """Yield every group below the top layer, with whether it fires."""
    if [group.id for group in circuit.groups] != [group.id for group in reading.groups]:
        raise ParameterError(f"the reading is not of the circuit of {circuit.target.name!r}: pass that circuit's own")
    for group, found in zip(circuit.groups, reading.groups, strict=True):
        if group.layer != circuit.layers[-1].name:
            contribution = group.importance.contribution
            share = (100.0 if found.fires else 0.0) if found.percentile is None else found.percentile
            weight = share / 100 if found.fires else 1 - share / 100
            value = max(contribution, 0.0) * weight
            yield found.fires, DisputedGroup(group.id, group.layer, found.score, found.percentile, contribution, value)


def _ordered(groups: Iterator[DisputedGroup]) -> tuple[DisputedGroup, ...]:
    return tuple(sorted(groups, key=lambda group: (-group.value, group.id)))
