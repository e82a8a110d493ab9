"""Archive members with paths outside the folder, with repeated names, or that are not plain files."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from neurflow_store.archives import unpack
from neurflow_store.archives.paths import safe_parts
from neurflow_store.errors import BadUpload
from neurflow_store.installation.settings import Settings
from tests.store.archives.checking import PACKERS, Pack, files, refused
from tests.store.archives.hostile import (
    PNG,
    make_zip,
    nameless_zip,
    pax,
    symlink_zip,
    tar_member,
)

OUTSIDE = {
    "/etc/passwd.png": "absolute path",
    "C:/cat/1.png": "absolute path",
    "c:cat.png": "absolute path",
    "../cat/1.png": "leads outside the archive with ..",
    "cat/../../1.png": "leads outside the archive with ..",
    "cat/..": "leads outside the archive with ..",
    "cat\\1.png": "backslash",
    "..\\..\\1.png": "backslash",
    "\\\\host\\share\\1.png": "backslash",
    "cat/a\nb.png": "control character",
    "cat/\x1b[2J.png": "control character",
    "cat/\x85.png": "control character",
    "cat/" + "x" * 300 + ".png": "too long a name",
    "cat/" + "ä" * 128 + ".png": "too long a name",
    "x/" * 510 + "1.png": "too long a name",
    "x/" * 40 + "1.png": "40|41 folders deep",
}


@pytest.mark.parametrize("pack", [PACKERS["zip"], PACKERS["tar"]], ids=["zip", "tar"])
@pytest.mark.parametrize(("name", "says"), OUTSIDE.items(), ids=[name[:20] for name in OUTSIDE])
def test_paths_outside_the_folder_are_refused(upload: Path, limits: Settings, pack: Pack, name: str, says: str) -> None:
    pack(upload, {"cat/0.png": PNG, name: PNG})
    refused(upload, limits, says)


@given(
    st.text(max_size=30) | st.lists(st.sampled_from(["..", ".", "", "a", "C:", "\\", "~", "a.png", " "])).map("/".join)
)
@hypothesis_settings(max_examples=300, deadline=None)
def test_no_member_is_written_outside_the_folder(name: str) -> None:
    try:
        parts = safe_parts(name)
    except BadUpload:
        return
    root = Path("/srv/data")
    path = Path(os.path.normpath(root.joinpath(*parts)))
    assert path == root.joinpath(*parts)
    assert path.is_relative_to(root)


def test_a_member_without_a_name_is_refused(upload: Path, limits: Settings) -> None:
    refused(nameless_zip(upload), limits, "'' has no name")


def test_a_name_with_a_nul_character_is_refused(upload: Path, limits: Settings) -> None:
    make_zip(upload, {"cat/1.png": PNG, "cat/2.png0.exe": PNG})
    upload.write_bytes(upload.read_bytes().replace(b"cat/2.png0.exe", b"cat/2.png\0.exe"))
    refused(upload, limits, "control character")


@pytest.mark.parametrize(
    "twice",
    [
        ["cat/1.png", "cat/1.png"],
        ["cat/1.png", "cat/1.PNG"],
        ["cat/1.png", "./cat//1.png"],
        ["Cat/1.png", "cat/2.png"],
        ["cat/ä.png", "cat/a\u0308.png"],
        ["cat/straße.png", "cat/STRASSE.png"],
        ["cat.png", "cat.png/1.png"],
        ["cat.png/1.png", "cat.png"],
        ["cat/.x", "cat/.X"],
    ],
    ids=str,
)
def test_a_repeated_name_is_refused(upload: Path, limits: Settings, twice: list[str]) -> None:
    make_zip(upload, [("dog/1.png", PNG), *((name, PNG) for name in twice)])
    refused(upload, limits, "twice|from another only in case|both a file and a folder|is also a file")
    upload.write_bytes(b"".join(tar_member(name, data=PNG) for name in twice) + bytes(1024))
    refused(upload, limits, "twice|from another only in case|both a file and a folder|is also a file")


def test_links_are_refused_and_not_followed(upload: Path, tmp_path: Path, limits: Settings) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    symlink_zip(upload, "cat", str(outside))
    refused(upload, limits, "'cat' is a link")
    for kind, says in ((b"2", "'cat' is a link"), (b"1", "'cat' is a hard link")):
        upload.write_bytes(tar_member("cat", kind, link=str(outside)) + tar_member("cat/1.png", data=PNG) + bytes(1024))
        refused(upload, limits, says)
    upload.write_bytes(tar_member("cat/1.png", b"1", link="/etc/shadow") + bytes(1024))
    refused(upload, limits, "'cat/1.png' is a hard link")
    assert list(outside.iterdir()) == []


@pytest.mark.parametrize("kind", [b"3", b"4", b"6", b"S", b"D", b"M", b"V", b"N", b"A", b"9", b"\xff"])
def test_all_other_kinds_of_tar_members_are_refused(upload: Path, limits: Settings, kind: bytes) -> None:
    upload.write_bytes(tar_member("cat/1.png", kind, data=PNG) + bytes(1024))
    refused(upload, limits, "is not a regular file|is a sparse file")


@pytest.mark.parametrize("mode", [0o020644, 0o060644, 0o010644, 0o140644])
def test_devices_in_zip_files_are_refused(upload: Path, limits: Settings, mode: int) -> None:
    with zipfile.ZipFile(upload, "w") as archive:
        info = zipfile.ZipInfo("cat/1.png")
        info.external_attr = mode << 16
        archive.writestr(info, PNG)
    refused(upload, limits, "'cat/1.png' is not a regular file")


def test_names_in_pax_headers_are_checked_too(upload: Path, limits: Settings) -> None:
    upload.write_bytes(pax(path="../../1.png") + tar_member("cat/1.png", data=PNG) + bytes(1024))
    refused(upload, limits, "leads outside")


@pytest.mark.parametrize("kind", [b"0", b"L"])
def test_names_that_are_not_utf8_are_refused(upload: Path, limits: Settings, kind: bytes) -> None:
    bad = b"cat/\xe4.png"
    if kind == b"L":
        upload.write_bytes(tar_member("x", b"L", bad + b"\0") + tar_member("cat/1.png", data=PNG) + bytes(1024))
    else:
        header = bytearray(tar_member("cat/a.png", data=PNG))
        header[4:5] = b"\xe4"
        header[148:156] = b" " * 8
        header[148:156] = f"{sum(header[:512]):06o}\0 ".encode()
        upload.write_bytes(bytes(header) + bytes(1024))
    refused(upload, limits, "has a name that is not UTF-8")


def test_zip_names_that_are_not_utf8_are_refused(upload: Path, limits: Settings) -> None:
    make_zip(upload, {"cat/1.png": PNG, "cat/axe.png": PNG})
    whole = upload.read_bytes()
    upload.write_bytes(whole.replace(b"cat/axe.png", b"cat/a\xe4e.png"))
    refused(upload, limits, "has a name that is not UTF-8")
    make_zip(upload, {"cat/1.png": PNG, "cat/ä.png": PNG})
    upload.write_bytes(upload.read_bytes().replace("cat/ä.png".encode(), b"cat/\xe4\xe4.png"))
    refused(upload, limits, "names that are marked as UTF-8 but are not")


def test_utf8_zip_names_without_the_utf8_flag_are_read(upload: Path, tmp_path: Path, limits: Settings) -> None:
    make_zip(upload, {"cat/xx.png": PNG})
    upload.write_bytes(upload.read_bytes().replace(b"cat/xx.png", "cat/ä.png".encode()))
    unpack(upload, tmp_path / "data", limits)
    assert files(tmp_path / "data") == {"cat/ä.png"}
