"""Load a network with its preprocessing from a spec string.

1. Find the network that the spec names (``neurflow.network.sources``).
2. Build it with its trained weights, with weights from a file, or with seeded random ones if it has none.
3. Run it once on a blank image, to check that it accepts its input and to count its outputs.
4. Name its outputs: from a file, from the weights' metadata, or by number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from neurflow.network.class_names import read_class_names
from neurflow.network.preprocessing import Preprocessing, adjust
from neurflow.network.sources import find_blueprint
from neurflow.network.sources.blueprint import Blueprint
from neurflow.network.weights import digest, load_weights, outputs_in, read_weights
from neurflow.terms.errors import NetworkError
from neurflow.terms.messages import reason

__all__ = ["Network", "Preprocessing", "load_network"]


@dataclass(frozen=True, eq=False)
class Network:
    """An image classifier in eval mode, from ``(N, 3, S, S)`` to logits ``(N, classes)``.

    Attributes:
        spec: the spec that names it.
        module: the network itself; the engine never changes it.
        classes: class names in output order.
        preprocessing: the input that it expects.
        digest: ``sha256:…`` over its state dict.
    """

    spec: str
    module: nn.Module
    classes: tuple[str, ...]
    preprocessing: Preprocessing
    digest: str


def load_network(
    spec: str,
    *,
    weights: Path | None = None,
    classes: Path | None = None,
    input_size: int | None = None,
    mean: Sequence[float] | None = None,
    std: Sequence[float] | None = None,
    allow_code: bool = False,
) -> Network:
    """Load the network that ``spec`` names, on the CPU, ready to trace.

    Args:
        spec: ``demo/photos``; ``torchvision/resnet50`` with torchvision's default weights, or with others as in
            ``torchvision/resnet50:IMAGENET1K_V2``; ``timm/convnext_tiny.fb_in1k``; ``path/to/file.py:factory``. Append
            ``:random`` to a torchvision or timm name for untrained weights, which are the same each time.
        weights: file with the weights to use: safetensors or a state dict. Nothing is downloaded then.
        classes: file with the class names in output order. Untrained networks get as many outputs.
        input_size: side of the square input in pixels, 8…4096; by default what the weights expect.
        mean: three numbers for pixel values in [0, 1]; by default what the weights expect.
        std: three numbers above 0; by default what the weights expect.
        allow_code: allow ``spec`` to name Python code, which is run. Leave it off for untrusted input.

    Raises:
        NetworkError: the network is unknown, its weights are unavailable or do not fit, or the class names do not fit.
        ParameterError: ``input_size``, ``mean`` or ``std`` is out of range.
    """
    blueprint = find_blueprint(spec, allow_code=allow_code)
    preprocessing = adjust(blueprint.preprocessing, input_size=input_size, mean=mean, std=std)
    names = None if classes is None else read_class_names(classes)
    module = _build(blueprint, weights, names).eval()
    outputs = _count_outputs(module, preprocessing.input_size, spec)
    if names is None:
        known = len(blueprint.classes) == outputs
        names = blueprint.classes if known else tuple(f"class {index}" for index in range(outputs))
    elif len(names) != outputs:
        raise NetworkError(
            f"class names {classes} hold {len(names)} names, but {spec} has {outputs} outputs: give one per output"
        )
    return Network(spec, module, names, preprocessing, digest(module))


def _build(blueprint: Blueprint, weights: Path | None, names: tuple[str, ...] | None) -> nn.Module:
    if weights is None:
        if blueprint.trained is not None:
            return blueprint.trained()
        return blueprint.untrained(None if names is None else len(names))
    state = blueprint.adapt(read_weights(weights))
    module = blueprint.untrained(None)
    if blueprint.outputs is not None:
        outputs = outputs_in(state, module, blueprint.outputs)
        module = module if outputs is None else blueprint.untrained(outputs)
    load_weights(module, state, f"weights {weights}")
    return module


def _count_outputs(module: nn.Module, input_size: int, spec: str) -> int:
    """Count the logits for one image and check that their shape is ``(1, classes)``."""
    image = torch.zeros(1, 3, input_size, input_size)
    try:
        with torch.no_grad():
            logits = module(image)
    except Exception as error:  # a network may raise anything on input of the wrong size
        raise NetworkError(
            f"{spec} does not accept input of 3×{input_size}×{input_size} ({reason(error)}): choose another input size"
        ) from error
    if not isinstance(logits, Tensor):
        raise NetworkError(f"{spec} returns a {type(logits).__name__}, not a tensor of logits (images, classes)")
    if logits.ndim != 2 or logits.shape[0] != 1 or logits.shape[1] < 1:
        raise NetworkError(f"{spec} returns {tuple(logits.shape)} for one image, not logits (1, classes)")
    return logits.shape[1]
