"""``timm/NAME[.TAG][:random]``: timm's classifiers. The tag selects the weights, in timm's own notation."""

from __future__ import annotations

from math import floor
from typing import Any, Final

import huggingface_hub
import timm
from huggingface_hub import get_session
from timm.data.imagenet_info import ImageNetInfo, infer_imagenet_subset
from timm.models import get_pretrained_cfg
from torch import nn

from neurflow.network.preprocessing import IMAGENET, Preprocessing
from neurflow.network.sources.blueprint import Blueprint, seeded
from neurflow.terms.errors import NetworkError
from neurflow.terms.imagenet import short_names
from neurflow.terms.messages import did_you_mean, reason, shorten

_RANDOM: Final = "random"
_OUTPUTS: Final = 1000
"""Number of classes of an untrained network whose trained weights give features instead of classes."""
_REACH_SECONDS: Final = 10


def blueprint(spec: str, name: str) -> Blueprint:
    """Return the blueprint of the classifier ``name``, with the preprocessing of its weights.

    Args:
        spec: the whole spec, for messages.
        name: the part after ``timm/``, for example ``convnext_tiny.fb_in1k`` or ``resnet18:random``.

    Raises:
        NetworkError: the network or tag is unknown, or its input is not a square colour image.
    """
    model, _, variant = name.partition(":")
    if variant not in ("", _RANDOM):
        raise NetworkError(
            f"network {spec!r}: {variant!r} is not a variant: name timm's weights by their tag, "
            f"as in timm/convnext_tiny.fb_in1k, or write timm/{model}:{_RANDOM}"
        )
    config = _config(model)
    outputs = config.num_classes or _OUTPUTS
    return Blueprint(
        untrained=lambda chosen: seeded(lambda: _create(model, pretrained=False, num_classes=chosen or outputs)),
        trained=None if variant == _RANDOM else lambda: _trained(spec, model, config),
        outputs=outputs,
        classes=_class_names(outputs),
        preprocessing=_preprocessing(spec, config),
    )


def _config(model: str) -> Any:
    """Return a model's ``PretrainedCfg``, timm's record of its weights."""
    architecture, _, tag = model.partition(".")
    if not timm.is_model(model):
        known = timm.list_models()
        raise NetworkError(
            f"timm has no network {architecture!r}.{did_you_mean(architecture, known)} timm.list_models() lists them"
        )
    try:
        # A few models have no entry; timm builds them with its defaults.
        return get_pretrained_cfg(model) or timm.models.PretrainedCfg()
    except RuntimeError:
        tags = [known.partition(".")[2] for known in timm.list_models(f"{architecture}.*", pretrained=True)]
        raise NetworkError(
            f"timm has no weights {tag!r} of {architecture}: choose from {shorten(tags, 20) or 'none'}"
        ) from None


def _class_names(outputs: int) -> tuple[str, ...]:
    """Names of the classes of the ImageNet classifiers with this many outputs; empty where there is none."""
    subset = infer_imagenet_subset({"num_classes": outputs})
    if subset is None:
        return ()
    info: Any = ImageNetInfo(subset)
    return short_names(info.label_names())


def _preprocessing(spec: str, config: Any) -> Preprocessing:
    channels, height, width = config.input_size
    if channels != 3 or height != width:
        raise NetworkError(f"network {spec!r} expects {channels}×{height}×{width} input: only 3×S×S is supported")
    return Preprocessing(
        input_size=height,
        resize=max(height, floor(height / config.crop_pct)) if config.crop_pct else height,
        mean=tuple(config.mean or IMAGENET.mean),
        std=tuple(config.std or IMAGENET.std),
    )


def _create(model: str, **options: Any) -> nn.Module:
    module: nn.Module = timm.create_model(model, **options)
    return module


def _trained(spec: str, model: str, config: Any) -> nn.Module:
    remedy = f"give weights in a file (--weights), or use untrained ones: timm/{model}:{_RANDOM}"
    if not config.has_weights:
        raise NetworkError(f"timm has no trained weights for {spec}: {remedy}")
    if not config.num_classes:
        raise NetworkError(f"the weights of {spec} give features, not classes: choose another tag, or {remedy}")
    try:
        _reach(config)
        return _create(model, pretrained=True)
    except Exception as error:  # networks, disks and archives fail in many ways
        raise NetworkError(f"the weights of {spec} could not be downloaded ({reason(error)}): {remedy}") from error


def _reach(config: Any) -> None:
    """Check once that the hub is reachable, because its client retries a download for most of a minute."""
    files = ("model.safetensors", "pytorch_model.bin", config.hf_hub_filename)
    repository = config.hf_hub_id
    cached = (isinstance(huggingface_hub.try_to_load_from_cache(repository, file), str) for file in files if file)
    if repository and not any(cached):
        get_session().head(huggingface_hub.constants.ENDPOINT, timeout=_REACH_SECONDS)
