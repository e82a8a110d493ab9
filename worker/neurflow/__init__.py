"""NeurFlow: trace a class of a vision network to a hierarchical circuit of neuron groups.

This module holds everything that a notebook or script needs; the modules behind it are loaded on first use.

>>> import neurflow
>>> network = neurflow.load_network("demo/photos")
>>> photos = neurflow.load_dataset("demo/photos")
>>> layers = ("layer3.1", "layer4.1")  # by default, about eight
>>> small = neurflow.TraceParameters(images=2, top_k=5, tau=2, crops=(1.0, 0.5), layers=layers, held_out=0)
>>> stages = []
>>> def progress(stage, done, total):  # raise an exception here to stop the trace
...     if done == 0:
...         stages.append(stage)
>>> result = neurflow.trace(network, photos, "cat", small, progress=progress)
>>> [layer.name for layer in result.circuit.layers]
['layer3.1', 'layer4.1', 'fc']
>>> [len(neuron.core) for neuron in result.circuit.neurons if neuron.layer == "fc"]
[2]
>>> stages
['graph', 'images', 'activations', 'layer fc', 'layer layer4.1', 'layer layer3.1']

``result.save(Path("out/cat"))`` saves it as a folder; ``neurflow.load_circuit`` loads it.
``neurflow.Lens(network, circuit).analyse("photo.jpg")`` finds which of its groups fire for an image, and where.
``neurflow.Client`` requests circuits from a service instead of computing them here.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from neurflow.client import Client
    from neurflow.datasets import load_dataset
    from neurflow.lens import Lens
    from neurflow.method.checkpoint import Checkpoint
    from neurflow.network.networks import load_network
    from neurflow.result.circuit import Circuit
    from neurflow.result.file_format import load_circuit, save_circuit
    from neurflow.terms import errors
    from neurflow.terms.parameters import Resources, TraceParameters
    from neurflow.tracing import Trace, trace

    __version__: str

__all__ = [
    "Checkpoint",
    "Circuit",
    "Client",
    "Lens",
    "Resources",
    "Trace",
    "TraceParameters",
    "__version__",
    "errors",
    "load_circuit",
    "load_dataset",
    "load_network",
    "save_circuit",
    "trace",
]

_HOMES = {
    "Checkpoint": "neurflow.method.checkpoint",
    "Circuit": "neurflow.result.circuit",
    "Client": "neurflow.client",
    "Lens": "neurflow.lens",
    "Resources": "neurflow.terms.parameters",
    "Trace": "neurflow.tracing",
    "TraceParameters": "neurflow.terms.parameters",
    "load_circuit": "neurflow.result.file_format",
    "load_dataset": "neurflow.datasets",
    "load_network": "neurflow.network.networks",
    "save_circuit": "neurflow.result.file_format",
    "trace": "neurflow.tracing",
}


def __getattr__(name: str) -> Any:
    """Load a name on first use (PEP 562): importing PyTorch takes seconds, and not every caller needs it."""
    if name == "errors":
        return importlib.import_module("neurflow.terms.errors")
    if name == "__version__":
        from importlib.metadata import version

        return version("neurflow-explorer")
    if name not in _HOMES:
        raise AttributeError(f"module 'neurflow' has no attribute {name!r}")
    value = globals()[name] = getattr(importlib.import_module(_HOMES[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
