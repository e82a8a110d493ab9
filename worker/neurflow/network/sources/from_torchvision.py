"""``torchvision/NAME[:WEIGHTS]``: torchvision's classifiers.

``WEIGHTS`` selects the conventions (input, class names, variant of the network), by default those of the network's
default weights. Trained weights and weights from a file are loaded into the untrained network, so that neither is ever
unpickled.
"""

from __future__ import annotations

import re
import sys
from typing import Any, Final

from torch import nn
from torchvision import models
from torchvision.models import WeightsEnum

from neurflow.network.preprocessing import Preprocessing
from neurflow.network.sources.blueprint import Blueprint, seeded
from neurflow.network.weights import State, load_weights
from neurflow.terms.errors import NetworkError
from neurflow.terms.messages import did_you_mean, reason

_RANDOM: Final = "random"
_AUXILIARY: Final = {"googlenet": ("aux1.", "aux2."), "inception_v3": ("AuxLogits.",)}
"""Heads used in training only."""
_OLD_DENSENET_KEY: Final = re.compile(r"(denselayer\d+\.(?:norm|conv))\.(?=[12]\.)")


def blueprint(spec: str, name: str) -> Blueprint:
    """Return the blueprint of the classifier ``name``, with the preprocessing of its weights.

    Args:
        spec: the whole spec, for messages.
        name: the part after ``torchvision/``, for example ``resnet50``, ``resnet50:IMAGENET1K_V2`` or
            ``resnet50:random``.

    Raises:
        NetworkError: the network or its weights are unknown.
    """
    architecture, _, tag = name.partition(":")
    known = models.list_models(module=models)
    if architecture not in known:
        raise NetworkError(
            f"torchvision has no classifier {architecture!r}.{did_you_mean(architecture, known)} "
            "torchvision.models.list_models(torchvision.models) lists them"
        )
    weights = _weights(spec, architecture, "DEFAULT" if tag == _RANDOM else tag or "DEFAULT")
    categories = tuple(weights.meta["categories"])
    preset = weights.transforms()

    def untrained(outputs: int | None) -> nn.Module:
        options = _options(architecture, weights, trained=tag != _RANDOM)
        return seeded(
            lambda: models.get_model(architecture, weights=None, num_classes=outputs or len(categories), **options)
        )

    def trained() -> nn.Module:
        module = untrained(None)
        load_weights(module, adapt(_fetch(spec, architecture, weights)), f"{architecture}:{weights.name}")
        return module

    def adapt(state: State) -> State:
        if architecture.startswith("densenet"):
            return {_OLD_DENSENET_KEY.sub(r"\1", key): value for key, value in state.items()}
        if architecture in _AUXILIARY:
            return {key: value for key, value in state.items() if not key.startswith(_AUXILIARY[architecture])}
        return state

    return Blueprint(
        untrained=untrained,
        trained=None if tag == _RANDOM else trained,
        outputs=len(categories),
        classes=categories,
        preprocessing=Preprocessing(
            input_size=preset.crop_size[0],
            resize=max(preset.crop_size[0], preset.resize_size[0]),
            mean=tuple(preset.mean),
            std=tuple(preset.std),
        ),
        adapt=adapt,
    )


def _weights(spec: str, architecture: str, tag: str) -> WeightsEnum:
    """Return the weights named ``tag``, in upper or lower case."""
    entries = models.get_model_weights(architecture).__members__
    classifying = {name: entry for name, entry in entries.items() if entry.meta.get("categories")}
    if tag.upper() in classifying:
        return classifying[tag.upper()]
    choices = ", ".join(name for name in (*classifying, _RANDOM))
    if tag.upper() in entries:
        raise NetworkError(f"network {spec!r}: the weights {tag} have no trained classifier: choose from {choices}")
    raise NetworkError(f"network {spec!r}: there are no weights {tag!r}: choose from {choices}")


def _options(architecture: str, weights: WeightsEnum, *, trained: bool) -> dict[str, Any]:
    """Return the constructor's options for the network that ``weights`` were trained for."""
    if architecture in _AUXILIARY:
        # Trained weights were ported and expect the input to be normalised differently inside the network.
        return {"aux_logits": False, "init_weights": True, "transform_input": trained}
    if architecture.startswith("vit_"):
        return {"image_size": weights.meta["min_size"][0]}
    if architecture.startswith("maxvit"):
        return {"input_size": weights.meta["min_size"]}
    return {}


def _fetch(spec: str, architecture: str, weights: WeightsEnum) -> State:
    """Load from torch's cache, or download into it."""
    try:
        state: State = weights.get_state_dict(progress=sys.stderr.isatty(), check_hash=True, weights_only=True)
    except Exception as error:  # networks, disks and archives fail in many ways
        raise NetworkError(
            f"the weights {weights.name} of {spec} could not be downloaded ({reason(error)}): give them in a file "
            f"(--weights), or use untrained ones: torchvision/{architecture}:{_RANDOM}"
        ) from error
    return state
