"""Files that survive a power cut: their bytes, and their names, are on the disk before the caller goes on."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


def write_in_place(path: Path, aside: Path, data: bytes) -> None:
    """Write a file under the name ``aside``, flush it to the disk, and rename it to ``path``.

    Raises:
        OSError: it cannot be written; ``aside`` does not exist then.
    """
    try:
        with aside.open("xb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        aside.replace(path)
    except BaseException:
        with suppress(OSError):
            aside.unlink()
        raise
    flush_names(path.parent)


def flush_names(folder: Path) -> None:
    """Flush the names of a folder's files to the disk, on file systems that support it."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
