"""Folders that are written whole or not at all, and files that are read without trust in who wrote them."""

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
    """Gives a function that writes a file, by its name inside ``out``; ``out`` is there when all of them are.

    They are written into a hidden folder beside ``out`` that is renamed at the end. Whatever flies out of the
    ``with`` block, it is removed and ``out`` is not there. Only a killed process leaves it behind, as
    ``.NAME.writing-…``; it is never taken for a result and may be removed by hand.

    Raises:
        OutputError: ``out`` exists.
        StorageError: the disk is full or cannot be written.
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
    """Raises :class:`OutputError` where ``out`` exists, be it a dangling link."""
    if os.path.lexists(out):
        raise OutputError(f"{out} exists: choose another folder, or remove it first")


def plain_file(folder: Path, file: str) -> Path:
    """The plain file ``file`` in ``folder``, all links followed.

    Raises:
        FormatError: there is none, it is a folder or a device, or a link that leads outside ``folder``.
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
        raise FormatError("is no plain file")
    return path


def read_start(path: Path, most: int) -> bytes:
    """The first bytes of a file, at most ``most``.

    Raises:
        FormatError: it cannot be read.
    """
    try:
        with path.open("rb") as stream:
            return stream.read(most)
    except OSError as error:
        raise FormatError(f"cannot be read, {error.strerror or error}") from error


@contextmanager
def _disk_of(out: Path) -> Iterator[None]:
    """Says in the engine's own words what went wrong with the disk."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.EEXIST, errno.ENOTEMPTY):
            refuse_existing(out)
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageError(f"{out} cannot be written, the disk is full: free space or choose another") from error
        reason = (error.strerror or str(error)).lower()
        raise StorageError(f"{out} cannot be written, {reason}: choose a folder that can be") from error


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())


def _flush_folders(*folders: Path) -> None:
    """Makes the names in ``folders`` last, on the file systems that know how."""
    for folder in folders:
        with suppress(OSError):
            descriptor = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
