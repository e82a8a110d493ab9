"""The data set ``demo/photos``: 16 classes of square crops from photographs that ship with the dependencies.

For each photograph and each split:

1. Draw an area of the split, with probability proportional to its size.
2. Draw a side in pixels, uniformly within the photograph's range and the area.
3. Draw a position of the square within the area, uniformly.

Crops of the two splits share no pixel, because their areas share none. They are cut on loading.
"""

from __future__ import annotations

from typing import Final, Literal

import numpy as np
import PIL.Image

from neurflow.data.images import ImageRef
from neurflow.demo.reading import Picture, read_picture
from neurflow.demo.sources import PICTURES
from neurflow.result.circuit import Box
from neurflow.terms.errors import DataError, ParameterError

SPEC: Final = "demo/photos"
SIDE: Final = 96
"""Side of a loaded crop in pixels."""

Split = Literal["train", "test"]


class Photos:
    """The crops of the demo, as a :class:`neurflow.data.images.Dataset`.

    Args:
        train: training crops per class, 0…10,000.
        test: test crops per class, 0…10,000.
        seed: seed of the crops' positions, at least 0. More crops with the same seed start with the same ones.

    Raises:
        ParameterError: a count or the seed is out of range.

    >>> photos = Photos()
    >>> len(photos.images)
    8000
    >>> photos.images[407]
    ImageRef(id='train/cat/0007', label='cat', split='train')
    """

    def __init__(self, train: int = 400, test: int = 100, seed: int = 0) -> None:
        for name, count in (("train", train), ("test", test)):
            if not 0 <= count <= 10_000:
                raise ParameterError(f"{name} is {count}: choose from 0 to 10000 crops per class")
        if seed < 0:
            raise ParameterError(f"seed is {seed}: choose 0 or more")
        self._sources: dict[str, tuple[Picture, Box]] = {}
        images: list[ImageRef] = []
        counts: tuple[tuple[Split, int], ...] = (("train", train), ("test", test))
        for split, count in counts:
            for number, picture in enumerate(PICTURES):
                random = np.random.default_rng([seed, number, split == "test"])
                areas = picture.train if split == "train" else picture.test
                for index in range(count):
                    ref = ImageRef(f"{split}/{picture.label}/{index:04d}", picture.label, split)
                    images.append(ref)
                    self._sources[ref.id] = (picture, _place(random, areas, picture.sides))
        self._images = tuple(images)

    @property
    def spec(self) -> str:
        """The spec, ``demo/photos``."""
        return SPEC

    @property
    def images(self) -> tuple[ImageRef, ...]:
        """All crops: training before test, and classes in output order."""
        return self._images

    def source(self, ref: ImageRef) -> tuple[Picture, Box]:
        """Return the photograph of a crop and the crop's box in the photograph's pixels.

        Raises:
            DataError: the crop does not exist.
        """
        try:
            return self._sources[ref.id]
        except KeyError:
            raise DataError(f"{SPEC} has no image {ref.id!r}: ids look like train/cat/0007") from None

    def load(self, ref: ImageRef) -> PIL.Image.Image:
        """Load a crop in RGB, 96×96 pixels, resized with an antialiased bilinear filter.

        Raises:
            DataError: the crop does not exist, or its photograph is missing.
        """
        picture, box = self.source(ref)
        # Cut before resizing, so that the filter uses no pixel outside the crop.
        crop = read_picture(picture).crop((box.left, box.top, box.right, box.bottom))
        return crop.resize((SIDE, SIDE), PIL.Image.Resampling.BILINEAR)


def _place(random: np.random.Generator, areas: tuple[Box, ...], sides: tuple[int, int]) -> Box:
    """Draw a random square within one of the areas, with a side within ``sides`` (both ends included)."""
    pixels = np.array([(area.right - area.left) * (area.bottom - area.top) for area in areas], dtype=np.float64)
    area = areas[int(random.choice(len(areas), p=pixels / pixels.sum()))]
    width, height = area.right - area.left, area.bottom - area.top
    side = int(random.integers(sides[0], min(sides[1], width, height), endpoint=True))
    left = area.left + int(random.integers(0, width - side, endpoint=True))
    top = area.top + int(random.integers(0, height - side, endpoint=True))
    return Box(left, top, left + side, top + side)
