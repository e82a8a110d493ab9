"""Draw where groups fire (the image, lit where a group fires and dark elsewhere) and which pixels cause it.

1. Scale the image down, and the firing map (:mod:`neurflow.lens.firing_maps`) up to the part that the network sees.
2. Full light is the highest value of the map, but at least 1, so that pictures of silent groups stay dark. Light falls
   with the square of the value: half of the highest value is a quarter of the light.
3. If the group fires, frame the crop that fires it most.
4. Draw a pixel map (:mod:`neurflow.lens.pixels`) in its crop on a dark grey image: warm where a pixel speaks for the
   group, blue where it speaks against it. The strength is its fraction of the strongest.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import PIL.Image
import PIL.ImageDraw

from neurflow.lens.firing_maps import as_array
from neurflow.lens.pixels import PixelMap
from neurflow.lens.reading import GroupReading, Reading
from neurflow.result.circuit import Box

SIDE: Final = 512
"""Maximum length of a picture's longer side, in pixels."""
DARK: Final = 0.25
"""Light where a group does not fire."""
_FRAME: Final = (255, 190, 60)
_FOR: Final = (255, 190, 60)
_AGAINST: Final = (70, 130, 255)


def small(image: PIL.Image.Image) -> PIL.Image.Image:
    """Scale an upright RGB image down to the size of overlays."""
    scale = SIDE / max(image.width, image.height, SIDE)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image.resize(size, PIL.Image.Resampling.BILINEAR, reducing_gap=3.0)


def overlay(picture: PIL.Image.Image, reading: Reading, group: GroupReading) -> PIL.Image.Image:
    """Draw where one group fires.

    Args:
        picture: the image, scaled by :func:`small`.
        reading: reading of the image.
        group: a group of the reading.
    """
    left, top, right, bottom = _scaled(reading.area, picture, reading)
    values = as_array(group.place)
    grid = PIL.Image.fromarray((values / max(1.0, float(values.max()))).astype(np.float32))
    lit = np.clip(np.asarray(grid.resize((right - left, bottom - top), PIL.Image.Resampling.BICUBIC)), 0, 1) ** 2
    light = np.full((picture.height, picture.width, 1), DARK)
    light[top:bottom, left:right, 0] += (1 - DARK) * lit
    shown = PIL.Image.fromarray(np.rint(np.asarray(picture) * light).astype(np.uint8))
    if group.fires and group.best:
        _frame(shown, _scaled(reading.crops[group.best[0]], picture, reading))
    return shown


def pixel_overlay(picture: PIL.Image.Image, reading: Reading, pixels: PixelMap) -> PIL.Image.Image:
    """Draw which pixels speak for a group and which against it.

    Args:
        picture: the image, scaled by :func:`small`.
        reading: reading of the image.
        pixels: pixel map of a group on the same image.
    """
    left, top, right, bottom = box = _scaled(pixels.box, picture, reading)
    values = np.array(pixels.values, dtype=np.float32).reshape(pixels.height, pixels.width)
    grid = PIL.Image.fromarray(values / max(float(np.abs(values).max()), 1e-12))
    shares = np.clip(np.asarray(grid.resize((right - left, bottom - top), PIL.Image.Resampling.BICUBIC)), -1, 1)
    strength = np.abs(shares)[:, :, None]
    shown = np.asarray(picture.convert("L").convert("RGB")) * DARK
    colours = np.where(shares[:, :, None] > 0, np.array(_FOR), np.array(_AGAINST))
    shown[top:bottom, left:right] = shown[top:bottom, left:right] * (1 - strength) + colours * strength
    whole = PIL.Image.fromarray(np.rint(shown).astype(np.uint8))
    _frame(whole, box)
    return whole


def _frame(shown: PIL.Image.Image, box: tuple[int, int, int, int]) -> None:
    left, top, right, bottom = box
    width = max(1, max(shown.size) // 200)
    PIL.ImageDraw.Draw(shown).rectangle((left, top, right - 1, bottom - 1), outline=_FRAME, width=width)


def _scaled(box: Box, picture: PIL.Image.Image, reading: Reading) -> tuple[int, int, int, int]:
    """Convert a box of the image to the picture's pixels, at least one pixel wide and high."""
    x, y = picture.width / reading.width, picture.height / reading.height
    left, top = min(round(box.left * x), picture.width - 1), min(round(box.top * y), picture.height - 1)
    return left, top, max(left + 1, round(box.right * x)), max(top + 1, round(box.bottom * y))
