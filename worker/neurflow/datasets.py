"""Load a data set of images from a spec string."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from neurflow.terms.errors import DataError
from neurflow.terms.messages import did_you_mean

if TYPE_CHECKING:
    from neurflow.data.images import Dataset


def load_dataset(spec: str, *, root: Path | None = None) -> Dataset:
    """Load the data set that ``spec`` names.

    Args:
        spec: ``demo/photos``; ``folder/PATH``, with an absolute path as in ``folder//home/me/photos``; or one of
            torchvision's data sets, as in ``torchvision/CIFAR10``.
        root: folder of torchvision's data sets, which are downloaded if needed; by default the folder ``data`` in
            ``NEURFLOW_HOME``, which defaults to ``~/.neurflow``.

    Raises:
        DataError: the data set is unknown, holds no images, or cannot be downloaded.
    """
    # Import each only when needed: torchvision and the demo take seconds.
    source, _, name = spec.partition("/")
    if spec == "demo/photos":
        from neurflow.demo.pictures import Photos

        return Photos()
    if source == "folder" and name:
        from neurflow.data.folder_dataset import FolderDataset

        return FolderDataset(Path(name).expanduser(), spec)
    if source == "torchvision" and name:
        from neurflow.data.torchvision_dataset import TorchvisionDataset

        return TorchvisionDataset(name, root or _default_root(), spec)
    raise DataError(
        f"unknown data set {spec!r}: write demo/photos, folder/PATH or torchvision/NAME."
        f"{_advice(spec) or did_you_mean(spec, ['demo/photos'])}"
    )


def _default_root() -> Path:
    return Path(os.environ.get("NEURFLOW_HOME") or "~/.neurflow").expanduser() / "data"


def _advice(spec: str) -> str:
    return f" To use the folder of that name, write folder/{spec}" if spec and Path(spec).expanduser().is_dir() else ""
