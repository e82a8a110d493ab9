"""The plan of a trace: how large each of its stages will be, measured on the demo's network.

A unit is one patch's pass through the network. Beside the passes over all patches, a neuron costs about half a unit for
each patch of its concept (the integral runs forth and back through one layer of several, at four nodes and more), and
a fifth of that in the lowest layer, which has no integral. How many neurons a layer has is known when it begins; until
then four times those of the layer above, at most its channels, are assumed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from neurflow.circuit import Box
from neurflow.parameters import TraceParameters
from neurflow.patches import windows
from neurflow_worker.plan import Stage

_NEURON: Final = 0.5
_LOWEST: Final = 0.2
_GROWTH: Final = 4
_GROUPS: Final = 5
_FIXED: Final = 300.0
_SIDE: Final = 1000


def trace_plan(parameters: TraceParameters, layers: Sequence[Mapping[str, Any]]) -> list[Stage]:
    """The stages of a trace.

    Args:
        parameters: of the trace.
        layers: of the network, low to high, as its row has them.
    """
    names = _names(parameters, layers)
    channels = {str(layer["name"]): int(layer["channels"]) for layer in layers}
    patches = parameters.images * len(windows(Box(0, 0, _SIDE, _SIDE), parameters.crops))
    stages = [
        Stage("loading", _FIXED / 3, "fixed"),
        Stage("graph", _FIXED, "fixed"),
        Stage("images", 3.0 * (parameters.images + parameters.held_out), interruptible=True),
        Stage("activations", float(patches), interruptible=True),
    ]
    neurons = 1
    for place, name in enumerate(reversed(names)):
        each = parameters.top_k * _NEURON * (_LOWEST if place == len(names) - 1 else 1.0)
        stages.append(Stage(f"layer {name}", neurons * each, "layer", each, interruptible=True))
        below = names[len(names) - 2 - place] if place < len(names) - 1 else name
        neurons = min(channels.get(below, neurons * _GROWTH), parameters.tau if place == 0 else neurons * _GROWTH)
    groups = _GROUPS * len(names)
    return [
        *stages,
        Stage("importance", 0.3 * parameters.held_out * groups, interruptible=True),
        Stage("saving", 1.5 * groups * parameters.exemplars + 3.0 * parameters.images),
    ]


def _names(parameters: TraceParameters, layers: Sequence[Mapping[str, Any]]) -> list[str]:
    """The circuit's layers from low to high, with the logits, which always come last."""
    if parameters.layers is None:
        return [str(layer["name"]) for layer in layers if layer["default"]]
    logits = [str(layer["name"]) for layer in layers[-1:]]
    return [*parameters.layers, *(name for name in logits if name != parameters.layers[-1])]
