"""Which members of archives are images, by name and first bytes. Workers decode them."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Final

from neurflow.terms import image_formats
from neurflow.terms.image_formats import START_BYTES, has_image_suffix, is_unmistakable

__all__ = ["FORMATS", "START_BYTES", "has_image_suffix", "is_unmistakable", "media_type"]

FORMATS: Final = f"{', '.join(image_formats.USUAL)} or another format that Pillow reads"


def media_type(start: bytes, name: str = "") -> str | None:
    """Return the media type of an image that begins with ``start``; ``None`` if the format is not supported.

    >>> media_type(b"GIF89a" + bytes(10))
    'image/gif'
    """
    import PIL.Image  # only uploads wait for it

    known = image_formats.format_of(start, PurePosixPath(name).suffix)
    return None if known is None else PIL.Image.MIME.get(known, "application/octet-stream")
