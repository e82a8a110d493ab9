"""NeurFlow: from a network and images to a hierarchical circuit of neuron groups.

What a notebook or a script needs stands here; the modules behind it are loaded when they are first asked for.

>>> import neurflow
>>> network = neurflow.load_network("demo/photos")
>>> photos = neurflow.load_dataset("demo/photos")
>>> layers = ("layer3.1", "layer4.1")  # by default, about eight
>>> small = neurflow.TraceParameters(images=2, top_k=5, tau=2, crops=(1.0, 0.5), layers=layers, held_out=0)
>>> stages = []
>>> def progress(stage, done, total):  # an exception that it raises stops the trace
...     if done == 0:
...         stages.append(stage)
>>> result = neurflow.trace(network, photos, "cat", small, progress=progress)
>>> [layer.name for layer in result.circuit.layers]
['layer3.1', 'layer4.1', 'fc']
>>> [len(neuron.core) for neuron in result.circuit.neurons if neuron.layer == "fc"]
[2]
>>> stages
['graph', 'images', 'activations', 'layer fc', 'layer layer4.1', 'layer layer3.1']

``result.save(Path("out/cat"))`` writes it as a folder; ``neurflow.load_circuit`` reads that again.
``neurflow.Lens(network, circuit).look("photo.jpg")`` tells which of its groups an image fires, and where.
``neurflow.Client`` asks a service for circuits instead of computing them here.
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
    """What is asked for the first time (PEP 562): importing PyTorch takes seconds, which not every caller needs."""
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
