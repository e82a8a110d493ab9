"""Archives of class folders: which files are unpacked, which are skipped, which are not images."""

from __future__ import annotations

import errno
import io
import os
from pathlib import Path
from typing import Any

import PIL.Image
import pytest

from neurflow.datasets import load_dataset
from neurflow_store import images
from neurflow_store.archives import ArchiveListing, check_archive, unpack
from neurflow_store.errors import StorageFull
from neurflow_store.installation.settings import Settings
from tests.store.archives.checking import CLASSES, PACKERS, Pack, files, packed, refused
from tests.store.archives.hostile import (
    PNG,
    make_zip,
    tar_member,
)


@packed
def test_class_folders_are_unpacked(upload: Path, tmp_path: Path, limits: Settings, pack: Pack) -> None:
    pack(upload, CLASSES)
    size = sum(map(len, CLASSES.values()))
    assert check_archive(upload, limits) == ArchiveListing(images=3, bytes=size, classes=("cat", "dog"))
    unpack(upload, tmp_path / "data", limits)
    assert {name: (tmp_path / "data" / name).read_bytes() for name in files(tmp_path / "data")} == CLASSES


@packed
def test_long_names_and_other_scripts_are_unpacked(upload: Path, tmp_path: Path, limits: Settings, pack: Pack) -> None:
    if pack is PACKERS["ustar"]:
        names = ["a" * 90 + "/" + "b" * 90 + ".png"]
    else:
        names = ["a" * 200 + "/" + "b" * 200 + ".png", "猫/Kätzchen \U0001f408.png"]
    pack(upload, dict.fromkeys(names, PNG))
    unpack(upload, tmp_path / "data", limits)
    assert files(tmp_path / "data") == set(names)


def test_the_engine_reads_what_was_unpacked(upload: Path, tmp_path: Path, limits: Settings) -> None:
    picture = io.BytesIO()
    PIL.Image.new("RGB", (8, 8), "red").save(picture, "PNG")
    make_zip(
        upload, {f"photos/{split}/{label}/1.png": picture.getvalue() for split in ("train", "val") for label in "ab"}
    )
    listing = check_archive(upload, limits)
    unpack(upload, tmp_path / "data", limits)
    dataset = load_dataset(f"folder/{tmp_path / 'data'}")
    assert {ref.label for ref in dataset.images} == set(listing.classes) == {"a", "b"}
    assert {ref.split for ref in dataset.images} == {"train", "test"}
    assert dataset.load(dataset.images[0]).size == (8, 8)


@pytest.mark.parametrize(
    "kind", ["BMP", "GIF", "JPEG", "PNG", "PPM", "TIFF", "WEBP", "AVIF", "JPEG2000", "ICO", "PCX", "SGI"]
)
def test_each_image_format_is_recognised_by_its_first_bytes(kind: str) -> None:
    stream = io.BytesIO()
    PIL.Image.new("RGB", (3, 2)).save(stream, kind)
    assert images.media_type(stream.getvalue()[: images.START_BYTES]) == PIL.Image.MIME[kind]


@pytest.mark.parametrize(
    ("names", "unpacked", "classes"),
    [
        (["photos/cat/1.png", "photos/dog/1.png"], {"cat/1.png", "dog/1.png"}, ("cat", "dog")),
        (["a/b/cat/1.png", "a/b/dog/1.png"], {"cat/1.png", "dog/1.png"}, ("cat", "dog")),
        (["./cat/1.png"], {"cat/1.png"}, ("cat",)),
        (["cat//1.png"], {"cat/1.png"}, ("cat",)),
        (["photos/cat/1.png", "photos/cover.png"], {"photos/cat/1.png", "photos/cover.png"}, ("photos",)),
        (["train/cat/1.png", "val/cat/2.png"], {"train/cat/1.png", "val/cat/2.png"}, ("cat",)),
        (["Train/cat/1.png", "TEST/dog/2.png"], {"Train/cat/1.png", "TEST/dog/2.png"}, ("cat", "dog")),
        (["train/cat/1.png", "test2/cat/2.png"], {"train/cat/1.png", "test2/cat/2.png"}, ("test2", "train")),
        (["cat/1.png", "cover.png"], {"cat/1.png", "cover.png"}, ("cat",)),
    ],
)
def test_class_folders_are_found_at_any_depth(
    upload: Path, tmp_path: Path, limits: Settings, names: list[str], unpacked: set[str], classes: tuple[str, ...]
) -> None:
    make_zip(upload, dict.fromkeys(names, PNG))
    assert check_archive(upload, limits).classes == classes
    unpack(upload, tmp_path / "data", limits)
    assert files(tmp_path / "data") == unpacked


@packed
def test_files_that_systems_add_beside_images_are_skipped(
    upload: Path, tmp_path: Path, limits: Settings, pack: Pack
) -> None:
    beside = [
        "README",
        "LICENSE",
        "cat/labels.csv",
        "notes.txt",
        "cat/Thumbs.db",
        "cat/.DS_Store",
        "__MACOSX/cat/._1.png",
        ".git/config",
        "data.json",
        "a.MD",
        "cat/desktop.ini",
        ".hidden.zip",
    ]
    pack(upload, CLASSES | dict.fromkeys(beside, b"something"))
    assert check_archive(upload, limits).images == 3
    unpack(upload, tmp_path / "data", limits)
    assert files(tmp_path / "data") == set(CLASSES)


