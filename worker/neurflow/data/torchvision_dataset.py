"""``torchvision/NAME``: torchvision's classification data sets, downloaded into a folder if needed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
import PIL.Image
from torchvision import datasets

from neurflow.data.images import ImageRef
from neurflow.terms.errors import DataError
from neurflow.terms.messages import did_you_mean, reason

Split = Literal["train", "test"]

_BY_FLAG: Final[dict[Split, dict[str, Any]]] = {"train": {"train": True}, "test": {"train": False}}


def _by_split(train: str, test: str) -> dict[Split, dict[str, Any]]:
    return {"train": {"split": train}, "test": {"split": test}}


SUPPORTED: Final[dict[str, dict[Split, dict[str, Any]]]] = {
    "CIFAR10": _BY_FLAG,
    "CIFAR100": _BY_FLAG,
    "Country211": _by_split("train", "test"),
    "DTD": _by_split("train", "test"),
    "FGVCAircraft": _by_split("trainval", "test"),
    "FashionMNIST": _BY_FLAG,
    "Flowers102": _by_split("train", "test"),
    "Food101": _by_split("train", "test"),
    "GTSRB": _by_split("train", "test"),
    "Imagenette": _by_split("train", "val"),
    "KMNIST": _BY_FLAG,
    "MNIST": _BY_FLAG,
    "OxfordIIITPet": _by_split("trainval", "test"),
    "RenderedSST2": _by_split("train", "test"),
    "STL10": _by_split("train", "test"),
    "SVHN": _by_split("train", "test"),
    "USPS": _BY_FLAG,
}
"""Constructor arguments of each split, by name in ``torchvision.datasets``."""


class TorchvisionDataset:
    """One of torchvision's data sets, as a :class:`neurflow.data.images.Dataset`. Ids look like ``train/000123``.

    Args:
        name: one of :data:`SUPPORTED`.
        root: folder for the downloaded files, created if needed.
        spec: the spec that names the data set.

    Raises:
        DataError: the data set is unknown, or is neither in ``root`` nor can be downloaded.
    """

    def __init__(self, name: str, root: Path, spec: str) -> None:
        if name not in SUPPORTED:
            raise DataError(
                f"unknown data set {spec!r}.{did_you_mean(name, SUPPORTED)} "
                f"Supported torchvision data sets: {', '.join(SUPPORTED)}"
            )
        self._spec = spec
        self._parts: dict[str, tuple[Any, int]] = {}
        images: list[ImageRef] = []
        for split, options in SUPPORTED[name].items():
            part = _open(name, root, spec, options)
            labels = _labels(part)
            for index, label in enumerate(labels):
                ref = ImageRef(f"{split}/{index:06d}", label, split)
                self._parts[ref.id] = (part, index)
                images.append(ref)
        self._images = tuple(images)

    @property
    def spec(self) -> str:
        """The spec, ``torchvision/NAME``."""
        return self._spec

    @property
    def images(self) -> tuple[ImageRef, ...]:
        """All images: training before test, each in torchvision's order."""
        return self._images

    def load(self, ref: ImageRef) -> PIL.Image.Image:
        """Load an image in RGB.

        Raises:
            DataError: the image does not exist or cannot be read.
        """
        if ref.id not in self._parts:
            raise DataError(f"data set {self._spec!r} has no image {ref.id!r}: ids look like train/000123")
        part, index = self._parts[ref.id]
        try:
            image: PIL.Image.Image = part[index][0]
            return image.convert("RGB")
        except Exception as error:  # decoders of damaged files raise almost anything
            raise DataError(f"image {ref.id} cannot be read: {reason(error)}") from error


def _open(name: str, root: Path, spec: str, options: dict[str, Any]) -> Any:
    """Open one split of torchvision's data set, downloading its files if needed."""
    try:
        root.mkdir(parents=True, exist_ok=True)
        return getattr(datasets, name)(root, download=True, **options)
    except Exception as error:  # networks, disks and archives fail in many ways
        raise DataError(
            f"data set {spec!r} could not be downloaded to {root} ({reason(error)}): copy torchvision's files there "
            "from a machine with a network connection, or use folder/PATH"
        ) from error


def _labels(part: Any) -> list[str]:
    """Return the class name of each image in order; torchvision's data sets store labels under various names."""
    numbers = next((getattr(part, name) for name in ("targets", "labels", "_labels") if hasattr(part, name)), None)
    if numbers is None:
        samples = getattr(part, "_samples", None)
        numbers = [number for _, number in (samples if samples is not None else part)]
    names = _names(part)
    return [names[number] if number < len(names) else str(number) for number in np.asarray(numbers).tolist()]


def _names(part: Any) -> list[str]:
    """Return the class names by number, the first of several synonyms; empty if the data set has none."""
    classes: Sequence[str | tuple[str, ...]] = getattr(part, "classes", None) or ()
    return [name if isinstance(name, str) else name[0] for name in classes]
