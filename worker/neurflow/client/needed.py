"""Packages of the extra ``client``, loaded when they are first needed."""

from __future__ import annotations

import importlib
from typing import Any


def needed(name: str) -> Any:
    """The module ``name``.

    Raises:
        ModuleNotFoundError: it is not installed; the message says how to install it.
    """
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        package = name.partition(".")[0]
        if (error.name or "").partition(".")[0] != package:
            raise  # one of its own needs is missing
        raise ModuleNotFoundError(
            f"{package} is not installed: pip install 'neurflow-explorer[client]'", name=package
        ) from None
