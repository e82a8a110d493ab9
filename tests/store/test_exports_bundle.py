"""Bundles: written the same each time, read back completely, and refused with the reason if they are invalid."""

from __future__ import annotations

import hashlib
import io
import json
import stat
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from neurflow.result.circuit_json import encode
from neurflow_store.archives.limits import Limits
from neurflow_store.errors import BadUpload, TooLarge
from neurflow_store.exports import bundle
from tests.engine.circuits import CIRCUIT
from tests.store.archives.hostile import overlapping_zip

CIRCUIT_JSON = encode(CIRCUIT)
PICTURES: dict[str, bundle.Source] = {
    "patches/000002.webp": b"RIFF two",
    "patches/000000.webp": lambda: io.BytesIO(b"RIFF zero"),
}
IMAGES: dict[int, bundle.Source] = {1: b"RIFF image one", 0: b"RIFF image zero"}

Pack = Callable[..., Path]


@pytest.fixture
def pack(tmp_path: Path) -> Pack:
    """Pack members by name: those of a valid bundle, with ``members`` in their place or added."""

    def packed(members: dict[str | zipfile.ZipInfo, bytes] | None = None, sound: bool = True) -> Path:
        path = tmp_path / "upload.zip"
        files: dict[str | zipfile.ZipInfo, bytes] = {}
        if sound:
            files = {"circuit.json": CIRCUIT_JSON, "patches/000000.webp": b"RIFF"}
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in (files | (members or {})).items():
                archive.writestr(name, data)
        return path

    return packed


def sound_files() -> list[tuple[str, bundle.Source]]:
    return list(bundle.bundle_files(CIRCUIT_JSON, PICTURES, IMAGES, "cat-7k2m9", "Cäts"))


def test_a_bundle_is_read_back_as_written(tmp_path: Path) -> None:
    path = tmp_path / "cat.zip"
    with path.open("wb") as file:
        bundle.write_zip(file, sound_files())
    info = bundle.read_bundle(path, tmp_path / "out")
    assert (info.id, info.name) == ("cat-7k2m9", "Cäts")
    assert (info.folder / "circuit.json").read_bytes() == CIRCUIT_JSON
    assert (info.folder / "patches/000000.webp").read_bytes() == b"RIFF zero"
    assert {position: file.read_bytes() for position, file in info.images.items()} == {
        0: b"RIFF image zero",
        1: b"RIFF image one",
    }


def test_a_label_is_read_without_unpacking(tmp_path: Path, pack: Pack) -> None:
    path = tmp_path / "cat.zip"
    with path.open("wb") as file:
        bundle.write_zip(file, sound_files())
    digest = f"sha256:{hashlib.sha256(CIRCUIT_JSON).hexdigest()}"
    assert bundle.read_label(path) == bundle.BundleLabel("cat-7k2m9", "Cäts", digest)
    assert bundle.read_label(pack()) == bundle.BundleLabel(None, None, digest)
    with pytest.raises(BadUpload, match="leads outside"):
        bundle.read_label(pack({"../x": b""}))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cat.zip", "upload.zip"]


def test_the_same_circuit_gives_the_same_bytes() -> None:
    first, second = io.BytesIO(), io.BytesIO()
    bundle.write_zip(first, sound_files())
    bundle.write_zip(second, sound_files())
    assert first.getvalue() == second.getvalue()
    with zipfile.ZipFile(first) as archive:
        assert archive.testzip() is None
        names = [member.filename for member in archive.infolist()]
        assert names[:2] == ["circuit.json", "explorer.json"]
        assert {member.date_time for member in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {member.external_attr >> 16 for member in archive.infolist()} == {0o100644}


@pytest.mark.parametrize("top", ["", "my circuit/"])
def test_a_zipped_trace_folder_is_read_at_any_depth(tmp_path: Path, pack: Pack, top: str) -> None:
    members = {f"{top}circuit.json": CIRCUIT_JSON, f"{top}patches/": b"", f"{top}patches/000000.webp": b"RIFF"}
    noise = {"__MACOSX/._x": b"", f"__MACOSX/{top}._circuit.json": b"", f"{top}.DS_Store": b""}
    info = bundle.read_bundle(pack(members | noise, sound=False), tmp_path / "out")
    assert (info.id, info.name, info.images) == (None, None, {})
    assert sorted(path.name for path in info.folder.rglob("*")) == ["000000.webp", "circuit.json", "patches"]


def link(name: str) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name)
    member.create_system, member.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    return member


