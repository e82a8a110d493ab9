"""Pictures for browsers: small copies of images, and sheets of a layer's exemplars. Aspect ratios are kept."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Final

import PIL.Image

from neurflow.result.file_format import picture_bytes

WEBP: Final = "image/webp"
TRACED_SIDE: Final = 512
"""Longest side of a traced image's copy, in pixels."""
THUMBNAIL_SIDE: Final = 160
"""Longest side of a browsable image's copy, in pixels."""
ANALYSED_SIDE: Final = 768
"""Longest side of the copy of an analysed image, in pixels."""
TILE: Final = 64
"""Side of an exemplar in a sheet, in pixels."""
_LONGEST: Final = 16_383
"""Longest side that WebP supports."""
_QUALITY: Final = 85
_METHOD: Final = 2


def traced_image(image: PIL.Image.Image) -> bytes:
    """Encode a copy of a traced image as WebP."""
    return picture_bytes(_within(image, TRACED_SIDE))


def thumbnail(image: PIL.Image.Image) -> bytes:
    """Encode a small copy of an image as WebP; fast, because there are many."""
    return _webp(_within(image, THUMBNAIL_SIDE))


def analysed_picture(image: PIL.Image.Image) -> bytes:
    """Encode a copy of an analysed image as WebP."""
    return _webp(_within(image, ANALYSED_SIDE))


def sheet(rows: Sequence[Sequence[PIL.Image.Image]]) -> bytes | None:
    """Arrange pictures in one WebP sheet: each fitted into a ``TILE`` × ``TILE`` cell, the rest transparent.

    Args:
        rows: rows of pictures, of any lengths.

    Returns:
        The sheet; ``None`` if it is empty or too large for WebP.
    """
    width, height = TILE * max(map(len, rows), default=0), TILE * len(rows)
    if not width or max(width, height) > _LONGEST:
        return None
    canvas = PIL.Image.new("RGBA", (width, height), (0, 0, 0, 0))
    for row, pictures in enumerate(rows):
        for column, picture in enumerate(pictures):
            fitted = _fitted(picture.convert("RGB"), TILE)
            left, top = (TILE - fitted.width) // 2, (TILE - fitted.height) // 2
            canvas.paste(fitted, (column * TILE + left, row * TILE + top))
    return _webp(canvas)


def _within(image: PIL.Image.Image, side: int) -> PIL.Image.Image:
    return image if max(image.size) <= side else _fitted(image, side)


def _fitted(image: PIL.Image.Image, side: int) -> PIL.Image.Image:
    """Scale an image so that its longer side is ``side`` pixels, and its shorter side at least one."""
    width, height = image.size
    if width >= height:
        size = (side, max(1, round(height / width * side)))
    else:
        size = (max(1, round(width / height * side)), side)
    return image.resize(size, PIL.Image.Resampling.BILINEAR)


def _webp(picture: PIL.Image.Image) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, "WEBP", quality=_QUALITY, method=_METHOD, exif=b"", icc_profile=b"", xmp=b"")
    return stream.getvalue()
