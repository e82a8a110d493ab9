"""From an image file to upright RGB pixels, whatever way the file stores them.

1. Open it as one of the allowed formats; refuse more pixels than the cap before anything is decoded.
2. Decode the first frame.
3. Bring it to 8-bit RGB: 16-bit grey is scaled, transparent parts lie on white.
4. Turn it upright as its EXIF orientation says, and drop all metadata.
"""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO, Final

import numpy as np
import PIL.Image
from PIL.Image import Transpose

from neurflow.terms.errors import DataError
from neurflow.terms.messages import reason

SUFFIXES: Final = frozenset({".bmp", ".gif", ".jpeg", ".jpg", ".png", ".ppm", ".tif", ".tiff", ".webp"})
"""Of the files that count as images, in lower case."""
MAX_PIXELS: Final = 80_000_000
"""Largest width times height that is decoded."""

_FORMATS: Final = ("BMP", "GIF", "JPEG", "PNG", "PPM", "TIFF", "WEBP")
_EXIF_ORIENTATION: Final = 0x0112
_UPRIGHT: Final = {
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_270,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_90,
}
"""What undoes each EXIF orientation but the first, which is upright."""


def read_image(source: Path | BinaryIO, name: str) -> PIL.Image.Image:
    """The first frame of an image file, upright, in 8-bit RGB and without metadata.

    Args:
        source: a path, or an open file that can be sought.
        name: how messages name the image.

    Raises:
        DataError: no such file, no image of an allowed format, damaged or cut short, above :data:`MAX_PIXELS`,
            or in numbers that have no agreed range of brightness.
    """
    try:
        with PIL.Image.open(source, formats=_FORMATS) as image:
            return upright(image, name)
    except DataError:
        raise
    except FileNotFoundError:
        raise DataError(f"image {name} does not exist") from None
    except PIL.UnidentifiedImageError:
        raise DataError(f"image {name} is none of {', '.join(_FORMATS)}, or is damaged") from None
    except (PIL.Image.DecompressionBombError, PIL.Image.DecompressionBombWarning):
        raise DataError(f"image {name} is above the cap of {MAX_PIXELS:,} pixels: scale it down") from None
    except Exception as error:  # decoders of damaged files raise almost anything
        raise DataError(f"image {name} cannot be read: {reason(error)}") from error


def upright(image: PIL.Image.Image, name: str) -> PIL.Image.Image:
    """A copy of an opened image, upright, in 8-bit RGB and without metadata.

    Args:
        image: of any mode, decoded or not; it is left as it was.
        name: how messages name it.

    Raises:
        DataError: above :data:`MAX_PIXELS`, or in numbers that have no agreed range of brightness.
    """
    if image.width * image.height > MAX_PIXELS:
        size = f"{image.width}×{image.height}"
        raise DataError(f"image {name} has {size} pixels, above the cap of {MAX_PIXELS:,}: scale it down")
    image.load()
    turn = _UPRIGHT.get(_orientation(image))
    plain = _rgb(image, name)
    if turn is not None:
        plain = plain.transpose(turn)
    plain.info = {}
    return plain


def _orientation(image: PIL.Image.Image) -> int:
    try:
        return int(image.getexif().get(_EXIF_ORIENTATION, 1))
    except (KeyError, OSError, SyntaxError, TypeError, ValueError):
        return 1  # broken metadata around a sound picture


def _rgb(image: PIL.Image.Image, name: str) -> PIL.Image.Image:
    if image.mode == "F" or image.mode.startswith("I"):
        return _from_wide_grey(image, name)
    if image.has_transparency_data:
        canvas = PIL.Image.new("RGBA", image.size, "white")
        canvas.alpha_composite(image.convert("RGBA"))
        return canvas.convert("RGB")
    return image.convert("RGB")


def _from_wide_grey(image: PIL.Image.Image, name: str) -> PIL.Image.Image:
    """From 16-bit grey in 0…65535, perhaps held in 32 bits, or from floats in 0…1."""
    grey = np.asarray(image).astype(np.float64)
    brightest = 1.0 if image.mode == "F" else 65535.0
    if not (grey.min() >= 0 and grey.max() <= brightest):
        raise DataError(
            f"image {name} holds numbers from {grey.min():g} to {grey.max():g}, outside 0…{brightest:g}: "
            "save it with 8 or 16 bits"
        )
    return PIL.Image.fromarray(np.rint(grey / brightest * 255).astype(np.uint8)).convert("RGB")
