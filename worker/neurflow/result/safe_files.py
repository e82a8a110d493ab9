"""Write folders completely or not at all, and read files without trusting their authors."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from neurflow.terms.errors import FormatError, OutputError, StorageError


@contextmanager
def new_folder(out: Path) -> Iterator[Callable[[str, bytes], None]]:
    """Yield a function that writes a file by its name inside ``out``; ``out`` appears once all files are written.

    Files are written into a hidden folder next to ``out``, which is renamed at the end. After any exception in the
    ``with`` block the hidden folder is deleted and ``out`` does not exist. Only a killed process leaves it behind, as
    ``.NAME.writing-…``; it is never read as a result and can be deleted by hand.

    Raises:
        OutputError: ``out`` exists.
        StorageError: the disk is full or not writable.
    """
    refuse_existing(out)
    aside = out.parent / f".{out.name}.writing-{secrets.token_hex(6)}"

    def write(name: str, data: bytes) -> None:
        with _disk_of(out):
            _write(aside / name, data)

    try:
        with _disk_of(out):
            aside.mkdir(parents=True)
        yield write
        with _disk_of(out):
            _flush_folders(aside, *(path for path in aside.rglob("*") if path.is_dir()))
            aside.rename(out)
            _flush_folders(out.parent)
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        raise


def refuse_existing(out: Path) -> None:
    """Raise :class:`OutputError` if ``out`` exists, even as a dangling link."""
    if os.path.lexists(out):
        raise OutputError(f"{out} exists: choose another folder, or delete it first")


def plain_file(folder: Path, file: str) -> Path:
    """Return the regular file ``file`` in ``folder``, with all links resolved.

    Raises:
        FormatError: it does not exist, is a folder or device, or is a link that leads outside ``folder``.
    """
    try:
        path = (folder / file).resolve(strict=True)
        root = folder.resolve(strict=True)
    except FileNotFoundError as error:
        raise FormatError("does not exist") from error
    except (OSError, RuntimeError) as error:  # RuntimeError: links in a circle
        raise FormatError(f"cannot be read, {error}") from error
    if not path.is_relative_to(root):
        raise FormatError("is a link that leads outside the folder")
    if not path.is_file():
        raise FormatError("is not a regular file")
    return path


def read_start(path: Path, most: int) -> bytes:
    """Read the first bytes of a file, at most ``most``.

    Raises:
        FormatError: the file cannot be read.
    """
    try:
        with path.open("rb") as stream:
            return stream.read(most)
    except OSError as error:
        raise FormatError(f"cannot be read, {error.strerror or error}") from error


@contextmanager
def _disk_of(out: Path) -> Iterator[None]:
    """Convert disk errors to the engine's own errors."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.EEXIST, errno.ENOTEMPTY):
            refuse_existing(out)
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageError(
                f"{out} cannot be written, the disk is full: free disk space or choose another folder"
            ) from error
        reason = (error.strerror or str(error)).lower()
        raise StorageError(f"{out} cannot be written, {reason}: choose a writable folder") from error


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())


def _flush_folders(*folders: Path) -> None:
    """Flush the names in ``folders`` to disk, on file systems that support it."""
    for folder in folders:
        with suppress(OSError):
            descriptor = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
