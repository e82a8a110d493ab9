"""Read an image file as upright RGB pixels, whatever its format.

1. Open the file as one of the formats that Pillow reads by itself (``neurflow.terms.image_formats``); refuse images
   above the pixel limit before decoding.
2. Decode the first frame.
3. Convert it to 8-bit RGB: scale 16-bit grey, put transparent images on white.
4. Rotate it upright by its EXIF orientation and drop all metadata.
"""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO, Final

import numpy as np
import PIL.Image
from PIL.Image import Transpose

from neurflow.terms.errors import DataError
from neurflow.terms.image_formats import START_BYTES, USUAL, format_of, formats
from neurflow.terms.messages import reason

MAX_PIXELS: Final = 80_000_000
"""Largest width times height that is decoded."""

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
"""Transposition that undoes each EXIF orientation except the first, which is upright."""


def read_image(source: Path | BinaryIO, name: str) -> PIL.Image.Image:
    """Read the first frame of an image file, upright, in 8-bit RGB and without metadata.

    Args:
        source: a path, or an open seekable file.
        name: name of the image in messages.

    Raises:
        DataError: the file does not exist, is no image of an allowed format, is damaged or truncated, exceeds
            :data:`MAX_PIXELS`, or holds values outside the known ranges of brightness.
    """
    try:
        with PIL.Image.open(source, formats=formats()) as image:
            return upright(image, name)
    except DataError:
        raise
    except FileNotFoundError:
        raise DataError(f"image {name} does not exist") from None
    except PIL.UnidentifiedImageError:
        raise DataError(f"image {name} is damaged or is none of {', '.join(USUAL)}, …") from None
    except (PIL.Image.DecompressionBombError, PIL.Image.DecompressionBombWarning):
        raise DataError(f"image {name} exceeds the limit of {MAX_PIXELS:,} pixels: scale it down") from None
    except Exception as error:  # decoders of damaged files raise almost anything
        raise DataError(f"image {name} cannot be read: {reason(error)}") from error


def is_image(path: Path) -> bool:
    """Return whether a file begins as an image does, as far as Pillow reads to tell its size.

    Raises:
        OSError: the file cannot be read.
    """
    with path.open("rb") as stream:
        start = stream.read(START_BYTES)
        if format_of(start, path.suffix) is None:
            return False
        stream.seek(0)
        try:
            with PIL.Image.open(stream, formats=formats()):
                return True
        except (PIL.Image.DecompressionBombError, PIL.Image.DecompressionBombWarning):
            return True  # an image, which is refused when it is read
        except Exception:  # noqa: BLE001 - decoders of damaged files raise almost anything
            return False


def upright(image: PIL.Image.Image, name: str) -> PIL.Image.Image:
    """Copy an opened image, upright, in 8-bit RGB and without metadata.

    Args:
        image: image of any mode, decoded or not; it is not changed.
        name: name of the image in messages.

    Raises:
        DataError: the image exceeds :data:`MAX_PIXELS` or holds values outside the known ranges of brightness.
    """
    if image.width * image.height > MAX_PIXELS:
        size = f"{image.width}×{image.height}"
        raise DataError(f"image {name} has {size} pixels, more than the limit of {MAX_PIXELS:,}: scale it down")
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
        return 1  # broken metadata of a readable picture


def _rgb(image: PIL.Image.Image, name: str) -> PIL.Image.Image:
    if image.mode == "F" or image.mode.startswith("I"):
        return _from_wide_grey(image, name)
    if image.has_transparency_data:
        canvas = PIL.Image.new("RGBA", image.size, "white")
        canvas.alpha_composite(image.convert("RGBA"))
        return canvas.convert("RGB")
    return image.convert("RGB")


def _from_wide_grey(image: PIL.Image.Image, name: str) -> PIL.Image.Image:
    """Convert 16-bit grey in 0…65535, possibly stored in 32 bits, or floats in 0…1."""
    grey = np.asarray(image).astype(np.float64)
    brightest = 1.0 if image.mode == "F" else 65535.0
    if not (grey.min() >= 0 and grey.max() <= brightest):
        raise DataError(
            f"image {name} holds values from {grey.min():g} to {grey.max():g}, outside 0…{brightest:g}: "
            "save it with 8 or 16 bits"
        )
    return PIL.Image.fromarray(np.rint(grey / brightest * 255).astype(np.uint8)).convert("RGB")
