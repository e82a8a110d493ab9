"""Members of a tar file: POSIX (ustar, pax) and GNU's long names, read in order.

Python's ``tarfile`` reads extended headers whole, however long they claim to be, and follows links; data sets need
little of what tar can do. Here

1. a header is 512 bytes with a checksum, and its type determines what follows;
2. ``x`` (pax) and ``L`` (GNU) contain the next member's real name and size, ``g`` and ``K`` nothing that is needed;
3. a file's content follows, padded to 512 bytes; all other types are refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import BinaryIO, Final

from neurflow_store.archives.limits import CHUNK, Count, Limits, shown
from neurflow_store.archives.members import Member
from neurflow_store.archives.paths import Paths
from neurflow_store.archives.unpacked_stream import UnpackedStream
from neurflow_store.errors import BadUpload, WrongType

_BLOCK: Final = 512
_LONGEST_EXTENSION: Final = 1024 * 1024
_LONGEST_NUMBER: Final = 20
_EXTENSIONS: Final = (b"x", b"L", b"g", b"K")
_MOST_EXTENSIONS: Final = 8
_FILES: Final = (b"0", b"\0", b"7")
_FOLDER: Final = b"5"
_REFUSED: Final = {b"1": "a hard link", b"2": "a link", b"S": "a sparse file"}


def tar_members(stream: BinaryIO, limits: Limits) -> Iterator[Member]:
    """Yield the members of a tar file, compressed or not.

    Raises:
        WrongType: it is not a tar file.
        TooLarge: it exceeds ``limits``.
        BadUpload: it is damaged, or a member is refused.
    """
    count, paths = Count(limits), Paths()
    source = UnpackedStream(stream, count)
    extended: dict[str, str] = {}
    extensions = 0
    while (header := _header(source)) is not None:
        kind, size = header[156:157], _number(header[124:136])
        if kind in _EXTENSIONS:
            extensions += 1
            if extensions > _MOST_EXTENSIONS:
                raise BadUpload(
                    "the archive has too many extended headers in a row: pack it without extended attributes"
                )
            extended |= _extended(source, kind, size)
            continue
        extensions = 0
        count.add_members()
        name = extended.get("path") or _name(header)
        if "size" in extended:
            size = _decimal(extended["size"])
        _check_kind(kind, name, extended)
        extended = {}
        if kind == _FOLDER or (kind == b"\0" and name.endswith("/")):
            yield Member(name, paths.add(name, True), True, lambda: iter(()))
            continue
        end = source.position + size
        yield Member(name, paths.add(name, False), False, partial(_chunks, source, end))
        source.skip(end - source.position + _padded(size) - size)


def _header(source: UnpackedStream) -> bytes | None:
    """Return the next header; ``None`` at the end, which is an empty block."""
    first = source.position == 0
    header = source.read(_BLOCK)
    if len(header) == _BLOCK and not any(header):
        return None
    total = sum(header[:148]) + 8 * ord(" ") + sum(header[156:])
    if len(header) < _BLOCK or _octal(header[148:156]) != total:
        if first:
            raise WrongType("the file is neither a zip nor a tar archive: pack the class folders as one of them")
        raise BadUpload("the archive is damaged or truncated: a tar header is missing")
    return header


def _check_kind(kind: bytes, name: str, extended: dict[str, str]) -> None:
    if any(key.startswith("GNU.sparse") for key in extended):
        kind = b"S"
    if kind not in (*_FILES, _FOLDER):
        raise BadUpload(f"the archive's member {shown(name)} is {_REFUSED.get(kind, 'not a regular file')}: remove it")


def _chunks(source: UnpackedStream, end: int) -> Iterator[bytes]:
    while source.position < end:
        chunk = source.read(min(CHUNK, end - source.position))
        if not chunk:
            raise BadUpload("the archive is truncated: upload it again")
        yield chunk


def _extended(source: UnpackedStream, kind: bytes, size: int) -> dict[str, str]:
    """Return the values of an extended header for the next member."""
    if kind in (b"g", b"K"):
        source.skip(_padded(size))
        return {}
    data = _extension(source, size)
    return _pax(data) if kind == b"x" else {"path": _text(data.partition(b"\0")[0])}


def _extension(source: UnpackedStream, size: int) -> bytes:
    if size > _LONGEST_EXTENSION:
        raise BadUpload(f"the archive has an extended header of {size:,} bytes: pack it without extended attributes")
    data = source.read(_padded(size))[:size]
    if len(data) < size:
        raise BadUpload("the archive is truncated: upload it again")
    return data


def _pax(data: bytes) -> dict[str, str]:
    """Return the needed records of a pax header: ``LENGTH KEY=VALUE`` and a line end."""
    extended: dict[str, str] = {}
    at = 0
    while at < len(data):
        length = _decimal(data[at : at + _LONGEST_NUMBER].partition(b" ")[0].decode("latin-1"))
        record = data[at : at + length]
        key, equals, value = record.partition(b" ")[2].partition(b"=")
        if not equals or len(record) != length or not record.endswith(b"\n"):
            raise BadUpload("the archive is damaged: a pax record is malformed")
        if key in (b"path", b"size") or key.startswith(b"GNU.sparse"):
            extended[_text(key)] = _text(value[:-1])
        at += length
    return extended


def _name(header: bytes) -> str:
    name, prefix = (header[part].partition(b"\0")[0] for part in (slice(100), slice(345, 500)))
    # GNU's tar, which has another magic, stores times here.
    posix = header[257:263] == b"ustar\0"
    return _text(prefix + b"/" + name if posix and prefix else name)


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise BadUpload(f"the archive's member {shown(data.decode('latin-1'))} has a name that is not UTF-8") from None


def _number(field: bytes) -> int:
    """Return a number from octal digits, or from GNU's binary form for large numbers."""
    if field[0] == 0x80:
        return int.from_bytes(field[1:], "big")
    number = _octal(field)
    if number is None:
        raise BadUpload(f"the archive is damaged: {field[:12]!r} is not a size")
    return number


def _octal(field: bytes) -> int | None:
    digits = field.partition(b"\0")[0].strip()
    return int(digits or b"0", 8) if not digits.strip(b"01234567") else None


def _decimal(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < _LONGEST_NUMBER):
        raise BadUpload(f"the archive is damaged: {text[:_LONGEST_NUMBER]!r} is not a length")
    return int(text)


def _padded(size: int) -> int:
    return -(-size // _BLOCK) * _BLOCK
