"""What the circuits of two classes disagree on in one image: why it is taken for the wrong one.

One image is seen through the circuit of the class that the network wrongly predicts and through that of the true class.
Both are of the same network. The groups of either top layer are left out: they are the classes themselves.

1. *Fired*: the groups of the wrong class that fire. Each disagrees by ``max(contribution, 0) · percentile / 100``: how
   much it speaks for the wrong class, times how strongly it fires beside what is usual for that class.
2. *Missed*: the groups of the true class that do not fire. Each disagrees by
   ``max(contribution, 0) · (1 − percentile / 100)``: how much it speaks for the true class, times how far it falls
   short of what is usual.
3. Where a circuit has no images of its own, there is no percentile: what fires counts as 100, what does not as 0.

References: section 5 of the paper compares such circuits by eye (image debugging); the order is ours.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from neurflow.lens.reading import Reading
from neurflow.result.circuit import Circuit
from neurflow.terms.errors import ParameterError


@dataclass(frozen=True)
class Disputed:
    """A group on which the two classes disagree.

    Attributes:
        id: of the group, in the circuit of its own class.
        layer: of the group.
        score: ``M`` of the image.
        percentile: 0 … 100, ``None`` where the circuit has no images.
        contribution: signed share of its class's logit that flows through the group, in [−1, 1].
        value: how much it disagrees, in [0, 1].
    """

    id: str
    layer: str
    score: float
    percentile: float | None
    contribution: float
    value: float


@dataclass(frozen=True)
class Disagreement:
    """Groups by falling ``value``, then by id.

    Attributes:
        fired: of the wrong class, those that fire.
        missed: of the true class, those that do not.
    """

    fired: tuple[Disputed, ...]
    missed: tuple[Disputed, ...]


def disagreement(wrong: Circuit, wrong_reading: Reading, right: Circuit, right_reading: Reading) -> Disagreement:
    """What two circuits disagree on in an image.

    Args:
        wrong: of the class that is wrongly predicted.
        wrong_reading: of the image through ``wrong``.
        right: of the true class.
        right_reading: of the same image through ``right``.

    Raises:
        ParameterError: the circuits are of different networks or of the same class, or a reading is not of its circuit.
    """
    if wrong.network.digest != right.network.digest:
        raise ParameterError(
            f"the circuits are of different networks, {wrong.network.spec} and {right.network.spec}, or of other "
            "weights: trace both classes on the same network"
        )
    if wrong.target.index == right.target.index:
        raise ParameterError(f"both circuits are of class {right.target.name!r}: give those of two classes")
    if (wrong_reading.width, wrong_reading.height) != (right_reading.width, right_reading.height):
        raise ParameterError("the readings are of different images: look at one image through both circuits")
    fired = (group for fires, group in _disputed(wrong, wrong_reading) if fires)
    missed = (group for fires, group in _disputed(right, right_reading) if not fires)
    return Disagreement(_ordered(fired), _ordered(missed))


def _disputed(circuit: Circuit, reading: Reading) -> Iterator[tuple[bool, Disputed]]:
    """Every group below the top layer, and whether it fires."""
    if [group.id for group in circuit.groups] != [group.id for group in reading.groups]:
        raise ParameterError(f"the reading is not through the circuit of {circuit.target.name!r}: give its own")
    for group, found in zip(circuit.groups, reading.groups, strict=True):
        if group.layer != circuit.layers[-1].name:
            contribution = group.importance.contribution
            share = (100.0 if found.fires else 0.0) if found.percentile is None else found.percentile
            weight = share / 100 if found.fires else 1 - share / 100
            value = max(contribution, 0.0) * weight
            yield found.fires, Disputed(group.id, group.layer, found.score, found.percentile, contribution, value)


def _ordered(groups: Iterator[Disputed]) -> tuple[Disputed, ...]:
    return tuple(sorted(groups, key=lambda group: (-group.value, group.id)))
