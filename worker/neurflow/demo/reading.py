"""One photograph that a dependency ships: what is known of it, and how it is read. Nothing is downloaded."""

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
    """One photograph, which is the whole source of one class.

    Attributes:
        label: the class.
        package: the distribution that ships the file.
        file: its name there.
        size: width and height in pixels.
        sides: shortest and longest side of a crop in pixels of the photograph; an area's own sides limit it too.
        train: areas that training crops lie in. They may overlap one another.
        test: areas that test crops lie in. None shares a pixel with one of ``train``.
        licence: what the package says about the file's licence and source.
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
    """The whole photograph in RGB, ``picture.size`` pixels; read once and kept. Do not change it.

    Raises:
        DataError: the package or its file is missing, or the file is not the photograph that we know.
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
    # Found, not imported: importing scikit-learn takes a second.
    spec = find_spec(module)
    if spec is None or not spec.submodule_search_locations:
        raise DataError(f"demo/photos needs {picture.file} of {picture.package}: pip install {picture.package}")
    return Path(spec.submodule_search_locations[0]) / folder / picture.file
