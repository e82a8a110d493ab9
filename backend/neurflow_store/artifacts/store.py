"""What every artifact store does, and what they share."""

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
"""Bytes that are read at once."""

SHARDS: Final = tuple(f"{number:02x}" for number in range(256))
"""First two digits of the digests: stores are listed a part at a time."""

_PREFIX: Final = "sha256:"
_DIGEST: Final = re.compile(_PREFIX + r"([0-9a-f]{64})")


class ArtifactStore(Protocol):
    """Where the bytes of stored files lie.

    All methods raise :class:`neurflow_store.errors.StorageError` where the place cannot be reached, written or read,
    and its subclass ``StorageFull`` where there is no room; nothing half-written is left then.
    """

    def put(self, data: bytes) -> str:
        """Stores bytes; gives their digest, ``sha256:…``. Put again, a file only counts as used now."""
        ...

    def put_file(self, path: Path) -> str:
        """Stores the content of a file; gives its digest. The file stays where it is."""
        ...

    def open(self, digest: str) -> BinaryIO:
        """The file, to be read from its start and closed by the caller. Raises ``NotFound``."""
        ...

    def size(self, digest: str) -> int:
        """Its size in bytes. Raises ``NotFound``."""
        ...

    def delete(self, digest: str, unless_put_since: datetime | None = None) -> bool:
        """Removes the file, if it is there and was not put since then; says whether it did."""
        ...

    def stored(self, shard: str, before: datetime) -> Iterator[str]:
        """The digests of the files that were last put before then. ``shard``: their first two digits."""
        ...

    def tidy(self, before: datetime) -> None:
        """Removes what writers that were killed before then left behind."""
        ...


def hexadecimal(digest: str) -> str:
    """The 64 digits of a digest, fit to be a file's name.

    Raises:
        NotFound: it is none.
    """
    match = _DIGEST.fullmatch(digest)
    if match is None:
        raise NotFound(f"no stored file {digest[:80]!r}: a digest is sha256: and 64 hexadecimal digits")
    return match[1]


def is_digest(text: str) -> bool:
    """Whether a text has the form of a digest."""
    return _DIGEST.fullmatch(text) is not None


def digest_from(digits: str) -> str:
    """The digest of 64 hexadecimal digits."""
    return f"{_PREFIX}{digits}"


def digest_of(data: bytes) -> str:
    """The digest of bytes."""
    return digest_from(hashlib.sha256(data).hexdigest())


@contextmanager
def faults_told(place: str) -> Iterator[None]:
    """Says in the store's own words what went wrong with a disk or a connection."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageFull(f"{place} is full: free space, then try again") from error
        reason = (error.strerror or str(error) or type(error).__name__).lower()
        raise StorageError(f"{place} cannot be used: {reason}") from error


def fetch(store: ArtifactStore, digest: str, path: Path) -> None:
    """Copies a stored file to ``path``, where nothing must be, and checks on the way that it is what it was.

    Raises:
        NotFound: there is no such file.
        StorageError: its content is not what its digest says, or cannot be written; ``path`` is not there then.
    """
    hashed = hashlib.sha256()
    with store.open(digest) as source, faults_told(str(path.parent)), path.open("xb") as target:
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
