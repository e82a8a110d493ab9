"""A member of an archive, whatever its format, and how damage is told."""

from __future__ import annotations

import lzma
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from neurflow_store.errors import BadUpload


@dataclass(frozen=True)
class Member:
    """A file or a folder in an archive.

    Attributes:
        name: its path as it stands there, for messages: nothing is known of it but that it is text.
        parts: the parts of that path, which leads nowhere but down, as :mod:`neurflow_store.archives.paths` gives it.
        is_folder: whether it is a folder, which has no content.
        chunks: its content, piece by piece, counted. Only until the next member is asked for.
    """

    name: str
    parts: tuple[str, ...]
    is_folder: bool
    chunks: Callable[[], Iterator[bytes]]


@contextmanager
def damage_told(what: str) -> Iterator[None]:
    """Says which part of an archive cannot be read."""
    try:
        yield
    except OSError as error:
        if error.errno is not None:
            raise
        # So bz2 and gzip say that their input is none.
        raise _damaged(what, error) from None
    except _DAMAGE as error:
        raise _damaged(what, error) from None


def _damaged(what: str, error: Exception) -> BadUpload:
    return BadUpload(f"{what} is damaged or cut short: {str(error)[:200] or 'it ends too soon'}")


_DAMAGE: Final = (
    EOFError,
    NotImplementedError,
    OverflowError,
    UnicodeError,
    ValueError,
    lzma.LZMAError,
    struct.error,
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
)
"""What the readers of Python's library raise for a file that is not what it should be."""
