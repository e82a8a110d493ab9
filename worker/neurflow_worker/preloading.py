"""Import what the first jobs need, so that they do not wait for imports."""

from __future__ import annotations

import importlib
from typing import Final

_MODULES: Final = (
    "neurflow.tracing",
    "neurflow.demo.network",
    "neurflow.demo.pictures",
    "neurflow.network.sources.from_demo",
    "neurflow.data.torchvision_dataset",
    "sklearn.cluster",
    "sklearn.metrics",
    "torch.export",
)


def preload() -> None:
    """Import the modules that the engine imports on first use, except those of less common networks."""
    for name in _MODULES:
        importlib.import_module(name)
