"""Files that are not archives, archives that are cut short or damaged, and packing methods that are not supported."""

from __future__ import annotations

import gzip
import lzma
import os
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from neurflow_store.archives import check_archive
from neurflow_store.errors import BadUpload, WrongType
from neurflow_store.installation.settings import Settings
from tests.store.archives.checking import CLASSES, Pack, packed, refused, refused_somehow
from tests.store.archives.hostile import (
    PNG,
    make_zip,
    pax,
    tar_member,
    with_flag,
)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK",
        b"hello",
        PNG,
        bytes(2000),
        b"\x1f\x8b" + bytes(50),
        b"BZh9" + bytes(50),
        b"\xfd7zXZ\0" + bytes(50),
        b"PK\x03\x04" + bytes(50),
        b"PK\x05\x06" + bytes(10),
        gzip.compress(b"hello"),
        lzma.compress(b"hello"),
    ],
    ids=range(12),
)
def test_a_file_that_is_not_an_archive_is_refused(upload: Path, limits: Settings, content: bytes) -> None:
    upload.write_bytes(content)
    with pytest.raises(BadUpload, match="neither a zip nor a tar|damaged|contains no images"):
        check_archive(upload, limits)


def test_a_file_that_is_not_an_archive_is_of_the_wrong_type(upload: Path, limits: Settings) -> None:
    upload.write_bytes(PNG * 10)
    refused(upload, limits, "neither a zip nor a tar archive: pack the class folders", WrongType)


@packed
def test_an_archive_that_is_cut_short_is_refused(upload: Path, limits: Settings, pack: Pack) -> None:
    noise = os.urandom(5_000)
    pack(upload, {"cat/1.png": PNG + noise, "dog/1.png": PNG + noise})
    whole = upload.read_bytes()
    for part in (0.1, 0.3, 0.5):
        upload.write_bytes(whole[: int(len(whole) * part)])
        refused_somehow(upload, limits)


@packed
def test_damaged_archives_are_either_refused_or_read(upload: Path, limits: Settings, pack: Pack) -> None:
    pack(upload, {f"cat/{number}.png": PNG + os.urandom(200) for number in range(3)})
    whole = upload.read_bytes()

    @given(st.lists(st.tuples(st.integers(0, len(whole) - 1), st.integers(0, 255)), min_size=1, max_size=6))
    @hypothesis_settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    def damaged(changes: list[tuple[int, int]]) -> None:
        data = bytearray(whole)
        for place, value in changes:
            data[place] = value
        upload.write_bytes(data)
        try:
            check_archive(upload, limits)
        except BadUpload as refusal:
            assert str(refusal).isprintable()

    damaged()


@pytest.mark.parametrize("flag", [0x1, 0x40, 0x2000])
def test_encrypted_members_are_refused(upload: Path, limits: Settings, flag: int) -> None:
    with_flag(make_zip(upload, CLASSES), flag)
    refused(upload, limits, "'cat/1.png' is encrypted: pack it without a password")


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_packing_methods_that_need_much_memory_are_refused(upload: Path, limits: Settings, method: int) -> None:
    make_zip(upload, CLASSES, method)
    refused(upload, limits, "not compressed with deflate")


def test_sparse_files_of_pax_are_refused(upload: Path, limits: Settings) -> None:
    said = pax(**{"GNU.sparse.major": "1", "GNU.sparse.name": "cat/1.png", "GNU.sparse.realsize": "99999999999"})
    upload.write_bytes(said + tar_member("cat/1.png", data=PNG) + bytes(1024))
    refused(upload, limits, "is a sparse file")


def test_a_tar_member_that_claims_more_bytes_than_there_are_is_refused(upload: Path, limits: Settings) -> None:
    upload.write_bytes(tar_member("cat/1.png", data=PNG, size=8**11 - 1) + bytes(1024))
    refused(upload, limits, "is truncated")


@pytest.mark.parametrize("field", [b"99999999999\0", b"\xff" * 12, b"-0000000001\0", b"abc".ljust(12)])
def test_a_tar_size_that_is_not_a_number_is_refused(upload: Path, limits: Settings, field: bytes) -> None:
    header = bytearray(tar_member("cat/1.png", data=PNG))
    header[124:136] = field
    header[148:156] = b" " * 8
    header[148:156] = f"{sum(header[:512]):06o}\0 ".encode()
    upload.write_bytes(bytes(header) + bytes(1024))
    refused(upload, limits, "is not a size")


def test_a_binary_tar_size_is_read(upload: Path, limits: Settings) -> None:
    header = bytearray(tar_member("cat/1.png", data=PNG))
    header[124:136] = b"\x80" + len(PNG).to_bytes(11, "big")
    header[148:156] = b" " * 8
    header[148:156] = f"{sum(header[:512]):06o}\0 ".encode()
    upload.write_bytes(bytes(header) + bytes(1024))
    assert check_archive(upload, limits).bytes == len(PNG)


@pytest.mark.parametrize(
    "records",
    [
        b"0 path=x\n",
        b"99999 path=x\n",
        b"7 path=x\n",
        b"path=x\n",
        b"1" * 5000,
        b"12 path",
        b"-9 path=x\n",
        b"\xff" * 20,
    ],
)
def test_invalid_pax_records_are_refused(upload: Path, limits: Settings, records: bytes) -> None:
    upload.write_bytes(tar_member("pax", b"x", records) + tar_member("cat/1.png", data=PNG) + bytes(1024))
    refused(upload, limits, "damaged")


def test_bytes_after_the_end_of_a_zip_file_are_refused(upload: Path, limits: Settings) -> None:
    whole = make_zip(upload, CLASSES).read_bytes()
    upload.write_bytes(whole + b"x")
    refused(upload, limits, "bytes are missing at its end, or follow it")


def test_a_zip_comment_must_have_its_declared_length(upload: Path, limits: Settings) -> None:
    whole = make_zip(upload, CLASSES).read_bytes()
    upload.write_bytes(whole[:-2] + b"\x04\0mice")
    assert check_archive(upload, limits).images == 3
    upload.write_bytes(whole[:-2] + b"\x05\0mice")
    refused(upload, limits, "bytes are missing at its end, or follow it")


def test_a_zip_file_whose_directory_lacks_members_is_refused(upload: Path, limits: Settings) -> None:
    whole = bytearray(make_zip(upload, CLASSES).read_bytes())
    whole[-12] = whole[-14] = 4
    upload.write_bytes(whole)
    refused(upload, limits, "it lists 3 members, but its end says 4")
