"""Weights in a file: read without unpickling code, compared with the network, loaded, and digested.

1. Read safetensors, or a pickled state dict through torch's ``weights_only`` loader.
2. Take the state dict out of a training checkpoint, and wrappers' prefixes off its keys.
3. Compare keys and shapes with the network's; load only where all agree.
"""

from __future__ import annotations

import argparse
import hashlib
import pickle
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import safetensors.torch
import torch
from torch import Tensor, nn

from neurflow.terms.errors import NetworkError
from neurflow.terms.messages import reason, shorten

State = dict[str, Tensor]
Shape = tuple[int, ...]

_CHECKPOINT_KEYS: Final = ("state_dict", "model", "model_state_dict")
_WRAPPER_PREFIXES: Final = ("module.", "_orig_mod.")
_KEYS_NAMED = 3


def read_weights(path: Path) -> State:
    """The state dict that a file holds, on the CPU.

    Takes safetensors, a state dict saved by ``torch.save``, or a checkpoint with one under ``state_dict``,
    ``model`` or ``model_state_dict``. The prefixes ``module.`` and ``_orig_mod.`` that ``DataParallel`` and
    ``torch.compile`` leave on every key are taken off.

    Raises:
        NetworkError: the file is missing or unreadable, or holds anything but tensors by name.
    """
    try:
        with path.open("rb") as file:
            start = file.read(9)
    except OSError as error:
        raise NetworkError(f"weights {path} cannot be opened: {error.strerror or error}") from None
    # A safetensors file is the length of its header in 8 bytes, then the header, which is a JSON object.
    content = _read_safetensors(path) if start[8:] == b"{" else _read_pickled(path)
    return _without_prefixes(_state_dict(content, path))


def load_weights(module: nn.Module, state: Mapping[str, Tensor], origin: str) -> None:
    """Put ``state`` into ``module``, which may be half filled after an error.

    ``num_batches_tracked`` of batch normalisation, which old files lack and evaluation does not use, may be missing.

    Args:
        module: of the same architecture.
        state: parameters and buffers by name; converted to the module's own types.
        origin: how messages name the weights.

    Raises:
        NetworkError: keys or shapes differ; names the first of them.
    """
    own = module.state_dict()
    complete = OrderedDict(state)
    for key, value in own.items():
        if key.endswith("num_batches_tracked"):
            complete.setdefault(key, value)
    # Versions of the modules, by which their own loading translates older files; as of today where a file has none.
    versions = getattr(state, "_metadata", getattr(own, "_metadata", None))
    complete._metadata = versions  # type: ignore[attr-defined]  # noqa: SLF001 -- torch looks for it there
    try:
        module.load_state_dict(complete)
    except (RuntimeError, ValueError) as error:
        raise NetworkError(
            f"{origin} does not fit the network: {_differences(complete, own) or reason(error)}"
        ) from None


def outputs_in(state: Mapping[str, Tensor], module: nn.Module, outputs: int) -> int | None:
    """For how many classes ``state`` was trained, where it differs from ``module`` in nothing but that.

    The last layers are the tensors that differ, and only in their first dimension, which is ``outputs`` in the module.

    Returns:
        The first dimension that they share in ``state``; ``None`` where the shapes say nothing of the kind.
    """
    differing = [(theirs, ours) for _, theirs, ours in _reshaped(state, module.state_dict())]
    counts = {theirs[0] if ours[0] == outputs and theirs[1:] == ours[1:] else 0 for theirs, ours in differing}
    return counts.pop() if len(counts) == 1 and 0 not in counts else None


def digest(module: nn.Module) -> str:
    """``sha256:…`` over the names, types, shapes and bytes of all parameters and buffers, sorted by name.

    The same on every device. Extra state that is no tensor does not count.
    """
    hashed = hashlib.sha256()
    for name, value in sorted(module.state_dict().items()):
        if isinstance(value, Tensor):
            hashed.update(f"{name}\0{value.dtype}\0{tuple(value.shape)}\0".encode())
            hashed.update(value.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().data)
    return f"sha256:{hashed.hexdigest()}"


def _read_safetensors(path: Path) -> object:
    try:
        return safetensors.torch.load_file(path)
    except Exception as error:  # its Rust side raises its own kinds
        raise NetworkError(f"weights {path} are no whole safetensors file: {reason(error)}") from error


def _read_pickled(path: Path) -> object:
    try:
        # Training scripts leave their parsed arguments in the checkpoint; a Namespace is plain data.
        with torch.serialization.safe_globals([argparse.Namespace]):
            return torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError:
        raise NetworkError(
            f"weights {path} hold no plain tensors, or are damaged, and objects are never unpickled: "
            "save the network's state_dict(), best as safetensors"
        ) from None
    except Exception as error:  # a damaged archive raises almost anything
        raise NetworkError(f"weights {path} are neither safetensors nor a state dict: {reason(error)}") from error


def _state_dict(content: object, path: Path) -> State:
    for key in _CHECKPOINT_KEYS:
        if isinstance(content, Mapping) and isinstance(content.get(key), Mapping):
            content = content[key]
    if not isinstance(content, Mapping):
        raise NetworkError(f"weights {path} hold a {type(content).__name__} instead of a state dict")
    odd = [repr(key) for key, value in content.items() if not isinstance(key, str) or not isinstance(value, Tensor)]
    if odd:
        raise NetworkError(
            f"weights {path} hold no state dict: no tensor under {shorten(odd, _KEYS_NAMED)}, "
            f"and none of {', '.join(_CHECKPOINT_KEYS)} holds one"
        )
    if not content:
        raise NetworkError(f"weights {path} are empty")
    return content if isinstance(content, dict) else dict(content)


def _without_prefixes(state: State) -> State:
    for prefix in _WRAPPER_PREFIXES:
        if all(key.startswith(prefix) for key in state):
            return _without_prefixes({key.removeprefix(prefix): value for key, value in state.items()})
    return state


def _differences(state: Mapping[str, Tensor], own: Mapping[str, Any]) -> str:
    reshaped = [
        f"{key} is {_shape(theirs)} there, {_shape(ours)} in the network" for key, theirs, ours in _reshaped(state, own)
    ]
    kinds = {
        "missing": [key for key in own if key not in state],
        "unexpected": [key for key in state if key not in own],
        "wrong shape:": reshaped,
    }
    return "; ".join(f"{kind} {shorten(keys, _KEYS_NAMED)}" for kind, keys in kinds.items() if keys)


def _reshaped(state: Mapping[str, Tensor], own: Mapping[str, Any]) -> Iterator[tuple[str, Shape, Shape]]:
    """Key, shape in ``state`` and shape in ``own`` of what has another shape. A number has the shape ``(1,)``."""
    for key, value in own.items():
        if key in state and isinstance(value, Tensor) and state[key].shape != value.shape:
            yield key, tuple(state[key].shape) or (1,), tuple(value.shape) or (1,)


def _shape(shape: Shape) -> str:
    return "×".join(map(str, shape))
