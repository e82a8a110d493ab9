"""Pictures of views, sent by browsers: decoded with limits, scaled down, and encoded again without metadata."""

from __future__ import annotations

import io
from typing import Final

from neurflow_store.errors import BadUpload, TooLarge, WrongType

MOST_BYTES: Final = 1024 * 1024
WIDTH: Final = 1200
HEIGHT: Final = 630
_MOST_PIXELS: Final = 16_000_000
_FORMATS: Final = ("WEBP", "PNG")
_STARTS: Final = (b"\x89PNG\r\n\x1a\n", b"RIFF")
_QUALITY: Final = 82


def read_picture(data: bytes) -> tuple[bytes, int, int]:
    """Return a picture as WebP, with its width and height, at most 1200 × 630 pixels.

    Raises:
        TooLarge: it has too many bytes or pixels.
        WrongType: it does not begin like a PNG or WebP file.
        BadUpload: it cannot be read.
    """
    if len(data) > MOST_BYTES:
        raise TooLarge(f"the picture has {len(data):,} bytes: the maximum is {MOST_BYTES:,}")
    if not data.startswith(_STARTS):
        raise WrongType("the picture is neither PNG nor WebP: convert it")
    # Imported here, so that only uploads of pictures wait for Pillow.
    from PIL import Image

    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as picture:
            if picture.width * picture.height > _MOST_PIXELS:
                raise TooLarge(
                    f"the picture has {picture.width} × {picture.height} pixels: the maximum is {_MOST_PIXELS:,}"
                )
            small = picture.convert("RGB")
    except (OSError, ValueError, SyntaxError, MemoryError, Image.DecompressionBombError) as error:
        raise BadUpload(f"the picture cannot be read: {str(error)[:100]}") from None
    small.thumbnail((WIDTH, HEIGHT))
    # From the pixels alone: all metadata is dropped.
    plain = Image.frombytes("RGB", small.size, small.tobytes())
    out = io.BytesIO()
    plain.save(out, "WEBP", quality=_QUALITY)
    return out.getvalue(), plain.width, plain.height
