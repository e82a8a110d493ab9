"""A network and how it wants its input, loaded from a string.

1. Find what the string names (``neurflow.network.sources``).
2. Build it with its trained weights, with those of a file, or with seeded random ones where it has none.
3. Run it once on an empty image: this shows that it takes its input, and how many outputs it has.
4. Name its outputs: from a file, from the weights' own metadata, or by number.
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
        spec: the string by which it was named.
        module: the network itself, never changed by the engine.
        classes: names in output order.
        preprocessing: how it wants its input.
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
    """The network that ``spec`` names, on the CPU, ready to be traced.

    Args:
        spec: ``demo/photos``; ``torchvision/resnet50``, by default with the weights that torchvision recommends,
            with ``:IMAGENET1K_V2`` for others; ``timm/convnext_tiny.fb_in1k``; either with ``:random`` for
            untrained weights, the same each time; ``path/to/file.py:factory``.
        weights: a file of weights to take instead: safetensors or a state dict. Nothing is fetched then.
        classes: a file with the class names in output order. Untrained networks get as many outputs.
        input_size: side of the square input in pixels, 8…4096, instead of what the weights expect.
        mean: three numbers, of values in [0, 1], likewise.
        std: three numbers above 0, likewise.
        allow_code: whether ``spec`` may be Python code, which is run. Leave it off for input from elsewhere.

    Raises:
        NetworkError: there is no such network; its weights cannot be had or do not fit; the class names do not fit.
        ParameterError: ``input_size``, ``mean`` or ``std`` is out of its range.
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
        raise NetworkError(f"class names {classes} are {len(names)}, but {spec} has {outputs} outputs")
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
    """How many logits the network gives for one image; checks that it gives ``(1, classes)``."""
    image = torch.zeros(1, 3, input_size, input_size)
    try:
        with torch.no_grad():
            logits = module(image)
    except Exception as error:  # a network that is not made for this input may raise anything
        raise NetworkError(
            f"{spec} does not take input of 3×{input_size}×{input_size} ({reason(error)}): choose --input-size"
        ) from error
    if not isinstance(logits, Tensor):
        raise NetworkError(f"{spec} gives a {type(logits).__name__}, not a tensor of logits (images, classes)")
    if logits.ndim != 2 or logits.shape[0] != 1 or logits.shape[1] < 1:
        raise NetworkError(f"{spec} gives {tuple(logits.shape)} for one image, not logits (1, classes)")
    return logits.shape[1]
