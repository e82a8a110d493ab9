"""``torchvision/NAME``: torchvision's own classification data sets, downloaded into a folder where need be."""

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
"""By name in ``torchvision.datasets``: what its constructor is told for each split."""


class TorchvisionDataset:
    """One of torchvision's data sets, as a :class:`neurflow.datasets.Dataset`. Ids look like ``train/000123``.

    Args:
        name: one of :data:`SUPPORTED`.
        root: the folder that holds the downloaded files, made where need be.
        spec: the name by which it was asked for.

    Raises:
        DataError: unknown, or it can neither be found in ``root`` nor downloaded.
    """

    def __init__(self, name: str, root: Path, spec: str) -> None:
        if name not in SUPPORTED:
            raise DataError(
                f"unknown data set {spec!r}.{did_you_mean(name, SUPPORTED)} "
                f"Of torchvision's, these are supported: {', '.join(SUPPORTED)}"
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
        """``torchvision/NAME``."""
        return self._spec

    @property
    def images(self) -> tuple[ImageRef, ...]:
        """All images: training before test, each in torchvision's order."""
        return self._images

    def load(self, ref: ImageRef) -> PIL.Image.Image:
        """The image in RGB.

        Raises:
            DataError: there is no such image, or its file cannot be read.
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
    """One split of torchvision's data set, with its files downloaded."""
    try:
        root.mkdir(parents=True, exist_ok=True)
        return getattr(datasets, name)(root, download=True, **options)
    except Exception as error:  # networks, disks and archives fail in many ways
        raise DataError(
            f"data set {spec!r} could not be had in {root} ({reason(error)}): copy there what torchvision downloads "
            "on a machine with a network, or use folder/PATH"
        ) from error


def _labels(part: Any) -> list[str]:
    """The class name of each image in order; torchvision's data sets keep their numbers under various names."""
    numbers = next((getattr(part, name) for name in ("targets", "labels", "_labels") if hasattr(part, name)), None)
    if numbers is None:
        samples = getattr(part, "_samples", None)
        numbers = [number for _, number in (samples if samples is not None else part)]
    names = _names(part)
    return [names[number] if number < len(names) else str(number) for number in np.asarray(numbers).tolist()]


def _names(part: Any) -> list[str]:
    """The class names by number; none where the data set has none. The first of several synonyms."""
    classes: Sequence[str | tuple[str, ...]] = getattr(part, "classes", None) or ()
    return [name if isinstance(name, str) else name[0] for name in classes]
