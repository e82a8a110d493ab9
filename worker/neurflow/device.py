"""Choose the device, its precision and its batch size."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator

import torch

from neurflow.network.graph import NetworkGraph
from neurflow.terms.errors import DeviceError
from neurflow.terms.parameters import MIB

# Target size of a batch's values: the processor's cache on a CPU, a small part of the memory on a GPU.
_WORKING_SET = {"cpu": 24 * MIB, "cuda": 1024 * MIB, "mps": 256 * MIB}


def choose_device(name: str) -> torch.device:
    """Return the device with this name; ``"auto"`` prefers CUDA, then MPS, then the CPU.

    Raises:
        DeviceError: the device is unknown or does not exist here.
    """
    if name == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda")
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    try:
        device = torch.device(name)
    except RuntimeError:
        raise DeviceError(f"device {name!r} is unknown: choose cpu, cuda, cuda:N, mps or auto") from None
    if device.type == "cuda" and not torch.cuda.is_available():
        raise DeviceError(f"device {name!r} is not available: PyTorch finds no CUDA device; use cpu")
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise DeviceError(
            f"device {name!r} is not available: PyTorch finds {torch.cuda.device_count()} CUDA devices, from cuda:0"
        )
    if device.type == "mps" and not torch.backends.mps.is_available():
        raise DeviceError(f"device {name!r} is not available: PyTorch finds no Apple GPU; use cpu")
    if device.type not in _WORKING_SET:
        raise DeviceError(f"device {name!r} is not supported: choose cpu, cuda, cuda:N, mps or auto")
    return device


def working_set(device: torch.device) -> int:
    """Return the target size of one batch's values, in bytes."""
    return _WORKING_SET[device.type]


@contextlib.contextmanager
def exact(device: torch.device) -> Iterator[None]:
    """Use full float32 and deterministic kernels inside the block; restore the settings afterwards."""
    if device.type != "cuda":
        yield
        return
    matmul = torch.backends.cuda.matmul.allow_tf32
    torch.backends.cuda.matmul.allow_tf32 = False
    try:
        with torch.backends.cudnn.flags(enabled=True, benchmark=False, deterministic=True, allow_tf32=False):
            yield
    finally:
        torch.backends.cuda.matmul.allow_tf32 = matmul


def batch_rows(device: torch.device, graph: NetworkGraph) -> int:
    """Return the images per forward pass, 4 … 256: as many as keep the largest layer's maps in the working set."""
    largest = max(math.prod(point.shape) for point in graph.cut_points)
    return min(256, max(4, working_set(device) // (4 * largest)))
