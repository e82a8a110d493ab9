"""Packs archives, and checks that they are refused."""

from __future__ import annotations

import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from neurflow_store.archives import check_archive, unpack
from neurflow_store.errors import BadUpload
from neurflow_store.installation.settings import Settings
from tests.store.archives.hostile import (
    JPEG,
    PNG,
    make_tar,
    make_zip,
)

Make = Callable[..., Settings]
Pack = Callable[[Path, dict[str, bytes]], Path]


CLASSES = {"cat/1.png": PNG, "cat/2.jpg": JPEG, "dog/1.PNG": PNG}


PACKERS: dict[str, Pack] = {
    "zip": make_zip,
    "stored zip": lambda path, files: make_zip(path, files, zipfile.ZIP_STORED),
    "tar": make_tar,
    "tar.gz": lambda path, files: make_tar(path, files, "gz"),
    "tar.bz2": lambda path, files: make_tar(path, files, "bz2"),
    "tar.xz": lambda path, files: make_tar(path, files, "xz"),
    "GNU tar": lambda path, files: make_tar(path, files, form=tarfile.GNU_FORMAT),
    "ustar": lambda path, files: make_tar(path, files, form=tarfile.USTAR_FORMAT),
}


packed = pytest.mark.parametrize("pack", PACKERS.values(), ids=PACKERS)


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def refused(upload: Path, limits: Settings, says: str, kind: type[BadUpload] = BadUpload) -> None:
    """Check that checking and unpacking refuse the archive for the same reason, and that no file is left."""
    place = upload.parent.parent / "unpacked"
    place.mkdir(exist_ok=True)
    for attempt in (lambda: check_archive(upload, limits), lambda: unpack(upload, place / "data", limits)):
        with pytest.raises(kind, match=says) as caught:
            attempt()
        assert type(caught.value) is kind
        assert len(str(caught.value)) < 400
        assert str(caught.value).isprintable()
    assert list(place.iterdir()) == []


def refused_somehow(upload: Path, limits: Settings) -> None:
    with pytest.raises(BadUpload):
        check_archive(upload, limits)
