"""Weights files: read without unpickling code, compare with the network, load, and digest.

1. Read safetensors, or a pickled state dict with torch's ``weights_only`` loader.
2. Extract the state dict from a training checkpoint and strip wrappers' prefixes from its keys.
3. Compare keys and shapes with the network's; load only if all agree.
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
    """Read the state dict from a file, on the CPU.

    Accepts safetensors, a state dict saved by ``torch.save``, or a checkpoint with a state dict under ``state_dict``,
    ``model`` or ``model_state_dict``. Strips the prefixes ``module.`` and ``_orig_mod.``, which ``DataParallel`` and
    ``torch.compile`` add to every key.

    Raises:
        NetworkError: the file is missing or unreadable, or holds anything but named tensors.
    """
    try:
        with path.open("rb") as file:
            start = file.read(9)
    except OSError as error:
        raise NetworkError(f"weights {path} cannot be opened: {error.strerror or error}") from None
    # A safetensors file starts with the length of its header in 8 bytes, then the header, a JSON object.
    content = _read_safetensors(path) if start[8:] == b"{" else _read_pickled(path)
    return _without_prefixes(_state_dict(content, path))


def load_weights(module: nn.Module, state: Mapping[str, Tensor], origin: str) -> None:
    """Load ``state`` into ``module``, which may be partly loaded after an error.

    ``num_batches_tracked`` of batch norms may be missing: old files lack it and evaluation does not use it.

    Args:
        module: a module of the same architecture.
        state: parameters and buffers by name; converted to the module's types.
        origin: name of the weights in messages.

    Raises:
        NetworkError: keys or shapes differ; names the first ones.
    """
    own = module.state_dict()
    complete = OrderedDict(state)
    for key, value in own.items():
        if key.endswith("num_batches_tracked"):
            complete.setdefault(key, value)
    # Modules use these versions to convert older files when loading; current ones if the file has none.
    versions = getattr(state, "_metadata", getattr(own, "_metadata", None))
    complete._metadata = versions  # type: ignore[attr-defined]  # noqa: SLF001 -- torch looks for it there
    try:
        module.load_state_dict(complete)
    except (RuntimeError, ValueError) as error:
        raise NetworkError(
            f"{origin} does not fit the network: {_differences(complete, own) or reason(error)}"
        ) from None


def outputs_in(state: Mapping[str, Tensor], module: nn.Module, outputs: int) -> int | None:
    """Return the number of classes of ``state``, if it differs from ``module`` in nothing else.

    Judged by the tensors that differ in their first dimension only, where the module has ``outputs``.

    Returns:
        Their common first dimension in ``state``; ``None`` if the shapes do not tell.
    """
    differing = [(theirs, ours) for _, theirs, ours in _reshaped(state, module.state_dict())]
    counts = {theirs[0] if ours[0] == outputs and theirs[1:] == ours[1:] else 0 for theirs, ours in differing}
    return counts.pop() if len(counts) == 1 and 0 not in counts else None


def digest(module: nn.Module) -> str:
    """Return ``sha256:…`` over the names, types, shapes and bytes of all parameters and buffers, sorted by name.

    It is the same on every device. Extra state that is not a tensor is ignored.
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
    except Exception as error:  # its Rust code raises its own types
        raise NetworkError(f"weights {path} are not a complete safetensors file: {reason(error)}") from error


def _read_pickled(path: Path) -> object:
    try:
        # Training scripts save their parsed arguments in the checkpoint; a Namespace is plain data.
        with torch.serialization.safe_globals([argparse.Namespace]):
            return torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError:
        raise NetworkError(
            f"weights {path} hold no plain tensors or are damaged; objects are never unpickled: "
            "save the network's state_dict(), preferably as safetensors"
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
        f"{key} is {_shape(theirs)} in the file, {_shape(ours)} in the network"
        for key, theirs, ours in _reshaped(state, own)
    ]
    kinds = {
        "missing": [key for key in own if key not in state],
        "unexpected": [key for key in state if key not in own],
        "wrong shape:": reshaped,
    }
    return "; ".join(f"{kind} {shorten(keys, _KEYS_NAMED)}" for kind, keys in kinds.items() if keys)


def _reshaped(state: Mapping[str, Tensor], own: Mapping[str, Any]) -> Iterator[tuple[str, Shape, Shape]]:
    """Yield key, shape in ``state`` and shape in ``own`` where shapes differ; a scalar counts as ``(1,)``."""
    for key, value in own.items():
        if key in state and isinstance(value, Tensor) and state[key].shape != value.shape:
            yield key, tuple(state[key].shape) or (1,), tuple(value.shape) or (1,)


def _shape(shape: Shape) -> str:
    return "×".join(map(str, shape))
