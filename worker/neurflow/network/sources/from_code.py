"""``path/to/file.py:factory``: a network built by a Python file. Only for the command line, because it runs code."""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from torch import nn

from neurflow.network.preprocessing import IMAGENET
from neurflow.network.sources.blueprint import Blueprint, seeded
from neurflow.terms.errors import NetworkError
from neurflow.terms.messages import did_you_mean, reason

_SPEC = re.compile(r"(?P<path>.+\.py)(?::(?P<factory>.*))?")


def is_code(spec: str) -> bool:
    """Return whether ``spec`` names a Python file.

    >>> is_code("models/mine.py:make"), is_code("torchvision/resnet18:random")
    (True, False)
    """
    return _SPEC.fullmatch(spec) is not None


def blueprint(spec: str, *, allowed: bool) -> Blueprint:
    """Return a blueprint that calls ``factory()`` with torch's generator seeded. Runs the file once, here.

    Args:
        spec: ``path/to/file.py:factory``.
        allowed: allow running code; if off, the file is not even opened.

    Raises:
        NetworkError: code is not allowed, the file or factory is missing, or the file cannot be run. Building the
            network raises it too, if the factory fails or returns something other than a module.
    """
    match = _SPEC.fullmatch(spec)
    if not allowed or match is None:
        raise NetworkError(
            f"network {spec!r} is Python code, which runs from the command line only: "
            "name a torchvision or timm network and give its weights in a file"
        )
    path, name = Path(match["path"]), match["factory"]
    if not name:
        raise NetworkError(f"network {spec!r} names no factory: write {path}:NAME, where NAME() returns the network")
    factory = _factory(_run(path), name, path)
    return Blueprint(
        untrained=lambda outputs: seeded(lambda: _made(factory, spec)),
        trained=None,
        outputs=None,
        classes=(),
        preprocessing=IMAGENET,
    )


def _run(path: Path) -> ModuleType:
    if not path.is_file():
        raise NetworkError(f"the Python file {path} does not exist")
    # Registered under its own name while it runs and after, because dataclasses and others look their module up.
    name = f"_neurflow_network_{path.resolve()}"
    found = importlib.util.spec_from_file_location(name, path)
    if found is None or found.loader is None:
        raise NetworkError(f"{path} cannot be run as Python")
    module = importlib.util.module_from_spec(found)
    sys.modules[name] = module
    try:
        found.loader.exec_module(module)
    except Exception as error:  # foreign code may raise anything
        del sys.modules[name]
        raise NetworkError(f"{path} cannot be run: {reason(error)}") from error
    return module


def _factory(module: ModuleType, name: str, path: Path) -> Callable[[], Any]:
    factory: object = getattr(module, name, None)
    if factory is None:
        functions = [key for key, value in vars(module).items() if callable(value) and not key.startswith("_")]
        raise NetworkError(f"{path} has no {name!r}.{did_you_mean(name, functions)}")
    if not callable(factory):
        raise NetworkError(f"{name} in {path} is a {type(factory).__name__}: name a function that returns the network")
    return factory


def _made(factory: Callable[[], Any], spec: str) -> nn.Module:
    try:
        module = factory()
    except Exception as error:  # foreign code may raise anything
        raise NetworkError(f"network {spec!r}: its factory failed: {reason(error)}") from error
    if not isinstance(module, nn.Module):
        raise NetworkError(f"network {spec!r}: its factory returned a {type(module).__name__}, not a torch.nn.Module")
    return module
