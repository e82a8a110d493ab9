"""Import packages of the extra ``client`` on first use."""

from __future__ import annotations

import importlib
from typing import Any


def import_optional(name: str) -> Any:
    """Import the module ``name``.

    Raises:
        ModuleNotFoundError: it is not installed; the message says how to install it.
    """
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        package = name.partition(".")[0]
        if (error.name or "").partition(".")[0] != package:
            raise  # one of its own dependencies is missing
        raise ModuleNotFoundError(
            f"{package} is not installed: pip install 'neurflow-explorer[client]'", name=package
        ) from None
