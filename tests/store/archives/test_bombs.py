"""Archives that unpack to too much or lie about their size: refused in little time and memory."""

from __future__ import annotations

import gzip
import lzma
import os
import resource
import struct
import time
import tracemalloc
import zlib
from pathlib import Path

import pytest

from neurflow_store.archives import check_archive
from neurflow_store.errors import TooLarge
from neurflow_store.installation.settings import Settings
from tests.store.archives.checking import Make, Pack, packed, refused, refused_somehow
from tests.store.archives.hostile import (
    PNG,
    make_tar,
    make_zip,
    overlapping_zip,
    pax,
    tar_member,
    with_claimed_size,
)


def test_a_file_that_unpacks_to_too_much_is_refused(upload: Path, limits: Settings) -> None:
    make_zip(upload, {"cat/0.png": PNG, "cat/1.png": PNG + bytes(5_000_000)})
    refused(upload, limits, r"member 'cat/1.png' grows more than 50 times")


@pytest.mark.parametrize("packing", ["gz", "bz2", "xz"])
def test_a_tar_file_that_unpacks_to_too_much_is_refused(upload: Path, limits: Settings, packing: str) -> None:
    make_tar(upload, {"cat/1.png": PNG + bytes(5_000_000)}, packing)
    refused(upload, limits, "the archive grows more than 50 times")


def test_a_small_file_may_have_any_compression_ratio(upload: Path, limits: Settings) -> None:
    make_zip(upload, {"cat/1.bmp": b"BM" + bytes(900_000)})
    assert check_archive(upload, limits).bytes == 900_002


@packed
def test_too_many_bytes_are_refused(upload: Path, make_settings: Make, pack: Pack) -> None:
    pack(upload, {f"cat/{number}.png": PNG + os.urandom(30_000) for number in range(5)})
    refused(upload, make_settings(max_archive_bytes=100_000), "unpacks to more than 100,000 bytes", TooLarge)


@packed
def test_too_many_files_are_refused(upload: Path, make_settings: Make, pack: Pack) -> None:
    pack(upload, {f"cat/{number}.png": PNG for number in range(11)})
    refused(upload, make_settings(max_archive_files=10), "contains more than 10 files", TooLarge)
    assert check_archive(upload, make_settings(max_archive_files=11)).images == 11


def test_folders_and_skipped_files_count_as_files(upload: Path, make_settings: Make) -> None:
    make_zip(upload, {f"{number}/": b"" for number in range(6)} | {f"{number}.txt": b"" for number in range(6)})
    refused(upload, make_settings(max_archive_files=10), "more than 10 files", TooLarge)


def test_a_zip_bomb_with_overlapping_members_is_refused(upload: Path, limits: Settings) -> None:
    overlapping_zip(upload, 90, 900_000)
    refused(upload, limits, "shares bytes with another one, as in a zip bomb")


def test_a_single_member_of_the_same_form_is_accepted(upload: Path, limits: Settings) -> None:
    overlapping_zip(upload, 1, 900_000)
    assert check_archive(upload, limits).images == 1


@pytest.mark.parametrize("claimed", [0, 10, 900_000])
def test_understated_sizes_do_not_evade_the_limit(upload: Path, limits: Settings, claimed: int) -> None:
    with_claimed_size(make_zip(upload, {"cat/1.png": PNG + bytes(900_000)}), claimed)
    refused_somehow(upload, limits)


def test_bytes_are_counted_while_unpacking(upload: Path, limits: Settings) -> None:
    with_claimed_size(make_zip(upload, {"cat/1.png": PNG + bytes(900_000)}), 2**32 - 2)
    assert check_archive(upload, limits).bytes == len(PNG) + 900_000


def test_huge_extended_headers_are_not_held_in_memory(upload: Path, make_settings: Make) -> None:
    with upload.open("wb") as stream:
        stream.write(tar_member("pax", b"x", size=8 * 1024**3 - 1))
        stream.truncate(9 * 1024**3)
    tracemalloc.start()
    try:
        refused(upload, make_settings(), "an extended header of 8,589,934,591 bytes")
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()


def test_a_long_series_of_extended_headers_is_refused(upload: Path, limits: Settings) -> None:
    upload.write_bytes(pax(path="cat/2.png") * 2000 + tar_member("cat/1.png", data=PNG) + bytes(1024))
    refused(upload, limits, "too many extended headers in a row")


def test_an_xz_file_that_needs_gigabytes_of_memory_is_refused(upload: Path, make_settings: Make) -> None:
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": 1024 * 1024}]
    data = bytearray(lzma.compress(tar_member("cat/1.png", data=PNG) + bytes(1024), filters=filters))
    # The block header's filter flags: LZMA2's id, the size of its properties, and the dictionary's size: 4 GiB.
    place = data.index(b"\x21\x01", 12)
    data[place + 2] = 40
    end = 12 + (data[12] + 1) * 4
    data[end - 4 : end] = zlib.crc32(data[12 : end - 4]).to_bytes(4, "little")
    upload.write_bytes(data)
    refused(upload, make_settings(), "damaged or truncated: Memory usage limit")


def test_a_million_tiny_members_are_refused_quickly_and_in_little_memory(upload: Path, make_settings: Make) -> None:
    settings = make_settings(max_archive_files=1_000, max_archive_ratio=10_000)
    some = b"".join(tar_member(f"cat/{number}.txt") for number in range(2_000))
    with gzip.open(upload, "wb", 1) as stream:
        for _ in range(500):
            stream.write(some)
    start = time.process_time()
    refused(upload, settings, "more than 1,000 files", TooLarge)
    assert time.process_time() - start < 5


def test_a_zip_directory_of_a_million_entries_is_refused_before_it_is_read(upload: Path, make_settings: Make) -> None:
    settings = make_settings(max_archive_files=200_000)
    entry = b"PK\x01\x02" + bytes(42) + b"a"
    entry = entry[:28] + b"\x01\x00" + entry[30:]
    count = 1_000_000
    end = b"PK\x06\x06" + struct.pack("<QHHIIQQQQ", 44, 45, 45, 0, 0, count, count, count * len(entry), 4)
    end += b"PK\x06\x07" + struct.pack("<IQI", 0, 4 + count * len(entry), 1)
    end += b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    upload.write_bytes(b"PK\x03\x04" + entry * count + end)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    refused(upload, settings, "more than 200,000 files", TooLarge)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300_000  # KiB; the directory itself has 47 MB
    with pytest.raises(TooLarge, match="more than 10 files"):
        check_archive(upload, make_settings(max_archive_files=10))


def test_a_zip_directory_of_gigabytes_is_not_read(upload: Path, limits: Settings) -> None:
    with upload.open("wb") as stream:
        stream.write(b"PK\x03\x04")
        stream.truncate(3 * 1024**3)
        stream.seek(0, 2)
        stream.write(b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 1, 1, 3 * 1024**3 - 4, 4, 0))
    tracemalloc.start()
    try:
        refused(upload, limits, "more than 100 files", TooLarge)
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()
