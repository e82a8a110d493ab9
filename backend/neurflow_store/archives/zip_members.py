"""Members of a zip file, read by its central directory, which is not trusted.

1. The file begins like a zip file and ends where its last record says: nothing is missing or appended.
2. The directory is read at once, so it must be short: its length and number of members are checked first, members are
   counted before objects are created for them, and their number must match the last record.
3. No two members may share bytes: each packed byte unpacks only once.
4. Every member is checked before the first is returned: path, type, compression method, encryption.
5. Sizes in the directory are ignored: bytes are counted while unpacking. Python's ``zipfile`` checks the content
   against its checksum.
"""

from __future__ import annotations

import io
import stat
import struct
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import BinaryIO, Final

from neurflow_store.archives.limits import CHUNK, Count, Limits, shown
from neurflow_store.archives.members import Member, damage_errors
from neurflow_store.archives.paths import Paths
from neurflow_store.errors import BadUpload

_STARTS: Final = (b"PK\x03\x04", b"PK\x05\x06")
_ENTRY: Final = b"PK\x01\x02"
_LONGEST_ENTRY: Final = 2048
"""Names have at most 1,000 letters, and the other fields of an entry are short."""
_HEADER_BYTES: Final = 30
_END: Final = b"PK\x05\x06"
_END_BYTES: Final = 22
_LARGE_END: Final = b"PK\x06\x07"
_LARGE_END_BYTES: Final = 20
_LONGEST_COMMENT: Final = 65_535
_MANY: Final = 65_536
_ENCRYPTED: Final = 0x1 | 0x40 | 0x2000
_UTF8: Final = 0x800
_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def is_zip(stream: BinaryIO) -> bool:
    """Return whether a file begins like a zip file."""
    stream.seek(0)
    start = stream.read(4)
    stream.seek(0)
    return start in _STARTS


def zip_members(stream: BinaryIO, limits: Limits) -> Iterator[Member]:
    """Yield the members of a zip file one by one, as :func:`opened_zip` does."""
    with opened_zip(stream, limits) as members:
        yield from members


@contextmanager
def opened_zip(stream: BinaryIO, limits: Limits, large: bool = True) -> Iterator[Sequence[Member]]:
    """Open a zip file; its members, in order, can be read in any order while it is open.

    Args:
        stream: the file.
        limits: limits of its contents; bytes that are read more than once count each time.
        large: whether to accept the format for more than 4 GiB (ZIP64).

    Raises:
        TooLarge: it exceeds ``limits``; also while a member is read.
        BadUpload: it is damaged, or a member is refused; also while a member is read.
    """
    count = Count(limits)
    if not is_zip(stream):
        raise BadUpload("the archive is damaged or not a zip file: it does not begin like one")
    announced = _announced_at_end(stream, count, large)
    with damage_errors("the archive"):
        archive = _opened(stream, count)
    with archive:
        found = archive.infolist()
        count.add_members(len(found))
        if announced is not None and announced != len(found) % _MANY:
            raise BadUpload(f"the archive is damaged: it lists {len(found):,} members, but its end says {announced:,}")
        _check_overlap(found, archive.start_dir)
        paths = Paths()
        members: list[Member] = []
        for info in found:
            name = _name(info)
            _check_kind(name, info)
            is_folder = name.endswith("/")
            parts = paths.add(name, is_folder)
            members.append(Member(name, parts, is_folder, partial(_chunks, archive, name, info, count)))
        yield members


def _announced_at_end(stream: BinaryIO, count: Count, large: bool) -> int | None:
    """Return the number of members, modulo 65,536, from the file's last record."""
    size = stream.seek(0, io.SEEK_END)
    stream.seek(max(0, size - _LARGE_END_BYTES - _END_BYTES - _LONGEST_COMMENT))
    tail = stream.read()
    stream.seek(0)
    at = tail.rfind(_END)
    if at < 0 or len(tail) - at < _END_BYTES:
        raise BadUpload("the archive is damaged or not a zip file: it is truncated")
    members, listed, comment = struct.unpack("<HI4xH", tail[at + 10 : at + _END_BYTES])
    if len(tail) != at + _END_BYTES + comment:
        raise BadUpload("the archive is damaged: bytes are missing at its end, or follow it")
    if tail[max(0, at - _LARGE_END_BYTES) : at].startswith(_LARGE_END):
        # The real numbers are elsewhere then.
        if not large:
            raise BadUpload("the archive is in ZIP64 format, for more than 4 GiB: pack it as a regular zip file")
        return None
    if members > count.limits.files or listed > _longest_list(count.limits):
        count.add_members(count.limits.files + 1)
    return int(members)


def _longest_list(limits: Limits) -> int:
    return limits.files * _LONGEST_ENTRY + CHUNK


def _opened(stream: BinaryIO, count: Count) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(_Guarded(stream, count))
    except UnicodeDecodeError:
        raise BadUpload("the archive has names that are marked as UTF-8 but are not: pack it again") from None


class _Guarded(io.BufferedIOBase):
    """The file, with a check on large reads by ``zipfile``: only the central directory is read that way."""

    def __init__(self, stream: BinaryIO, count: Count) -> None:
        self._stream = stream
        self._count = count

    def read(self, size: int | None = -1, /) -> bytes:
        limits = self._count.limits
        if size is not None and size > _longest_list(limits):
            self._count.add_members(limits.files + 1)
        data = self._stream.read(-1 if size is None else size)
        if len(data) > CHUNK and data.count(_ENTRY) > limits.files:
            self._count.add_members(data.count(_ENTRY))
        return data

    def seek(self, offset: int, whence: int = 0, /) -> int:
        if whence == io.SEEK_SET and offset < 0:
            raise ValueError("negative position")
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        return self._stream.tell()

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True


def _check_overlap(found: list[zipfile.ZipInfo], list_start: int) -> None:
    ordered = sorted(found, key=lambda info: info.header_offset)
    end = list_start
    for info in reversed(ordered):
        following, end = end, info.header_offset
        name = info.orig_filename
        if info.header_offset < 0 or info.header_offset + _HEADER_BYTES + len(name) + info.compress_size > following:
            raise BadUpload(f"the archive's member {shown(name)} shares bytes with another one, as in a zip bomb")


def _name(info: zipfile.ZipInfo) -> str:
    """Decode a name: many programs write UTF-8 without marking it, and Python then assumes code page 437."""
    if info.flag_bits & _UTF8:
        return info.orig_filename
    try:
        return info.orig_filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        raise BadUpload(f"the archive's member {shown(info.orig_filename)} has a name that is not UTF-8") from None


def _check_kind(name: str, info: zipfile.ZipInfo) -> None:
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind == stat.S_IFLNK:
        raise BadUpload(f"the archive's member {shown(name)} is a link: pack the file itself")
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise BadUpload(f"the archive's member {shown(name)} is not a regular file: remove it")
    if info.flag_bits & _ENCRYPTED:
        raise BadUpload(f"the archive's member {shown(name)} is encrypted: pack it without a password")
    if info.compress_type not in _METHODS:
        raise BadUpload(f"the archive's member {shown(name)} is not compressed with deflate: pack it with that")


def _chunks(archive: zipfile.ZipFile, name: str, info: zipfile.ZipInfo, count: Count) -> Iterator[bytes]:
    out = 0
    what = f"the archive's member {shown(name)}"
    with damage_errors(what), archive.open(info) as source:
        while chunk := source.read(CHUNK):
            out += len(chunk)
            count.add_bytes(len(chunk), out, info.compress_size, what)
            yield chunk
