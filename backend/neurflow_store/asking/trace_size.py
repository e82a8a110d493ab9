"""Expected size of a trace, stage by stage. Plans of workers and estimates are based on it.

A unit is one patch's pass through the network. In addition to the passes over all patches, a neuron costs about half a
unit for each patch of its concept (the integral runs forward and back through one of several layers, at four or more
nodes), and a fifth of that in the lowest layer, which has no integral. The number of neurons of a layer is known when
the layer starts; until then, it is assumed to be four times that of the layer above, at most its channels. Measured on
the demo's network.
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


class Parameters(Protocol):
    """The parameters of a trace that determine its size, the store's or the engine's."""

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
        name: the engine's name for it.
        units: its expected size.
        kind: ``"fixed"`` if it is the same for every trace, ``"layer"`` for a step of the walk, ``"pass"`` for the
            rest.
        each: units of one item; 0 if the number of items does not matter.
    """

    name: str
    units: float
    kind: str = "pass"
    each: float = 0.0


@dataclass(frozen=True)
class TraceSize:
    """The size of a trace. ``layers`` run from low to high; ``neurons`` are the expected numbers in each of them."""

    images: int
    patches: int
    layers: tuple[str, ...]
    neurons: tuple[int, ...]
    stages: tuple[StageSize, ...]


def trace_size(
    parameters: Parameters, layers: Sequence[Mapping[str, Any]], most_images: int | None = None
) -> TraceSize:
    """Compute the size of a trace.

    Args:
        parameters: its parameters.
        layers: the network's layers, low to high, as in its row.
        most_images: number of images of the class, if known.
    """
    names = circuit_layers(parameters, layers)
    channels = {str(layer["name"]): int(layer["channels"]) for layer in layers}
    images = parameters.images if most_images is None else min(parameters.images, most_images)
    patches = images * windows(parameters.crops)
    stages = [
        StageSize("loading", _FIXED / 3, "fixed"),
        StageSize("graph", _FIXED, "fixed"),
        StageSize("images", 3.0 * (images + parameters.held_out)),
        StageSize("activations", float(patches), each=1.0),
    ]
    neurons: list[int] = []
    for place, name in enumerate(reversed(names)):
        neurons.append(_expected(neurons, place, channels.get(name), parameters.tau))
        each = parameters.top_k * _NEURON * (_LOWEST if place == len(names) - 1 else 1.0)
        stages.append(StageSize(f"layer {name}", neurons[-1] * each, "layer", each))
    groups = _GROUPS * len(names)
    stages.append(StageSize("importance", 0.3 * parameters.held_out * groups))
    stages.append(StageSize("saving", 1.5 * groups * parameters.exemplars + 3.0 * images))
    return TraceSize(images, patches, tuple(names), tuple(reversed(neurons)), tuple(stages))


def circuit_layers(parameters: Parameters, layers: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the circuit's layers from low to high, with the logits, which are always last."""
    if parameters.layers is None:
        return [str(layer["name"]) for layer in layers if layer["default"]]
    logits = [str(layer["name"]) for layer in layers[-1:]]
    return [*parameters.layers, *(name for name in logits if name != parameters.layers[-1])]


def windows(crops: Sequence[float]) -> int:
    """Return the number of patches that are cut from an image: each window size, shifted by half of it.

    >>> windows((1.0, 0.5, 0.25))
    59
    """
    # The engine's own tolerance: (1 - 0.1) / 0.05 is not 18 in floating point.
    return sum((math.floor((1 - crop) / (crop / 2) + 1e-9) + 1) ** 2 for crop in crops)


def _expected(above: Sequence[int], place: int, channels: int | None, tau: int) -> int:
    """Return the expected neurons of the layer at ``place`` from the top: the class, its core, then a few for each."""
    if place == 0:
        return 1
    wanted = tau if place == 1 else above[-1] * min(tau, _GROWTH)
    return wanted if channels is None else min(channels, wanted)
