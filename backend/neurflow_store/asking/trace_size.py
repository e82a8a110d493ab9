"""How large a trace will be, stage by stage, reckoned before it begins. Workers' plans and estimates rest on it.

A unit is one patch's pass through the network. Beside the passes over all patches, a neuron costs about half a unit for
each patch of its concept (the integral runs forth and back through one layer of several, at four nodes and more), and
a fifth of that in the lowest layer, which has no integral. How many neurons a layer has is known when it begins; until
then four times those of the layer above, at most its channels, are assumed. Measured on the demo's network.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

_NEURON: Final = 0.5
_LOWEST: Final = 0.2
_GROWTH: Final = 4
_GROUPS: Final = 5
_FIXED: Final = 300.0


class Asked(Protocol):
    """What counts of a trace's parameters, the store's or the engine's."""

    @property
    def images(self) -> int: ...
    @property
    def held_out(self) -> int: ...
    @property
    def top_k(self) -> int: ...
    @property
    def tau(self) -> int: ...
    @property
    def exemplars(self) -> int: ...
    @property
    def crops(self) -> Sequence[float]: ...
    @property
    def layers(self) -> Sequence[str] | None: ...


@dataclass(frozen=True)
class StageSize:
    """A stage of a trace, in the order of the work.

    Attributes:
        name: as the engine calls it.
        units: its expected size.
        kind: ``"fixed"`` for what every trace needs alike, ``"layer"`` for a step of the walk, ``"pass"`` for the rest.
        each: units of one item; 0 where the number of items says nothing.
    """

    name: str
    units: float
    kind: str = "pass"
    each: float = 0.0


@dataclass(frozen=True)
class TraceSize:
    """A trace before it begins. ``layers`` run from low to high, and ``neurons`` are expected in each of them."""

    images: int
    patches: int
    layers: tuple[str, ...]
    neurons: tuple[int, ...]
    stages: tuple[StageSize, ...]


def trace_size(asked: Asked, layers: Sequence[Mapping[str, Any]], most_images: int | None = None) -> TraceSize:
    """The size of a trace.

    Args:
        asked: its parameters.
        layers: of the network, low to high, as its row has them.
        most_images: of the class that there are, where that is known.
    """
    names = circuit_layers(asked, layers)
    channels = {str(layer["name"]): int(layer["channels"]) for layer in layers}
    images = asked.images if most_images is None else min(asked.images, most_images)
    patches = images * windows(asked.crops)
    stages = [
        StageSize("loading", _FIXED / 3, "fixed"),
        StageSize("graph", _FIXED, "fixed"),
        StageSize("images", 3.0 * (images + asked.held_out)),
        StageSize("activations", float(patches), each=1.0),
    ]
    neurons: list[int] = []
    for place, name in enumerate(reversed(names)):
        neurons.append(_expected(neurons, place, channels.get(name), asked.tau))
        each = asked.top_k * _NEURON * (_LOWEST if place == len(names) - 1 else 1.0)
        stages.append(StageSize(f"layer {name}", neurons[-1] * each, "layer", each))
    groups = _GROUPS * len(names)
    stages.append(StageSize("importance", 0.3 * asked.held_out * groups))
    stages.append(StageSize("saving", 1.5 * groups * asked.exemplars + 3.0 * images))
    return TraceSize(images, patches, tuple(names), tuple(reversed(neurons)), tuple(stages))


def circuit_layers(asked: Asked, layers: Sequence[Mapping[str, Any]]) -> list[str]:
    """The circuit's layers from low to high, with the logits, which always come last."""
    if asked.layers is None:
        return [str(layer["name"]) for layer in layers if layer["default"]]
    logits = [str(layer["name"]) for layer in layers[-1:]]
    return [*asked.layers, *(name for name in logits if name != asked.layers[-1])]


def windows(crops: Sequence[float]) -> int:
    """How many patches are cut from an image: each size of window, moved by half of it.

    >>> windows((1.0, 0.5, 0.25))
    59
    """
    # The engine's own tolerance: (1 - 0.1) / 0.05 is not 18 in floating point.
    return sum((math.floor((1 - crop) / (crop / 2) + 1e-9) + 1) ** 2 for crop in crops)


def _expected(above: Sequence[int], place: int, channels: int | None, tau: int) -> int:
    """Neurons of the layer at ``place`` from the top: the class itself, its core, and then a few for each."""
    if place == 0:
        return 1
    wanted = tau if place == 1 else above[-1] * min(tau, _GROWTH)
    return wanted if channels is None else min(channels, wanted)
