"""Detection of image files by name and by their first bytes. Workers decode them."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Final

SUFFIXES: Final = frozenset({".bmp", ".gif", ".jpeg", ".jpg", ".png", ".ppm", ".tif", ".tiff", ".webp"})
"""Image file suffixes in lower case, the same as the engine's."""

FORMATS: Final = "BMP, GIF, JPEG, PNG, PPM, TIFF or WebP"
START_BYTES: Final = 16
"""Number of bytes needed to detect the format."""

_STARTS: Final = (
    ("image/bmp", re.compile(rb"BM")),
    ("image/gif", re.compile(rb"GIF8[79]a")),
    ("image/jpeg", re.compile(rb"\xff\xd8\xff")),
    ("image/png", re.compile(rb"\x89PNG\r\n\x1a\n")),
    ("image/x-portable-anymap", re.compile(rb"P[1-6][\s#]")),
    ("image/tiff", re.compile(rb"II[*+]\0|MM\0[*+]")),
    ("image/webp", re.compile(rb"RIFF.{4}WEBP", re.DOTALL)),
)


def is_image_name(name: str) -> bool:
    """Return whether a file name is that of an image.

    >>> is_image_name("cats/0007.JPG"), is_image_name("cats/notes.txt")
    (True, False)
    """
    return PurePosixPath(name).suffix.lower() in SUFFIXES


def media_type(start: bytes) -> str | None:
    """Return the media type of an image that begins with ``start``; ``None`` if the format is not supported.

    >>> media_type(b"GIF89a" + bytes(10))
    'image/gif'
    """
    return next((kind for kind, pattern in _STARTS if pattern.match(start)), None)
