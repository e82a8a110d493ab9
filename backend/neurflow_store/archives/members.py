"""A member of an archive of any format, and errors for damaged archives."""

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
    """A file or folder in an archive.

    Attributes:
        name: its path as stored, for messages; untrusted text.
        parts: the parts of that path, checked by :mod:`neurflow_store.archives.paths`.
        is_folder: whether it is a folder, which has no content.
        chunks: its content in pieces, counted. Valid only until the next member is read.
    """

    name: str
    parts: tuple[str, ...]
    is_folder: bool
    chunks: Callable[[], Iterator[bytes]]


@contextmanager
def damage_errors(what: str) -> Iterator[None]:
    """Turn errors of readers into errors that name the damaged part."""
    try:
        yield
    except OSError as error:
        if error.errno is not None:
            raise
        # This is how bz2 and gzip report a wrong format.
        raise _damaged(what, error) from None
    except _DAMAGE as error:
        raise _damaged(what, error) from None


def _damaged(what: str, error: Exception) -> BadUpload:
    return BadUpload(f"{what} is damaged or truncated: {str(error)[:200] or 'it ends too early'}")


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
"""Errors that Python's readers raise for malformed files."""
