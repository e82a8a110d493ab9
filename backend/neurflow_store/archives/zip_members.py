"""Members of a zip file: read by the list at its end, which is not believed.

1. The list is read at once, so that it must not be long; members are counted in it before objects are made of them.
2. No two members may share bytes: what one packed byte unpacks to counts once.
3. Sizes in the list are not asked for. Content is checked against its checksum by Python's ``zipfile``.
"""

from __future__ import annotations

import io
import stat
import zipfile
from collections.abc import Iterator
from functools import partial
from typing import BinaryIO, Final

from neurflow_store.archives.limits import CHUNK, Limits, shown
from neurflow_store.archives.members import Member, damage_told
from neurflow_store.errors import BadUpload

_STARTS: Final = (b"PK\x03\x04", b"PK\x05\x06")
_ENTRY: Final = b"PK\x01\x02"
_LONGEST_ENTRY: Final = 2048
"""Names are at most 1,000 letters, and what else stands in an entry is short."""
_HEADER_BYTES: Final = 30
_ENCRYPTED: Final = 0x1 | 0x40 | 0x2000
_UTF8: Final = 0x800
_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def is_zip(stream: BinaryIO) -> bool:
    """Whether a file begins as a zip file does."""
    stream.seek(0)
    start = stream.read(4)
    stream.seek(0)
    return start in _STARTS


def zip_members(stream: BinaryIO, limits: Limits) -> Iterator[Member]:
    """The members of a zip file; all are looked at before the first is given.

    Raises:
        TooLarge: there are more than ``limits`` allow.
        BadUpload: it is damaged, or a member is refused.
    """
    with damage_told("the archive"):
        archive = _opened(stream, limits)
    with archive:
        found = archive.infolist()
        limits.count_member(len(found))
        _check_overlap(found, archive.start_dir)
        named = [(_name(info), info) for info in found]
        for name, info in named:
            _check_kind(name, info)
        for name, info in named:
            yield Member(name, info.is_dir(), partial(_chunks, archive, name, info, limits))


def _opened(stream: BinaryIO, limits: Limits) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(_Guarded(stream, limits))
    except UnicodeDecodeError:
        raise BadUpload("the archive holds names that are no UTF-8, though it says so: pack it anew") from None


class _Guarded(io.BufferedIOBase):
    """The file, with an eye on what ``zipfile`` reads at once: the list of members alone is read so."""

    def __init__(self, stream: BinaryIO, limits: Limits) -> None:
        self._stream = stream
        self._limits = limits

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > self._limits.most_files * _LONGEST_ENTRY + CHUNK:
            self._limits.count_member(self._limits.most_files + 1)
        data = self._stream.read(-1 if size is None else size)
        if len(data) > CHUNK and data.count(_ENTRY) > self._limits.most_files:
            self._limits.count_member(data.count(_ENTRY))
        return data

    def seek(self, offset: int, whence: int = 0, /) -> int:
        if whence == io.SEEK_SET and offset < 0:
            raise ValueError("a place in it is before its start")
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
            raise BadUpload(f"the archive's member {shown(name)} shares bytes with another, as bombs do")


def _name(info: zipfile.ZipInfo) -> str:
    """Many programs write UTF-8 without saying so, and Python then takes it for code page 437."""
    if info.flag_bits & _UTF8:
        return info.orig_filename
    try:
        return info.orig_filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        raise BadUpload(f"the archive's member {shown(info.orig_filename)} has a name that is no UTF-8") from None


def _check_kind(name: str, info: zipfile.ZipInfo) -> None:
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind == stat.S_IFLNK:
        raise BadUpload(f"the archive's member {shown(name)} is a link: pack the file itself")
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise BadUpload(f"the archive's member {shown(name)} is no plain file")
    if info.flag_bits & _ENCRYPTED:
        raise BadUpload(f"the archive's member {shown(name)} is encrypted: pack it without a password")
    if info.compress_type not in _METHODS:
        raise BadUpload(f"the archive's member {shown(name)} is packed by another method than deflate: pack it by that")


def _chunks(archive: zipfile.ZipFile, name: str, info: zipfile.ZipInfo, limits: Limits) -> Iterator[bytes]:
    out = 0
    what = f"the archive's member {shown(name)}"
    with damage_told(what), archive.open(info) as source:
        while chunk := source.read(CHUNK):
            out += len(chunk)
            limits.count_bytes(len(chunk), out, info.compress_size, what)
            yield chunk
