"""Compute the digest of a data set: over everything that defines its images, yet cheap enough for every job.

=============== ======================================================================================================
demo/photos     ids, labels and splits; pixels of the photographs; boxes of the crops
folder/…        ids, labels and splits; bytes of each file. A folder is not read again if names, sizes and modification
                times have not changed
torchvision/…   ids, labels and splits; pixels of images spread over the whole. torchvision itself checks the files'
                known digests on downloading and opening them
=============== ======================================================================================================
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from neurflow.data.folder_dataset import FolderDataset
from neurflow.data.images import Dataset
from neurflow.demo.pictures import Photos
from neurflow.demo.reading import read_picture
from neurflow.demo.sources import PICTURES
from neurflow.terms.errors import DataError

Tell = Callable[[int, int], None]
"""Called with the numbers of images read and of all images."""

_SAMPLE: Final = 256
_STRIDE: Final = 200


def dataset_digest(dataset: Dataset, known: Path, tell: Tell = lambda done, total: None) -> str:
    """Return the digest, ``sha256:…``.

    Args:
        dataset: a loaded data set.
        known: a folder for this module only, where digests of folders are cached.
        tell: called with the progress; its exceptions stop the work.

    Raises:
        DataError: an image cannot be read.
    """
    hashed = hashlib.sha256()
    if isinstance(dataset, FolderDataset):
        return _of_folder(dataset, known, tell)
    for part in _of_photos(dataset) if isinstance(dataset, Photos) else _of_others(dataset, tell):
        hashed.update(part)
    return f"sha256:{hashed.hexdigest()}"


def _names(dataset: Dataset) -> Iterator[bytes]:
    for ref in dataset.images:
        yield f"{json.dumps([ref.id, ref.label, ref.split])}\n".encode()


def _of_photos(photos: Photos) -> Iterator[bytes]:
    yield from _names(photos)
    for picture in PICTURES:
        yield read_picture(picture).tobytes()
    for ref in photos.images:
        picture, box = photos.source(ref)
        yield f"{picture.file} {box.left} {box.top} {box.right} {box.bottom}\n".encode()


def _of_others(dataset: Dataset, tell: Tell) -> Iterator[bytes]:
    yield from _names(dataset)
    count = len(dataset.images)
    chosen = [i * count // _SAMPLE for i in range(_SAMPLE)] if count > _SAMPLE else list(range(count))
    for done, index in enumerate(chosen):
        tell(done, len(chosen))
        try:
            image = dataset.load(dataset.images[index])
        except DataError:
            continue
        yield f"{index} {image.width} {image.height}\n".encode() + image.tobytes()
    tell(len(chosen), len(chosen))


def _of_folder(dataset: FolderDataset, known: Path, tell: Tell) -> str:
    files = [dataset.file(ref) for ref in dataset.images]
    looks = hashlib.sha256()
    for name, file in zip(_names(dataset), files, strict=True):
        state = _state(file)
        looks.update(name + f"{file} {state.st_size} {state.st_mtime_ns} {state.st_ino}\n".encode())
    note = known / f"{looks.hexdigest()}.json"
    with suppress(OSError, ValueError):
        return str(json.loads(note.read_text())["digest"])
    hashed = hashlib.sha256()
    for done, (name, file) in enumerate(zip(_names(dataset), files, strict=True)):
        if done % _STRIDE == 0:
            tell(done, len(files))
        hashed.update(name)
        hashed.update(_file_digest(file) or b"unreadable")
    tell(len(files), len(files))
    digest = f"sha256:{hashed.hexdigest()}"
    _note(note, {"digest": digest})
    return digest


def _state(file: Path) -> os.stat_result:
    try:
        return file.stat()
    except OSError as error:
        raise DataError(f"image {file.name} cannot be read: {error.strerror}") from error


def _file_digest(file: Path) -> bytes | None:
    """Return a file's digest; ``None`` if it cannot be read, which must not cost the other images."""
    try:
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").digest()
    except OSError:
        return None


def _note(path: Path, value: Any) -> None:
    """Cache a digest. It only saves time, so a full disk is ignored."""
    aside = path.with_name(f".{secrets.token_hex(8)}")
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        aside.write_text(json.dumps(value))
        aside.replace(path)
