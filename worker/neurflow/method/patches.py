"""Cut images into the patches ``D`` of a class.

1. The network sees the centre square of an image (its *region*). Sliding windows of each crop size cover the region
   with a stride of half a window: 1 + 9 + 49 = 59 windows for crops 1, 1/2 and 1/4.
2. A window is a box in the image's own pixels. Its patch is those pixels, resized to the network's input size
   (bilinear, antialiased).

References: section 3 of the paper, after "CRAFT" (Fel et al., CVPR 2023), which uses the same crops.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import PIL.Image
import torch
from torch import Tensor

from neurflow.network.preprocessing import Preprocessing
from neurflow.result.circuit import Box


def region(width: int, height: int, preprocessing: Preprocessing) -> Box:
    """Return the centre square of an image that the network sees, in the image's own pixels."""
    side = max(1, round(min(width, height) * preprocessing.input_size / preprocessing.resize))
    left, top = (width - side) // 2, (height - side) // 2
    return Box(left, top, left + side, top + side)


def windows(area: Box, crops: Sequence[float]) -> list[Box]:
    """Return sliding windows over a square, row by row, in the order of ``crops``.

    Args:
        area: a square box.
        crops: window sides as fractions of the square's side, in (0, 1].

    Returns:
        Boxes inside ``area``; windows of one crop differ unless the square has too few pixels.
    """
    side = area.right - area.left
    boxes = []
    for crop in crops:
        size = max(1, round(crop * side))
        # Tolerance for rounding: (1 - 0.1) / 0.05 is just below 18 in floating point.
        steps = math.floor((1 - crop) / (crop / 2) + 1e-9) + 1
        starts = [min(round(i * crop / 2 * side), side - size) for i in range(steps)]
        for y in starts:
            for x in starts:
                left, top = area.left + x, area.top + y
                boxes.append(Box(left, top, left + size, top + size))
    return boxes


@dataclass(frozen=True)
class PatchImage:
    """An image ready to be cut: the pixels of its region, at most as many as its smallest crop needs.

    Attributes:
        id: id of the image in the data set.
        width: width of the whole image in pixels.
        height: height of the whole image in pixels.
        area: the region.
        pixels: the region as RGB, possibly downscaled.
    """

    id: str
    width: int
    height: int
    area: Box
    pixels: PIL.Image.Image

    @classmethod
    def of(cls, id: str, image: PIL.Image.Image, preprocessing: Preprocessing, crops: Sequence[float]) -> PatchImage:
        """Create from an image; scaled down so that the smallest crop has at most ``input_size`` pixels a side."""
        area = region(image.width, image.height, preprocessing)
        pixels = image.convert("RGB").crop((area.left, area.top, area.right, area.bottom))
        enough = math.ceil(preprocessing.input_size / min(crops))
        if pixels.width > enough:
            pixels = pixels.resize((enough, enough), PIL.Image.Resampling.BILINEAR, reducing_gap=3.0)
        return cls(id, image.width, image.height, area, pixels)

    def patch(self, box: Box, size: int) -> PIL.Image.Image:
        """Return the pixels in ``box`` (in the image's own pixels, inside the region), resized to ``size`` × ``size``.

        The box is cut out before resizing, so that no pixels beside it bleed in at its border.
        """
        scale = self.pixels.width / (self.area.right - self.area.left)
        left, top = scale * (box.left - self.area.left), scale * (box.top - self.area.top)
        side = scale * (box.right - box.left)
        x, y = math.floor(left), math.floor(top)
        around = self.pixels.crop((x, y, math.ceil(left + side), math.ceil(top + side)))
        place = (left - x, top - y, min(left - x + side, around.width), min(top - y + side, around.height))
        return around.resize((size, size), PIL.Image.Resampling.BILINEAR, box=place)


class PatchSet:
    """The patches of a set of images, in order of image, crop, row and column."""

    def __init__(self, images: Sequence[PatchImage], preprocessing: Preprocessing, crops: Sequence[float]) -> None:
        self.images = tuple(images)
        self.preprocessing = preprocessing
        self.places: list[tuple[int, Box]] = [
            (i, box) for i, image in enumerate(images) for box in windows(image.area, crops)
        ]

    def __len__(self) -> int:
        return len(self.places)

    def picture(self, index: int) -> PIL.Image.Image:
        """Return patch ``index`` as the network sees it, before normalisation."""
        image, box = self.places[index]
        return self.images[image].patch(box, self.preprocessing.input_size)

    def batch(self, indices: Sequence[int]) -> Tensor:
        """Return patches as network input: ``(n, 3, S, S)``, normalised, channels-last, float32, on the CPU."""
        return to_input([self.picture(i) for i in indices], self.preprocessing)


def to_input(pictures: Sequence[PIL.Image.Image], preprocessing: Preprocessing) -> Tensor:
    """Convert RGB pictures of the input size to ``(n, 3, S, S)``, normalised, channels-last, float32."""
    pixels = torch.from_numpy(np.stack([np.asarray(picture) for picture in pictures]))
    mean, std = torch.tensor(preprocessing.mean) * 255, torch.tensor(preprocessing.std) * 255
    # Whole rows at once: three values at a time would take several times as long.
    rows, width = pixels.flatten(2).float(), pixels.shape[2]
    return rows.sub_(mean.repeat(width)).div_(std.repeat(width)).reshape(pixels.shape).permute(0, 3, 1, 2)
