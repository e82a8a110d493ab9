"""What the lens tells of one image. Plain frozen data, no behaviour but look-ups."""

from __future__ import annotations

from dataclasses import dataclass

from neurflow.result.circuit import Box


@dataclass(frozen=True)
class TopClass:
    """A class with what the network says of the image: its place in the output, its logit, its probability."""

    index: int
    name: str
    logit: float
    probability: float


@dataclass(frozen=True)
class Place:
    """Where in the part of the image that the network sees a group fires (:mod:`neurflow.lens.places`).

    ``values`` run row by row from the top and are at least 0; 1 is a place where all that covers it fires the group
    as its own patches do.
    """

    width: int
    height: int
    values: tuple[float, ...]


@dataclass(frozen=True)
class GroupReading:
    """What one neuron group says of the image (:mod:`neurflow.lens.scores`).

    Attributes:
        id: of the group.
        layer: of the group.
        score: ``M``, about 1 where all neurons are as active as on their own patches.
        percentile: 0 … 100, how much of the circuit's own images score below; ``None`` where it has no images.
        fires: whether it fires for the image.
        silent: whether it usually fires for the class, but not for this image.
        usual: share of the circuit's own images for which it fires, ``None`` where it has none.
        crop_scores: of each of the reading's ``crops``; ``score`` is the highest.
        best: positions of the crops that fire it most, the highest first, no two of the same place.
        place: where it fires.
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
    place: Place


@dataclass(frozen=True)
class Reading:
    """What the lens sees in one image.

    Attributes:
        width: of the upright image in pixels.
        height: of the upright image in pixels.
        area: the part that the network sees, in the image's own pixels.
        crops: in the image's own pixels.
        classes: the five classes with the highest probability, the highest first.
        target: the circuit's own class, be it one of ``classes`` or not.
        groups: in the circuit's order.
    """

    width: int
    height: int
    area: Box
    crops: tuple[Box, ...]
    classes: tuple[TopClass, ...]
    target: TopClass
    groups: tuple[GroupReading, ...]

    def group(self, id: str) -> GroupReading:
        """The reading of the group of that id; :class:`KeyError` where there is none."""
        for group in self.groups:
            if group.id == id:
                return group
        raise KeyError(id)


@dataclass(frozen=True)
class ClassChange:
    """What scaling groups does to one class, beside random neurons (:mod:`neurflow.lens.knock_out`).

    Attributes:
        index: place in the network's output.
        name: of the class.
        logit: before and after.
        probability: before and after.
        random_logit: mean and spread (standard deviation) of the logit's change with random neurons instead.
        random_probability: mean and spread of the probability's change, likewise.
    """

    index: int
    name: str
    logit: tuple[float, float]
    probability: tuple[float, float]
    random_logit: tuple[float, float]
    random_probability: tuple[float, float]

    @property
    def logit_change(self) -> float:
        """After less before."""
        return self.logit[1] - self.logit[0]

    @property
    def probability_change(self) -> float:
        """After less before."""
        return self.probability[1] - self.probability[0]
