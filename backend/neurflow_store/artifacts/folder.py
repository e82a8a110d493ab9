"""Artifact store in a folder: ``ab/cd/abcd…``. Files are written under a temporary name, flushed, then renamed."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final

from neurflow_store.artifacts.store import CHUNK, digest_from, digest_of, hexadecimal, is_digest, storage_errors
from neurflow_store.durable import flush_names
from neurflow_store.errors import NotFound

_ASIDE: Final = "aside"
_READ_ONLY: Final = 0o444


class FolderStore:
    """An :class:`neurflow_store.artifacts.ArtifactStore` in a folder, which is created if needed.

    A file's modification time is when it was last put.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._place = f"the folder of stored files {folder}"

    def put(self, data: bytes) -> str:
        digest = digest_of(data)
        with storage_errors(self._place):
            if not self._renewed(digest, len(data)):
                self._write((data,), digest)
        return digest

    def put_file(self, path: Path) -> str:
        with storage_errors(self._place):
            return self._write(_chunks(path))

    def open(self, digest: str) -> BinaryIO:
        with storage_errors(self._place):
            try:
                return self._path(digest).open("rb")
            except FileNotFoundError:
                raise NotFound(f"no stored file {digest}") from None

    def size(self, digest: str) -> int:
        with storage_errors(self._place):
            try:
                return self._path(digest).stat().st_size
            except FileNotFoundError:
                raise NotFound(f"no stored file {digest}") from None

    def delete(self, digest: str, unless_put_since: datetime | None = None) -> bool:
        path = self._path(digest)
        taken = self._new_aside(f"{path.name}.")
        with storage_errors(self._place):
            try:
                # Renamed before its time is read: a process that puts it from here on writes it again.
                path.rename(taken)
            except FileNotFoundError:
                return False
            if unless_put_since is not None and taken.stat().st_mtime >= unless_put_since.timestamp():
                taken.replace(path)
                return False
            taken.unlink()
        return True

    def stored(self, shard: str, before: datetime) -> Iterator[str]:
        with storage_errors(self._place):
            for path in sorted((self._folder / shard).glob("*/*")):
                digest = digest_from(path.name)
                with suppress(FileNotFoundError):
                    if is_digest(digest) and path.stat().st_mtime < before.timestamp():
                        yield digest

    def tidy(self, before: datetime) -> None:
        with storage_errors(self._place):
            for path in (self._folder / _ASIDE).glob("*"):
                with suppress(FileNotFoundError):
                    if path.stat().st_mtime < before.timestamp():
                        self._put_back(path)

    def _path(self, digest: str) -> Path:
        name = hexadecimal(digest)
        return self._folder / name[:2] / name[2:4] / name

    def _put_back(self, left: Path) -> None:
        """Delete unfinished writes; restore files that were about to be deleted, which may have been put again."""
        digest = digest_from(left.name.partition(".")[0])
        if is_digest(digest):
            left.replace(self._path(digest))
        else:
            left.unlink()

    def _new_aside(self, prefix: str = "") -> Path:
        folder = self._folder / _ASIDE
        with storage_errors(self._place):
            folder.mkdir(parents=True, exist_ok=True)
        return folder / f"{prefix}{secrets.token_hex(16)}"

    def _renewed(self, digest: str, size: int) -> bool:
        """Renew the time of an existing file; return whether it exists."""
        path = self._path(digest)
        try:
            os.utime(path)
            return path.stat().st_size == size
        except OSError:
            # It does not exist; or it belongs to another system user, and is replaced by an identical file.
            return False

    def _write(self, chunks: Iterable[bytes], digest: str | None = None) -> str:
        aside = self._new_aside()
        hashed = hashlib.sha256()
        try:
            with aside.open("xb") as stream:
                for chunk in chunks:
                    stream.write(chunk)
                    if digest is None:
                        hashed.update(chunk)
                stream.flush()
                os.fsync(stream.fileno())
            aside.chmod(_READ_ONLY)
            digest = digest or digest_from(hashed.hexdigest())
            path = self._path(digest)
            path.parent.mkdir(parents=True, exist_ok=True)
            aside.replace(path)
        except BaseException:
            with suppress(OSError):
                aside.unlink()
            raise
        flush_names(path.parent)
        return digest


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            yield chunk
