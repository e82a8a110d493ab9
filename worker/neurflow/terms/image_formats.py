"""Which files are images: whatever Pillow reads by itself, told by what a file holds.

1. Pillow's list of formats, without those that start another program (EPS), that need a handler or package that is not
   there (BUFR, FPX, GRIB, HDF5, MIC, WMF), MPEG, which it only names, and IM, which it gives up.
2. A file is of a format if it begins like it. A few formats (TGA, for example) have no beginning of their own: their
   suffix tells them.
3. A suffix of these formats saves opening the file to find out: who lists a folder of a million images need not read
   them. What such a file really holds is seen when it is read.
"""

from __future__ import annotations

import struct
from contextlib import suppress
from functools import cache
from pathlib import PurePosixPath
from typing import Final

START_BYTES: Final = 16
"""Number of bytes by which a format is recognised."""
USUAL: Final = ("BMP", "GIF", "JPEG", "PNG", "PPM", "TIFF", "WEBP", "AVIF", "JPEG2000")
"""The formats to name in messages, as Pillow calls them."""

_FEWEST_BYTES: Final = 4
_REFUSED: Final = frozenset({"BUFR", "EPS", "FPX", "GRIB", "HDF5", "IM", "MIC", "MPEG", "WMF"})
_UNMISTAKABLE: Final = ("PNG", "JPEG", "GIF", "WEBP", "AVIF", "TIFF", "JPEG2000", "PSD", "QOI", "ICNS", "DDS")


@cache
def formats() -> tuple[str, ...]:
    """Return the formats that are read, by Pillow's names, the usual ones first."""
    import PIL.Image  # only here and below: a web server must start without it

    PIL.Image.init()
    others = sorted(set(PIL.Image.OPEN) - _REFUSED - set(USUAL))
    return (*(name for name in USUAL if name in PIL.Image.OPEN), *others)


@cache
def suffixes() -> frozenset[str]:
    """Return the suffixes of these formats, in lower case."""
    import PIL.Image

    return frozenset(suffix for suffix, name in PIL.Image.registered_extensions().items() if name in formats())


def has_image_suffix(name: str) -> bool:
    """Return whether a file name is that of an image.

    >>> [has_image_suffix(name) for name in ("cats/0007.JPG", "cats/7.jfif", "cats/notes.txt")]
    [True, True, False]
    """
    return PurePosixPath(name).suffix.lower() in suffixes()


def format_of(start: bytes, suffix: str = "") -> str | None:
    """Return the format of an image that begins with ``start``; ``None`` if it is none of :func:`formats`.

    Args:
        start: the first :data:`START_BYTES` of a file, fewer only if it has fewer.
        suffix: of its name, for formats without a beginning of their own.

    >>> format_of(b"GIF89a" + bytes(10)), format_of(b"hello world, hello")
    ('GIF', None)
    """
    import PIL.Image

    for name in formats():
        accepts = PIL.Image.OPEN[name][1]
        # Pillow answers with text if it knows the format but cannot read it, and counts on enough bytes.
        with suppress(IndexError, struct.error):
            if accepts is not None and len(start) >= _FEWEST_BYTES and accepts(start[:START_BYTES]) is True:
                return name
    by_suffix = PIL.Image.registered_extensions().get(suffix.lower())
    return by_suffix if start and by_suffix in formats() and PIL.Image.OPEN[by_suffix][1] is None else None


def is_unmistakable(start: bytes) -> bool:
    """Return whether a file is an image whatever its name: its beginning is not that of any other kind of file."""
    return format_of(start) in _UNMISTAKABLE
