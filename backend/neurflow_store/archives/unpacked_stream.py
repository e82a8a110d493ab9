"""The bytes of a tar file, decompressed and counted while they are read, forward only."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
from typing import IO, BinaryIO, Final, cast

from neurflow_store.archives.limits import CHUNK, Count
from neurflow_store.archives.members import damage_errors
from neurflow_store.errors import BadUpload

_MOST_MEMORY: Final = 256 * 1024 * 1024
"""An xz file can require 4 GiB to decompress; files of ``xz -9`` need 65 MiB."""


class UnpackedStream:
    """The content of a file that may be compressed with gzip, bzip2 or xz.

    Attributes:
        position: number of bytes read so far.
    """

    def __init__(self, stream: BinaryIO, count: Count) -> None:
        stream.seek(0)
        start = stream.read(6)
        stream.seek(0)
        self._packed = stream
        self._count = count
        self._source = _source(stream, start)
        self.position = 0

    def read(self, size: int) -> bytes:
        """Return the next ``size`` bytes; fewer only at the end."""
        parts: list[bytes] = []
        while size > 0 and (part := self._read(min(size, CHUNK))):
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def skip(self, size: int) -> None:
        """Skip the next ``size`` bytes.

        Raises:
            BadUpload: there are fewer.
        """
        while size > 0:
            part = self._read(min(size, CHUNK))
            if not part:
                raise BadUpload("the archive is truncated: upload it again")
            size -= len(part)

    def _read(self, size: int) -> bytes:
        with damage_errors("the archive"):
            part = self._source.read(size)
        self.position += len(part)
        self._count.add_bytes(len(part), self.position, self._packed.tell(), "the archive")
        return part


class _Xz(io.RawIOBase):
    """The content of an xz file. Python's own reader does not limit the memory that a file can require."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._unpacker = self._new()

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        while True:
            if self._unpacker.eof:
                rest = (self._unpacker.unused_data or self._stream.read(CHUNK)).lstrip(b"\0")
                if not rest:
                    return b""
                self._unpacker = self._new()
            else:
                rest = self._stream.read(CHUNK) if self._unpacker.needs_input else b""
                if not rest and self._unpacker.needs_input:
                    raise EOFError("it ends too early")
            if part := self._unpacker.decompress(rest, size):
                return part

    @staticmethod
    def _new() -> lzma.LZMADecompressor:
        return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_MOST_MEMORY)


def _source(stream: BinaryIO, start: bytes) -> IO[bytes]:
    if start.startswith(b"\x1f\x8b"):
        return cast("IO[bytes]", gzip.GzipFile(fileobj=stream))
    if start.startswith(b"BZh"):
        return bz2.BZ2File(stream)
    if start == b"\xfd7zXZ\0":
        return cast("IO[bytes]", _Xz(stream))
    return stream
