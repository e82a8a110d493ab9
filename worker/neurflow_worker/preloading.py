"""Loads what the first jobs will need, so that none of them waits for imports."""

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
    """Imports the modules that the engine loads when they are first used, but for those of rarer networks."""
    for name in _MODULES:
        importlib.import_module(name)
