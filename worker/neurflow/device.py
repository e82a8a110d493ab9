"""Which device computes, and with what precision and batches."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator

import torch

from neurflow.network.graph import NetworkGraph
from neurflow.terms.errors import DeviceError
from neurflow.terms.parameters import MIB

# What a batch's values may take up: the processor's cache on a CPU, a sliver of memory on a GPU.
_WORKING_SET = {"cpu": 24 * MIB, "cuda": 1024 * MIB, "mps": 256 * MIB}


def choose_device(name: str) -> torch.device:
    """The device of that name; ``"auto"`` takes CUDA, then MPS, then the CPU.

    Raises:
        DeviceError: no such device, or none here.
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
        raise DeviceError(f"device {name!r} is not here: PyTorch sees no CUDA device; use --device cpu")
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise DeviceError(f"device {name!r} is not here: there are {torch.cuda.device_count()} CUDA devices")
    if device.type == "mps" and not torch.backends.mps.is_available():
        raise DeviceError(f"device {name!r} is not here: PyTorch sees no Apple GPU; use --device cpu")
    if device.type not in _WORKING_SET:
        raise DeviceError(f"device {name!r} is not supported: choose cpu, cuda, cuda:N, mps or auto")
    return device


def working_set(device: torch.device) -> int:
    """Bytes that the values of one batch should stay within."""
    return _WORKING_SET[device.type]


@contextlib.contextmanager
def exact(device: torch.device) -> Iterator[None]:
    """Full float32 and repeatable kernels while the block runs; the settings are put back after it."""
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
    """Images in one forward pass: as many as keep the largest layer's maps in the working set, 4 … 256."""
    largest = max(math.prod(point.shape) for point in graph.cut_points)
    return min(256, max(4, working_set(device) // (4 * largest)))
