"""The interface of artifact stores, and what they share."""

from __future__ import annotations

import errno
import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final, Protocol

from neurflow_store.errors import NotFound, StorageError, StorageFull

CHUNK: Final = 1024 * 1024
"""Number of bytes read at once."""

SHARDS: Final = tuple(f"{number:02x}" for number in range(256))
"""First two digits of the digests: stores are listed one part at a time."""

DISK_FULL: Final = (errno.ENOSPC, errno.EDQUOT)
"""Error numbers of a disk without space, or without any for this user."""

_PREFIX: Final = "sha256:"
_DIGEST: Final = re.compile(_PREFIX + r"([0-9a-f]{64})")


class ArtifactStore(Protocol):
    """Storage for the bytes of files.

    All methods raise :class:`neurflow_store.errors.StorageError` if the storage cannot be reached, read or written, and
    its subclass ``StorageFull`` if it is full; then nothing half-written is left.
    """

    def put(self, data: bytes) -> str:
        """Store bytes and return their digest, ``sha256:…``. An existing file is only marked as used."""
        ...

    def put_file(self, path: Path) -> str:
        """Store the content of a file and return its digest. The file itself stays in place."""
        ...

    def open(self, digest: str) -> BinaryIO:
        """Open a file for reading from its start; the caller closes it. Raises ``NotFound``."""
        ...

    def size(self, digest: str) -> int:
        """Return a file's size in bytes. Raises ``NotFound``."""
        ...

    def delete(self, digest: str, unless_put_since: datetime | None = None) -> bool:
        """Delete the file if it exists and was not put since then; return whether it did."""
        ...

    def stored(self, shard: str, before: datetime) -> Iterator[str]:
        """Yield the digests of the files that were last put before then. ``shard``: their first two digits."""
        ...

    def tidy(self, before: datetime) -> None:
        """Delete the temporary files of writers that were killed before then."""
        ...


def hexadecimal(digest: str) -> str:
    """Return the 64 digits of a digest, to use as a file name.

    Raises:
        NotFound: it is not a digest.
    """
    match = _DIGEST.fullmatch(digest)
    if match is None:
        raise NotFound(f"no stored file {digest[:80]!r}: a digest is sha256: and 64 hexadecimal digits")
    return match[1]


def is_digest(text: str) -> bool:
    """Return whether a text has the form of a digest."""
    return _DIGEST.fullmatch(text) is not None


def digest_from(digits: str) -> str:
    """Return the digest for 64 hexadecimal digits."""
    return f"{_PREFIX}{digits}"


def digest_of(data: bytes) -> str:
    """Return the digest of bytes."""
    return digest_from(hashlib.sha256(data).hexdigest())


@contextmanager
def storage_errors(place: str) -> Iterator[None]:
    """Turn errors of a disk or connection into store errors that name the place."""
    try:
        yield
    except OSError as error:
        if error.errno in DISK_FULL:
            raise StorageFull(f"{place} is full: free space, then try again") from error
        reason = (error.strerror or str(error) or type(error).__name__).lower()
        raise StorageError(f"{place} is not available: {reason}") from error


def fetch(store: ArtifactStore, digest: str, path: Path) -> None:
    """Copy a stored file to ``path``, which must not exist, and check its digest on the way.

    Raises:
        NotFound: the file does not exist.
        StorageError: its content does not match its digest, or cannot be written; ``path`` does not exist then.
    """
    hashed = hashlib.sha256()
    with store.open(digest) as source, storage_errors(str(path.parent)), path.open("xb") as target:
        try:
            while chunk := source.read(CHUNK):
                hashed.update(chunk)
                target.write(chunk)
            target.flush()
            if digest_from(hashed.hexdigest()) != digest:
                raise StorageError(f"the stored file {digest} is damaged: upload or compute it again")
        except BaseException:
            path.unlink(missing_ok=True)
            raise
