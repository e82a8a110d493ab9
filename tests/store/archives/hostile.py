"""Archives as an attacker would make them, byte by byte where libraries refuse to."""

from __future__ import annotations

import io
import stat
import struct
import tarfile
import warnings
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path

PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)
JPEG = b"\xff\xd8\xff\xe0" + bytes(100)


def make_zip(
    path: Path, files: Mapping[str, bytes] | Iterable[tuple[str, bytes]], method: int = zipfile.ZIP_DEFLATED
) -> Path:
    """Make a zip file of these members in this order; names may repeat."""
    with zipfile.ZipFile(path, "w", method) as archive, warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Duplicate name")
        for name, data in files.items() if isinstance(files, Mapping) else files:
            archive.writestr(_info(name, method), data)
    return path


def _info(name: str, method: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo("x")
    # The constructor would change the name.
    info.filename = info.orig_filename = name
    info.compress_type = method
    return info


def make_tar(path: Path, files: Mapping[str, bytes], packing: str = "", form: int = tarfile.PAX_FORMAT) -> Path:
    """Make a tar file of these members, compressed by ``gz``, ``bz2`` or ``xz``."""
    with tarfile.open(path, f"w:{packing}", format=form) as archive:  # type: ignore[call-overload]
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return path


def tar_member(name: str, kind: bytes = b"0", data: bytes = b"", size: int | None = None, link: str = "") -> bytes:
    """Make a header with a valid checksum, whatever its fields, and the padded content."""
    header = bytearray(512)
    header[0:100] = name.encode().ljust(100, b"\0")[:100]
    header[100:108] = b"0000644\0"
    header[124:136] = f"{len(data) if size is None else size:011o}\0".encode()
    header[136:148] = b"00000000000\0"
    header[156:157] = kind
    header[157:257] = link.encode().ljust(100, b"\0")
    header[257:265] = b"ustar\x0000"
    header[148:156] = b" " * 8
    header[148:156] = f"{sum(header):06o}\0 ".encode()
    return bytes(header) + data + bytes(-len(data) % 512)


def pax(**said: str) -> bytes:
    """Make a pax header that describes the next member."""
    records = b""
    for key, value in said.items():
        body = f" {key}={value}\n".encode()
        length = len(body) + 1
        while length != len(body) + len(str(length)):
            length = len(body) + len(str(length))
        records += str(length).encode() + body
    return tar_member("pax", b"x", records)


def symlink_zip(path: Path, name: str, target: str) -> Path:
    """Make a zip file with a symbolic link, and a file whose path goes through it."""
    with zipfile.ZipFile(path, "w") as archive:
        info = zipfile.ZipInfo(name)
        info.create_system = 3
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, target)
        archive.writestr(f"{name}/1.png", PNG)
    return path


def overlapping_zip(path: Path, members: int, kernel: int) -> Path:
    """Make a zip bomb: one packed file of ``kernel`` zeros that every member claims as its own."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    plain = PNG + bytes(kernel)
    data = packer.compress(plain) + packer.flush()
    check = zlib.crc32(plain)
    fields = struct.pack("<HHHHHIII", 20, 0, 8, 0, 33, check, len(data), len(plain))
    name = b"c/0.png"
    local = b"PK\x03\x04" + fields + struct.pack("<HH", len(name), 0) + name + data
    entries = b""
    for number in range(members):
        entry = f"c/{number}.png".encode()
        entries += b"PK\x01\x02" + struct.pack("<H", 20) + fields
        entries += struct.pack("<HHHHHII", len(entry), 0, 0, 0, 0, 0, 0) + entry
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, members, members, len(entries), len(local), 0)
    path.write_bytes(local + entries + end)
    return path


def with_claimed_size(path: Path, size: int) -> Path:
    """Change the size that the first member of a zip file claims, in its own header and in the directory."""
    data = bytearray(path.read_bytes())
    local, listed = data.index(b"PK\x03\x04"), data.index(b"PK\x01\x02")
    data[local + 22 : local + 26] = struct.pack("<I", size)
    data[listed + 24 : listed + 28] = struct.pack("<I", size)
    path.write_bytes(data)
    return path


def with_flag(path: Path, flag: int) -> Path:
    """Set a flag of the first member of a zip file."""
    data = bytearray(path.read_bytes())
    for at in (data.index(b"PK\x03\x04") + 6, data.index(b"PK\x01\x02") + 8):
        data[at : at + 2] = struct.pack("<H", struct.unpack("<H", data[at : at + 2])[0] | flag)
    path.write_bytes(data)
    return path


def nameless_zip(path: Path) -> Path:
    """Make a zip file with one member whose name is empty."""
    fields = struct.pack("<HHHHHIIIH", 20, 0, 0, 0, 33, zlib.crc32(PNG), len(PNG), len(PNG), 0)
    local = b"PK\x03\x04" + fields + struct.pack("<H", 0) + PNG
    entry = b"PK\x01\x02" + struct.pack("<H", 20) + fields + struct.pack("<HHHHII", 0, 0, 0, 0, 0, 0)
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(entry), len(local), 0)
    path.write_bytes(local + entry + end)
    return path