def device(name: str) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name)
    member.create_system, member.external_attr = 3, (stat.S_IFCHR | 0o600) << 16
    return member


def lzma(name: str) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name)
    member.compress_type = zipfile.ZIP_LZMA
    return member


@pytest.mark.parametrize(
    ("member", "reason"),
    [
        ("../evil.webp", "'../evil.webp' leads outside"),
        ("patches/../../evil.webp", "leads outside"),
        ("/etc/passwd", "'/etc/passwd' has an absolute path"),
        ("patches\\evil.webp", "has a backslash in its name"),
        ("patches/a/b.webp", "does not belong to a circuit"),
        ("C:/evil.webp", "'C:/evil.webp' has an absolute path"),
        ("patches/Ünsafe.webp", "does not belong to a circuit"),
        ("patches/inner.zip", "'patches/inner.zip' does not belong to a circuit"),
        ("images/1.webp", "does not belong to a circuit"),
        ("run.sh", "'run.sh' does not belong to a circuit"),
        (link("patches/000001.webp"), "'patches/000001.webp' is a link"),
        (link("patches"), "'patches' is a link"),
        (device("patches/000001.webp"), "not a regular file"),
        (lzma("patches/000001.webp"), "not compressed with deflate"),
    ],
    ids=str,
)
def test_a_hostile_member_is_refused_by_name(
    tmp_path: Path, pack: Pack, member: str | zipfile.ZipInfo, reason: str
) -> None:
    archive = pack({member: b"x"})
    with pytest.raises(BadUpload, match=reason.replace("\\", "\\\\")):
        bundle.read_bundle(archive, tmp_path / "out")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["upload.zip"]


def test_a_name_with_a_nul_character_is_refused(tmp_path: Path, pack: Pack) -> None:
    archive = pack({"patches/evilX.webp": b"x"})
    archive.write_bytes(archive.read_bytes().replace(b"evilX", b"evil\0"))
    with pytest.raises(BadUpload, match="has a control character in its name"):
        bundle.read_bundle(archive, tmp_path / "out")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_repeated_member_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "upload.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("circuit.json", b"{}")
        archive.writestr("circuit.json", b"[]")
    with pytest.raises(BadUpload, match="'circuit.json' exists twice"):
        bundle.read_bundle(path, tmp_path / "out")


def test_an_encrypted_member_is_refused(tmp_path: Path, pack: Pack) -> None:
    archive = pack()
    data = bytearray(archive.read_bytes())
    data[data.find(b"PK\x01\x02") + 8] |= 1
    archive.write_bytes(data)
    with pytest.raises(BadUpload, match="'circuit.json' is encrypted"):
        bundle.read_bundle(archive, tmp_path / "out")


@pytest.mark.parametrize(
    ("limits", "kind", "reason"),
    [
        (Limits(files=1, bytes=10**9, ratio=1000), TooLarge, "contains more than 1 files"),
        (Limits(files=9, bytes=3 * 10**6, ratio=10**6), TooLarge, "unpacks to more than 3,000,000 bytes"),
        (Limits(files=9, bytes=10**9, ratio=200), BadUpload, "'patches/bomb.webp' grows more than 200 times"),
    ],
)
def test_zip_bombs_are_refused_while_unpacking(
    tmp_path: Path, pack: Pack, limits: Limits, kind: type[BadUpload], reason: str
) -> None:
    archive = pack({"patches/bomb.webp": bytes(5 * 10**6)})
    with pytest.raises(kind, match=reason):
        bundle.read_bundle(archive, tmp_path / "out", limits)
    assert not (tmp_path / "out").exists()


