"""The result of reading one image through a circuit. Plain frozen data with look-ups only."""

from __future__ import annotations

from dataclasses import dataclass

from neurflow.result.circuit import Box


@dataclass(frozen=True)
class TopClass:
    """A class: its index in the network's output, its logit and its probability."""

    index: int
    name: str
    logit: float
    probability: float


@dataclass(frozen=True)
class FiringMap:
    """Where a group fires, in the part of the image that the network sees (:mod:`neurflow.lens.firing_maps`).

    ``values`` are row by row from the top, at least 0. At a value of 1, everything that covers the cell fires the group
    as strongly as the group's own patches do.
    """

    width: int
    height: int
    values: tuple[float, ...]


@dataclass(frozen=True)
class GroupReading:
    """The reading of one neuron group (:mod:`neurflow.lens.scores`).

    Attributes:
        id: id of the group.
        layer: layer of the group.
        score: ``M``, about 1 if all neurons are as active as on their own patches.
        percentile: percentage of the circuit's own images with a lower score; ``None`` if the circuit has no images.
        fires: whether the group fires for the image.
        silent: whether the group usually fires for the class, but not for this image.
        usual: fraction of the circuit's own images for which the group fires, ``None`` if it has none.
        crop_scores: the score of each of the reading's ``crops``; ``score`` is the highest.
        best: positions of the crops that fire it most, highest score first, no two from the same place.
        place: where the group fires.
    """

    id: str
    layer: str
    score: float
    percentile: float | None
    fires: bool
    silent: bool
    usual: float | None
    crop_scores: tuple[float, ...]
    best: tuple[int, ...]
    place: FiringMap


@dataclass(frozen=True)
class Reading:
    """The reading of one image.

    Attributes:
        width: width of the upright image in pixels.
        height: height of the upright image in pixels.
        area: the part that the network sees, in the image's own pixels.
        crops: the crops, in the image's own pixels.
        classes: the five most probable classes, highest probability first.
        target: the circuit's own class, whether or not it is one of ``classes``.
        groups: the groups in the circuit's order.
    """

    width: int
    height: int
    area: Box
    crops: tuple[Box, ...]
    classes: tuple[TopClass, ...]
    target: TopClass
    groups: tuple[GroupReading, ...]

    def group(self, id: str) -> GroupReading:
        """Return the reading of the group with this id; raises :class:`KeyError` if there is none."""
        for group in self.groups:
            if group.id == id:
                return group
        raise KeyError(id)


@dataclass(frozen=True)
class ClassChange:
    """The effect of scaling groups on one class, compared with random neurons (:mod:`neurflow.lens.knock_out`).

    Attributes:
        index: index in the network's output.
        name: name of the class.
        logit: logit before and after.
        probability: probability before and after.
        random_logit: mean and standard deviation of the logit's change with random neurons.
        random_probability: mean and standard deviation of the probability's change with random neurons.
    """

    index: int
    name: str
    logit: tuple[float, float]
    probability: tuple[float, float]
    random_logit: tuple[float, float]
    random_probability: tuple[float, float]

    @property
    def logit_change(self) -> float:
        """The logit after minus before."""
        return self.logit[1] - self.logit[0]

    @property
    def probability_change(self) -> float:
        """The probability after minus before."""
        return self.probability[1] - self.probability[0]