def test_folders_may_have_entries_of_their_own_and_repeat(upload: Path, limits: Settings) -> None:
    make_zip(upload, [("cat/", b""), ("cat/1.png", PNG), ("cat/", b""), ("empty/", b"")])
    assert check_archive(upload, limits).classes == ("cat",)
    upload.write_bytes(
        tar_member("./", b"5") + tar_member("./cat", b"5") + tar_member("./cat/1.png", data=PNG) + bytes(1024)
    )
    assert check_archive(upload, limits).classes == ("cat",)


def test_an_existing_folder_is_left_unchanged(upload: Path, tmp_path: Path, limits: Settings) -> None:
    make_zip(upload, CLASSES)
    (tmp_path / "data").mkdir()
    unpack(upload, tmp_path / "data", limits)
    assert files(tmp_path / "data") == set()


def test_the_slower_of_two_processes_uses_what_the_other_unpacked(
    upload: Path, tmp_path: Path, limits: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_zip(upload, CLASSES)
    rename = Path.rename

    def other_first(path: Path, target: Path) -> Path:
        (target / "cat").mkdir(parents=True)
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", other_first)
    unpack(upload, tmp_path / "data", limits)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "home", "uploads"]


NESTED = {
    "cat/more.zip": "contains another archive,",
    "cat/more.tar.gz": "contains another archive,",
    "r.7z": "contains another archive,",
}


NO_IMAGES = {
    "cat/run.exe": "is not an image",
    "cat/1": "is not an image",
    "cat/page.php": "is not an image",
    "cat/1.svg": "is not an image",
}


@packed
@pytest.mark.parametrize(("name", "says"), (NESTED | NO_IMAGES).items())
def test_a_file_that_is_not_an_image_is_refused(
    upload: Path, limits: Settings, pack: Pack, name: str, says: str
) -> None:
    pack(upload, CLASSES | {name: b"PK\x03\x04"})
    refused(upload, limits, f"{says}.*'?{name}|'{name}' {says}")


@packed
@pytest.mark.parametrize("content", [b"", b"P", b"PK\x03\x04" + bytes(50), b"<svg>", b"\x7fELF" + bytes(50), bytes(50)])
def test_a_file_with_only_an_image_s_name_is_refused(
    upload: Path, limits: Settings, pack: Pack, content: bytes
) -> None:
    pack(upload, CLASSES | {"cat/3.png": content})
    refused(upload, limits, "'cat/3.png' is not an image: use BMP, GIF")


@packed
@pytest.mark.parametrize(
    ("content", "says"),
    [
        ({}, "contains no images"),
        ({"notes.txt": b"x"}, "contains no images"),
        ({"1.png": PNG}, "contains images but no class folders"),
    ],
)
def test_an_archive_without_images_in_class_folders_is_refused(
    upload: Path,
    limits: Settings,
    pack: Pack,
    content: dict[str, bytes],
    says: str,
) -> None:
    pack(upload, content)
    refused(upload, limits, says)


def test_an_archive_inside_an_archive_is_refused(upload: Path, limits: Settings) -> None:
    make_zip(upload, {"cat/1.png": PNG})
    inner = upload.read_bytes()
    make_zip(upload, {"cat/1.png": PNG, "r/r.zip": inner})
    refused(upload, limits, "contains another archive, 'r/r.zip': unpack it first")
    make_zip(upload, {"cat/1.png": PNG, "r/r.png": inner})
    refused(upload, limits, "'r/r.png' is not an image")


def test_a_full_disk_leaves_nothing(
    upload: Path, tmp_path: Path, limits: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_zip(upload, CLASSES)
    place = tmp_path / "place"
    place.mkdir()
    opened = Path.open
    left = 2

    def full(path: Path, mode: str = "r", *args: Any, **options: Any) -> Any:
        nonlocal left
        left -= "x" in mode
        if left < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return opened(path, mode, *args, **options)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", full)
        with pytest.raises(StorageFull, match="is full: free space"):
            unpack(upload, place / "data", limits)
    assert list(place.iterdir()) == []
    unpack(upload, place / "data", limits)
    assert files(place / "data") == set(CLASSES)


def as_file(kind: str) -> bytes:
    stream = io.BytesIO()
    PIL.Image.new("RGB", (3, 2), "red").save(stream, kind)
    return stream.getvalue()


IMAGES = {
    "cat/1.png": "PNG",
    "cat/2.pgm": "PPM",
    "cat/3.jfif": "JPEG",
    "cat/4.avif": "AVIF",
    "cat/5.tga": "TGA",
    "cat/6.jp2": "JPEG2000",
    "cat/without-suffix": "PNG",
    "cat/7.download": "JPEG",
}


@packed
def test_images_are_taken_for_what_they_are(upload: Path, tmp_path: Path, limits: Settings, pack: Pack) -> None:
    pack(upload, {name: as_file(kind) for name, kind in IMAGES.items()} | {"readme.md": b"x", "cat/.DS_Store": b"x"})
    assert check_archive(upload, limits).images == len(IMAGES)
    assert unpack(upload, tmp_path / "data", limits) == ["readme.md"]
    dataset = load_dataset(f"folder/{tmp_path / 'data'}")
    assert {ref.id for ref in dataset.images} == set(IMAGES)
    assert {dataset.load(ref).size for ref in dataset.images} == {(3, 2)}
