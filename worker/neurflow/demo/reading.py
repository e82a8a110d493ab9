"""Read a photograph that ships with a dependency. Nothing is downloaded."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

import PIL.Image

from neurflow.result.circuit import Box
from neurflow.terms.errors import DataError

_FOLDERS = {"scikit-image": ("skimage", "data"), "scikit-learn": ("sklearn", "datasets/images")}


@dataclass(frozen=True)
class Picture:
    """A photograph, the only source of one class.

    Attributes:
        label: the class.
        package: the distribution that ships the file.
        file: name of the file.
        size: width and height in pixels.
        sides: shortest and longest side of a crop in pixels of the photograph; the areas' sides limit it, too.
        train: areas of training crops. They may overlap.
        test: areas of test crops. None shares a pixel with an area in ``train``.
        licence: the package's statement of the file's licence and source.
    """

    label: str
    package: Literal["scikit-image", "scikit-learn"]
    file: str
    size: tuple[int, int]
    sides: tuple[int, int]
    train: tuple[Box, ...]
    test: tuple[Box, ...]
    licence: str


@cache
def read_picture(picture: Picture) -> PIL.Image.Image:
    """Read the whole photograph in RGB, ``picture.size`` pixels; cached, so do not change it.

    Raises:
        DataError: the package or its file is missing, or the file is not the expected photograph.
    """
    path = _path(picture)
    remedy = f"install {picture.package} again (pip install --force-reinstall {picture.package})"
    try:
        with PIL.Image.open(path) as image:
            rgb = image.convert("RGB")
    except FileNotFoundError:
        raise DataError(f"demo/photos: {picture.package} has no {picture.file}: {remedy}") from None
    except (OSError, SyntaxError) as error:
        raise DataError(
            f"demo/photos: {picture.file} of {picture.package} cannot be read ({error}): {remedy}"
        ) from None
    if rgb.size != picture.size:
        raise DataError(
            f"demo/photos: {picture.file} of {picture.package} is {rgb.width}×{rgb.height} pixels instead of "
            f"{picture.size[0]}×{picture.size[1]}: {remedy}"
        )
    return rgb


def _path(picture: Picture) -> Path:
    module, folder = _FOLDERS[picture.package]
    # Located without importing: importing scikit-learn takes a second.
    spec = find_spec(module)
    if spec is None or not spec.submodule_search_locations:
        raise DataError(f"demo/photos needs {picture.file} of {picture.package}: pip install {picture.package}")
    return Path(spec.submodule_search_locations[0]) / folder / picture.file