def test_an_understated_size_does_not_evade_the_limit(tmp_path: Path, pack: Pack) -> None:
    archive = pack({"explorer.json": bytes(10**6)})
    data = archive.read_bytes()
    archive.write_bytes(data.replace(struct.pack("<I", 10**6), struct.pack("<I", 10)))
    with pytest.raises(BadUpload, match="damaged|larger than"):
        bundle.read_bundle(archive, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_huge_zip_directory_is_not_read(tmp_path: Path, pack: Pack) -> None:
    archive = pack()
    data = archive.read_bytes()
    end = data.rfind(b"PK\x05\x06")
    huge = struct.pack("<HHII", 2, 2, 2**31, 0)
    archive.write_bytes(data[: end + 8] + huge + data[end + 20 :])
    with pytest.raises(TooLarge, match="more than 60,000 files: pack only what an export or `neurflow trace` wrote"):
        bundle.read_bundle(archive, tmp_path / "out")
    locator = b"PK\x06\x07" + bytes(16)
    archive.write_bytes(data[:end] + locator + data[end:])
    with pytest.raises(BadUpload, match="ZIP64"):
        bundle.read_bundle(archive, tmp_path / "out")


@pytest.mark.parametrize("data", [b"", b"hello", b"PK\x05\x06", b"\x1f\x8b\x08" + bytes(100)], ids=repr)
def test_a_file_that_is_not_a_zip_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "upload.zip").write_bytes(data)
    with pytest.raises(BadUpload, match="damaged or not a zip"):
        bundle.read_bundle(tmp_path / "upload.zip", tmp_path / "out")


def test_damage_anywhere_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "upload.zip"
    with path.open("wb") as file:
        bundle.write_zip(file, sound_files())
    data = path.read_bytes()
    for at in range(0, len(data), 97):
        path.write_bytes(data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :])
        try:
            info = bundle.read_bundle(path, tmp_path / "out")
        except BadUpload:
            assert not (tmp_path / "out").exists()
        else:  # parts that no reader checks, such as a time
            assert (info.folder / "circuit.json").read_bytes() == CIRCUIT_JSON
            info.folder.rename(tmp_path / f"out{at}")
    for size in range(0, len(data), 211):
        path.write_bytes(data[:size])
        with pytest.raises(BadUpload):
            bundle.read_bundle(path, tmp_path / "out")
        assert not (tmp_path / "out").exists()


def test_an_archive_without_a_circuit_is_refused(tmp_path: Path, pack: Pack) -> None:
    for members in ({"patches/000000.webp": b"RIFF"}, {"a/b/circuit.json": b"{}"}, {"a/circuit.json": b"{}", "b": b""}):
        with pytest.raises(BadUpload, match="has no circuit.json"):
            bundle.read_bundle(pack(dict(members), sound=False), tmp_path / "out")


def facts(**values: object) -> bytes:
    return json.dumps({"format": "neurflow-bundle", "version": 1, "id": "cat-7k2m9", "name": "Cats"} | values).encode()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"{", "is not valid JSON"),
        (b"[" * 60_000, "is not valid JSON"),
        (b"\xff", "is not valid JSON"),
        (b"[]", "does not contain"),
        (facts(format="other"), "does not contain"),
        (facts(version="1"), "version '1' is not a positive integer"),
        (facts(version=2), "version 2 is newer than 1: update neurflow-explorer"),
        (facts(id="../cat"), "id '../cat' is invalid: use lower-case letters"),
        (facts(id="cat\n"), "is invalid: use lower-case letters"),
        (facts(id=7), "id 7 is invalid"),
        (facts(id="a" * 65), "is invalid: use lower-case letters"),
        (facts(name=""), "name '' is invalid: use 1 to 200 characters"),
        (facts(name="x" * 201), "is invalid: use 1 to 200 characters"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_an_invalid_explorer_file_is_refused(tmp_path: Path, pack: Pack, data: bytes, reason: str) -> None:
    with pytest.raises(BadUpload, match=reason):
        bundle.read_bundle(pack({"explorer.json": data}), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_name_that_is_not_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "odd.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("\u00e9.json", b"{}")
    path.write_bytes(path.read_bytes().replace("\u00e9".encode(), b"\xff\xff"))
    with pytest.raises(BadUpload, match="marked as UTF-8 but are not"):
        bundle.read_label(path)


def test_overlapping_members_are_refused(tmp_path: Path) -> None:
    path = overlapping_zip(tmp_path / "bomb.zip", 9, 1000)
    with pytest.raises(BadUpload, match="shares bytes with another one"):
        bundle.read_label(path)
