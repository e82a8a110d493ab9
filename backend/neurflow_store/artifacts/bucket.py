"""Artifact store on any system that fsspec supports: S3 and compatible services, other clouds, memory for tests.

Such systems show an object only after its upload ended, so no temporary name is needed; what an upload that failed
half-way left under the name is removed. An object's modification time is when it was last put, so each put uploads it.
Between reading that time and deleting lies one request: keep ``orphan_seconds`` far longer than that.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, cast

import fsspec

from neurflow_store.artifacts.store import CHUNK, digest_from, digest_of, hexadecimal, is_digest, storage_errors
from neurflow_store.errors import NotFound, SettingsError

_PACKAGES = {"s3": "s3fs", "s3a": "s3fs", "gs": "gcsfs", "gcs": "gcsfs", "abfs": "adlfs", "az": "adlfs"}


class BucketStore:
    """An :class:`neurflow_store.artifacts.ArtifactStore` behind an fsspec address, such as ``s3://bucket/folder``.

    Raises:
        SettingsError: fsspec does not know the address, or the package for it is not installed.
    """

    def __init__(self, url: str) -> None:
        protocol = url.partition("://")[0]
        try:
            self._files, root = fsspec.core.url_to_fs(url)
        except ImportError as error:
            package = _PACKAGES.get(protocol, "")
            remedy = f"run pip install {package}" if package else str(error)
            raise SettingsError(
                f"artifacts_url is an address of {protocol}://, which needs a missing package: {remedy}"
            ) from None
        except ValueError as error:
            raise SettingsError(f"artifacts_url is invalid: {error}") from None
        self._root = root.rstrip("/")
        self._place = f"the store of files at {protocol}://"

    def put(self, data: bytes) -> str:
        digest = digest_of(data)
        with storage_errors(self._place):
            self._files.pipe_file(self._path(digest), data)
        return digest

    def put_file(self, path: Path) -> str:
        hashed = hashlib.sha256()
        with storage_errors(self._place):
            with path.open("rb") as stream:
                while chunk := stream.read(CHUNK):
                    hashed.update(chunk)
            digest = digest_from(hashed.hexdigest())
            try:
                self._files.put_file(str(path), self._path(digest))
            except BaseException:
                self._remove_half(digest, path)
                raise
        return digest

    def open(self, digest: str) -> BinaryIO:
        with storage_errors(self._place):
            try:
                return cast("BinaryIO", self._files.open(self._path(digest), "rb"))
            except FileNotFoundError:
                raise NotFound(f"no stored file {digest}") from None

    def size(self, digest: str) -> int:
        return int(self._info(digest)["size"])

    def delete(self, digest: str, unless_put_since: datetime | None = None) -> bool:
        with storage_errors(self._place):
            try:
                if unless_put_since is not None and self._put_at(self._path(digest)) >= unless_put_since:
                    return False
                self._files.rm_file(self._path(digest))
            except FileNotFoundError:
                return False
        return True

    def stored(self, shard: str, before: datetime) -> Iterator[str]:
        with storage_errors(self._place):
            for path in self._files.find(f"{self._root}/{shard}"):
                digest = digest_from(path.rpartition("/")[2])
                if is_digest(digest) and self._put_at(path) < before:
                    yield digest

    def tidy(self, before: datetime) -> None:
        """Do nothing: an upload has no temporary file."""

    def _remove_half(self, digest: str, path: Path) -> None:
        """Remove the object if it is shorter than the file: an upload that fails may publish what it wrote."""
        with suppress(Exception):
            if int(self._files.info(self._path(digest))["size"]) < path.stat().st_size:
                self._files.rm_file(self._path(digest))

    def _path(self, digest: str) -> str:
        name = hexadecimal(digest)
        return f"{self._root}/{name[:2]}/{name[2:4]}/{name}"

    def _info(self, digest: str) -> dict[str, Any]:
        with storage_errors(self._place):
            try:
                return dict(self._files.info(self._path(digest)))
            except FileNotFoundError:
                raise NotFound(f"no stored file {digest}") from None

    def _put_at(self, path: str) -> datetime:
        time: datetime = self._files.modified(path)
        return time if time.tzinfo else time.replace(tzinfo=UTC)
