"""``folder/PATH``: a folder of images whose subfolders are the classes.

1. If the top folder holds ``train`` and one of ``test``, ``val`` and ``validation``, these are the splits, and each is
   read as a folder of classes. Anything beside them is ignored.
2. Each subfolder is a class: all images below it, at any depth, have its name as their label. Images beside the
   subfolders have no label.

3. An image is a file with the suffix of an image format, or one whose content is that of an image; the first are not
   opened to list the folder. Other files and links that lead outside are left out, and said so.

Hidden files and links to folders are ignored.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Literal

import PIL.Image

from neurflow.data.image_reading import is_image, read_image
from neurflow.data.images import ImageRef, LeftOut, LeftOutFiles
from neurflow.terms.errors import DataError
from neurflow.terms.image_formats import USUAL, has_image_suffix

Split = Literal["train", "test"]

_SPLITS: Final[dict[str, Split]] = {"train": "train", "test": "test", "val": "test", "validation": "test"}
_IGNORED: Final = "__MACOSX"
NO_IMAGE: Final = "not an image that Pillow can open"
OUTSIDE: Final = "a link that leads outside the folder"
BESIDE_SPLITS: Final = "outside the folders of training and test images"
UNREADABLE: Final = "cannot be read"
"""Reasons for leaving files out."""


class FolderDataset:
    """The images of a folder, as a :class:`neurflow.data.images.Dataset`. An id is a path below the folder.

    Args:
        path: the folder.
        spec: the spec that names the data set.

    Raises:
        DataError: the folder does not exist, cannot be listed, or holds no images.
    """

    def __init__(self, path: Path, spec: str) -> None:
        if not path.is_dir():
            what = "is a file" if path.exists() else "does not exist"
            raise DataError(f"data set {spec!r}: the folder {path} {what}: write folder/PATH with the images' folder")
        self._spec = spec
        self._root = path.resolve()
        splits = _splits(self._root)
        left_out = LeftOutFiles()
        images: list[ImageRef] = []
        for file in _files(self._root, spec):
            place = file.relative_to(self._root).parts
            name = "/".join(place)
            if file.is_symlink() and not self._holds(file):
                left_out.add(OUTSIDE, name)
                continue
            if splits and place[0] not in splits:
                left_out.add(BESIDE_SPLITS, name)
                continue
            if reason := _unusable(file):
                left_out.add(reason, name)
                continue
            split = splits.get(place[0])
            classes = place[1:-1] if split else place[:-1]
            images.append(ImageRef(name, classes[0] if classes else None, split))
        self._left_out = left_out.all()
        if not images:
            others = "".join(f" ({one.count} left out: {one.reason}, as {one.files[0]!r})" for one in self._left_out)
            raise DataError(
                f"data set {spec!r}: no images in {path}{others}: put image files there, as {', '.join(USUAL)}"
            )
        self._images = tuple(sorted(images, key=lambda ref: ref.id))
        self._ids = frozenset(ref.id for ref in images)

    @property
    def spec(self) -> str:
        """The spec, ``folder/PATH``."""
        return self._spec

    @property
    def images(self) -> tuple[ImageRef, ...]:
        """All images, sorted by id. Only ``load`` checks whether they can be read."""
        return self._images

    @property
    def left_out(self) -> tuple[LeftOut, ...]:
        """The files that are not used, by reason. Hidden files are not counted."""
        return self._left_out

    def load(self, ref: ImageRef) -> PIL.Image.Image:
        """Load an image in RGB, upright.

        Raises:
            DataError: the image does not exist or cannot be read.
        """
        return read_image(self.file(ref), ref.id)

    def file(self, ref: ImageRef) -> Path:
        """Return the file of an image.

        Raises:
            DataError: the image does not exist.
        """
        file = self._root / ref.id
        # Checked again, because the file may have become a link since the folder was listed.
        if ref.id not in self._ids or not self._holds(file):
            raise DataError(f"data set {self._spec!r} has no image {ref.id!r}")
        return file

    def _holds(self, file: Path) -> bool:
        """Return whether ``file`` is inside the folder after resolving links."""
        return file.resolve().is_relative_to(self._root)


def _unusable(file: Path) -> str | None:
    """Return why a file cannot be used; ``None`` for an image."""
    if has_image_suffix(file.name):
        return None
    try:
        return None if is_image(file) else NO_IMAGE
    except OSError as error:
        return f"{UNREADABLE}: {(error.strerror or str(error)).lower()}"


def _splits(root: Path) -> dict[str, Split]:
    """Return splits by folder name; empty if the folder has no splits."""
    found = {entry.name: _SPLITS[entry.name.lower()] for entry in root.iterdir() if _is_split(entry)}
    return found if set(found.values()) == {"train", "test"} else {}


def _is_split(entry: Path) -> bool:
    return entry.name.lower() in _SPLITS and entry.is_dir() and not entry.is_symlink()


def _files(root: Path, spec: str) -> Iterator[Path]:
    """Yield all files below ``root``, including links to files, in no order."""

    def refuse(error: OSError) -> None:
        raise DataError(f"data set {spec!r}: {error.filename} cannot be listed: {error.strerror}") from error

    for folder, folders, names in os.walk(root, onerror=refuse):
        folders[:] = [name for name in folders if not name.startswith(".") and name != _IGNORED]
        for name in names:
            file = Path(folder, name)
            if name.startswith(".") or not file.is_file():
                continue
            try:
                str(file.relative_to(root)).encode()
            except UnicodeEncodeError:
                raise DataError(f"data set {spec!r}: the name of {str(file)!r} is not UTF-8: rename it") from None
            yield file
