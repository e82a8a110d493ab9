"""A zip archive from a stranger, unpacked without trust in who made it.

1. The number of members is read before the list of them is: a list too can be a bomb.
2. Every member is looked at before the first is unpacked: its kind, its name, its method. Links, devices, encrypted
   members, paths that lead outside, and names that are not expected are refused. What macOS adds is passed by.
3. Sizes are counted as bytes come out, whatever the archive says of itself.
4. What is refused leaves nothing behind.
"""

from __future__ import annotations

import hashlib
import io
import shutil
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Final

from neurflow_store.errors import BadUpload

_CHUNK: Final = 1024 * 1024
_END: Final = b"PK\x05\x06"
_END_BYTES: Final = 22
_LARGE_END: Final = b"PK\x06\x07"
_LARGE_END_BYTES: Final = 20
_LONGEST_COMMENT: Final = 65_535
_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# Small files of one colour shrink a thousandfold, and harm nobody.
_RATIO_FROM: Final = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """What an archive may hold: members, bytes of all unpacked together, and how many times one may grow."""

    files: int
    bytes: int
    ratio: float


class SafeArchive:
    """An archive all of whose members may be unpacked, by their names below its top folder."""

    def __init__(self, archive: zipfile.ZipFile, members: dict[str, tuple[zipfile.ZipInfo, int]], limits: Limits):
        self._archive, self._members, self._limits = archive, members, limits

    def read(self, name: str) -> bytes | None:
        """One member's bytes, ``None`` where there is no such member."""
        if name not in self._members:
            return None
        out = io.BytesIO()
        self._read(name, out.write, self._limits.bytes)
        return out.getvalue()

    def digest(self, name: str) -> str:
        """The digest of a member's bytes, of which a piece is held at a time; of no bytes if it is none."""
        digest = hashlib.sha256()
        if name in self._members:
            self._read(name, digest.update, self._limits.bytes)
        return f"sha256:{digest.hexdigest()}"

    def unpack(self, folder: Path) -> None:
        """Unpacks all into the new folder ``folder``, which is not there if that fails."""
        folder.mkdir(parents=True)
        try:
            left = self._limits.bytes
            for name in self._members:
                path = folder / name
                path.parent.mkdir(exist_ok=True)
                with path.open("xb") as out:
                    left -= self._read(name, out.write, left)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise

    def _read(self, name: str, take: Callable[[bytes], object], left: int) -> int:
        member, most = self._members[name]
        shown, limits, written = _shown(member.filename), self._limits, 0
        with self._archive.open(member) as source:
            while chunk := source.read(_CHUNK):
                written += len(chunk)
                if written > most:
                    raise BadUpload(f"the archive's member {shown} is larger than {most:,} bytes")
                if written > left:
                    raise BadUpload(f"the archive unpacks to more than {limits.bytes:,} bytes")
                if written > _RATIO_FROM and written > limits.ratio * max(member.compress_size, 1):
                    raise BadUpload(f"the archive's member {shown} grows more than {limits.ratio:g}-fold when unpacked")
                take(chunk)
        return written


@contextmanager
def opened(path: Path, largest: Callable[[str], int | None], mark: str, limits: Limits) -> Iterator[SafeArchive]:
    """An archive, once all its members have been looked at.

    Args:
        path: the archive.
        largest: most bytes of the member with a given name, or ``None`` where there may be no such member.
        mark: the name of a member that must be there. It may lie in one folder at the top, with all the others.
        limits: of the archive as a whole.

    Raises:
        BadUpload: names the member and the reason; also while it is read.
    """
    with _readable(), path.open("rb") as stream:
        _check_count(stream, limits)
        with zipfile.ZipFile(stream) as archive:
            members = _members(archive, mark)
            sizes = {name: (member, _checked(member, name, largest)) for name, member in members.items()}
            yield SafeArchive(archive, sizes, limits)


# ValueError is that of names that are no UTF-8, OverflowError that of sizes that no file can have.
_DAMAGED: Final = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    ValueError,
    OverflowError,
)


@contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except _DAMAGED as error:
        reason = str(error) or "cut short"
        raise BadUpload(f"the archive is damaged or no zip file: {reason[:200]}") from None


def _check_count(stream: BinaryIO, limits: Limits) -> None:
    """Reads the number of members from the archive's end, where it stands beside the size of the list of them."""
    size = stream.seek(0, 2)
    start = max(0, size - _LARGE_END_BYTES - _END_BYTES - _LONGEST_COMMENT)
    stream.seek(start)
    tail = stream.read()
    at = tail.rfind(_END)
    if at < 0 or len(tail) - at < _END_BYTES:
        raise BadUpload("the archive is damaged or no zip file: it has no end")
    # There the true numbers would stand elsewhere.
    if tail[max(0, at - _LARGE_END_BYTES) : at].startswith(_LARGE_END):
        raise BadUpload("the archive is of the ZIP64 form, meant for more than 4 GiB: pack it as a plain zip file")
    count, listed = struct.unpack("<HI", tail[at + 10 : at + 16])
    if count > limits.files or listed > limits.files * 1024:
        raise BadUpload(f"the archive holds too many files: {limits.files:,} are the most")
    stream.seek(0)


def _members(archive: zipfile.ZipFile, mark: str) -> dict[str, zipfile.ZipInfo]:
    """The members to unpack by their names below the archive's top folder, if it has one."""
    members: dict[str, zipfile.ZipInfo] = {}
    for member in archive.infolist():
        name = member.orig_filename
        if "\\" in name or "\0" in name or name.startswith("/") or ".." in PurePosixPath(name).parts:
            raise BadUpload(f"the archive's member {_shown(name)} leads outside of it")
        if _is_noise(name):
            continue
        _check_kind(member, name)
        if member.is_dir():
            continue
        if name in members:
            raise BadUpload(f"the archive holds {_shown(name)} twice")
        members[name] = member
    tops = {name.partition("/")[0] for name in members}
    if mark not in members and len(tops) == 1 and f"{(top := next(iter(tops)))}/{mark}" in members:
        members = {name.removeprefix(f"{top}/"): member for name, member in members.items()}
    if mark not in members:
        raise BadUpload(f"the archive holds no {mark}, neither at its top nor in one folder there")
    return members


def _is_noise(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return "__MACOSX" in parts[:1] or parts[-1:] == (".DS_Store",)


def _check_kind(member: zipfile.ZipInfo, name: str) -> None:
    mode = member.external_attr >> 16
    if stat.S_ISLNK(mode):
        raise BadUpload(f"the archive's member {_shown(name)} is a link")
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise BadUpload(f"the archive's member {_shown(name)} is no plain file")
    if member.flag_bits & 0x1:
        raise BadUpload(f"the archive's member {_shown(name)} is encrypted: pack it without a password")
    if member.compress_type not in _METHODS:
        raise BadUpload(f"the archive's member {_shown(name)} is packed by another method than deflate")


def _checked(member: zipfile.ZipInfo, name: str, largest: Callable[[str], int | None]) -> int:
    most = largest(name)
    if most is None:
        raise BadUpload(f"the archive's member {_shown(member.filename)} has no place in a circuit")
    if member.file_size > most:
        raise BadUpload(f"the archive's member {_shown(member.filename)} is larger than {most:,} bytes")
    return most


def _shown(name: str) -> str:
    text = repr(name)
    return text if len(text) <= 120 else f"{text[:100]}…"
