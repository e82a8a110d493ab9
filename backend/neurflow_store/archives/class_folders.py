"""Archives of class folders: ``cat/1.jpg``, ``dog/1.jpg``; or ``train/cat/1.jpg`` beside ``test`` or ``val``.

1. An image is a file that begins like one of the formats that Pillow reads: with an image's suffix, or, whatever its
   name, in a format that nothing else begins like. Decoding it is left to workers.
2. Files that are common beside images are skipped: hidden files, ``__MACOSX``, ``Thumbs.db``, read-me and licence
   files, and text (``.txt .md .json .csv .tsv .xml .yaml .yml .html``). All others are refused, also archives.
3. If everything is in one folder that contains the class folders, that folder is removed: ``photos/cat/1.jpg``.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path, PurePosixPath
from typing import Final

from neurflow_store import images
from neurflow_store.archives.limits import Limits, shown
from neurflow_store.archives.members import Member
from neurflow_store.archives.tar_members import tar_members
from neurflow_store.archives.zip_members import is_zip, zip_members
from neurflow_store.artifacts.store import storage_errors
from neurflow_store.errors import BadUpload
from neurflow_store.installation.settings import Settings

_JUNK_FOLDER: Final = "__MACOSX"
_JUNK: Final = frozenset({"thumbs.db", "desktop.ini"})
_TEXT: Final = frozenset({".txt", ".md", ".json", ".csv", ".tsv", ".xml", ".yaml", ".yml", ".html"})
_ABOUT: Final = frozenset({"readme", "license", "licence", "copying", "notice", "authors", "changelog", "citation"})
_ARCHIVES: Final = frozenset(
    {".zip", ".tar", ".gz", ".tgz", ".bz2", ".tbz2", ".xz", ".txz", ".7z", ".rar", ".zst", ".jar"}
)
_SPLITS: Final = {"train": "train", "test": "test", "val": "test", "validation": "test"}


@dataclass(frozen=True)
class ArchiveListing:
    """The contents of an archive.

    Attributes:
        images: number of images.
        bytes: their total size, unpacked.
        classes: the names of the class folders, sorted.
    """

    images: int
    bytes: int
    classes: tuple[str, ...]


def check_archive(path: Path, settings: Settings) -> ArchiveListing:
    """Read an archive to its end without writing anything.

    Args:
        path: the archive.
        settings: for ``max_archive_files``, ``max_archive_bytes`` and ``max_archive_ratio``.

    Raises:
        WrongType: it is neither a zip nor a tar file.
        TooLarge: it exceeds the limits of the settings.
        BadUpload: with the member and the reason.
    """
    total = 0
    found: list[tuple[str, ...]] = []
    for parts, chunks in _images(path, settings):
        found.append(parts)
        total += sum(map(len, chunks))
    classes = _classes(found)
    return ArchiveListing(len(found), total, classes)


def unpack(path: Path, folder: Path, settings: Settings) -> list[str]:
    """Unpack the images of an archive into ``folder``, which appears only when it is complete.

    They are written to a folder beside it that is renamed at the end. An existing ``folder``, perhaps from a faster
    process, is left unchanged.

    Returns:
        The names of the files that were skipped, except hidden ones; none if ``folder`` existed.

    Raises:
        StorageError: the disk is full or cannot be written.
        BadUpload: as :func:`check_archive`.
    """
    if folder.exists():
        return []
    aside = folder.with_name(f".{folder.name}.{secrets.token_hex(6)}")
    found: list[tuple[str, ...]] = []
    skipped: list[str] = []
    try:
        for parts, chunks in _images(path, settings, skipped):
            found.append(parts)
            _write(aside.joinpath(*parts), chunks)
        _classes(found)
        with storage_errors(str(folder.parent)):
            _put_in_place(aside.joinpath(*_wrapper(found)), folder)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return skipped


def _images(
    path: Path, settings: Settings, skipped: list[str] | None = None
) -> Iterator[tuple[tuple[str, ...], Iterator[bytes]]]:
    """Yield the images' paths and contents; add the other files to ``skipped``, except hidden ones."""
    for member in _members(path, Limits.of(settings)):
        parts = member.parts
        if member.is_folder:
            continue
        if _is_passed_by(parts):
            if skipped is not None and not _is_hidden(parts):
                skipped.append("/".join(parts))
            continue
        if not images.has_image_suffix(parts[-1]):
            start, chunks = _started(member)
            if images.is_unmistakable(start):
                yield parts, chunks
                continue
            if PurePosixPath(parts[-1]).suffix.lower() in _ARCHIVES:
                raise BadUpload(f"the archive contains another archive, {shown(member.name)}: unpack it first")
            raise BadUpload(
                f"the archive's member {shown(member.name)} is not an image: remove it, or save it as {images.FORMATS}"
            )
        yield parts, _checked(member)


def _members(path: Path, limits: Limits) -> Iterator[Member]:
    """Yield all members of an archive in order; refuse links and everything else that is not a file or folder.

    Raises:
        WrongType: the format is not supported.
        TooLarge: it exceeds ``limits``.
        BadUpload: it is damaged, or contains something that no data set needs.
    """
    with path.open("rb") as stream:
        yield from zip_members(stream, limits) if is_zip(stream) else tar_members(stream, limits)


def _checked(member: Member) -> Iterator[bytes]:
    """Yield an image's content after checking its first bytes."""
    start, chunks = _started(member)
    if images.media_type(start, member.parts[-1]) is None:
        raise BadUpload(f"the archive's member {shown(member.name)} is not an image: use {images.FORMATS}")
    yield from chunks


def _started(member: Member) -> tuple[bytes, Iterator[bytes]]:
    """Return a member's first bytes, and all of its content."""
    start = b""
    chunks = member.chunks()
    for chunk in chunks:
        start += chunk
        if len(start) >= images.START_BYTES:
            break
    return start, chain((start,), chunks)


def _is_passed_by(parts: tuple[str, ...]) -> bool:
    if _is_hidden(parts):
        return True
    name = PurePosixPath(parts[-1].lower())
    if images.has_image_suffix(name.name):
        return False
    return name.suffix in _TEXT or name.name in _ABOUT


def _is_hidden(parts: tuple[str, ...]) -> bool:
    return _JUNK_FOLDER in parts or any(part.startswith(".") for part in parts) or parts[-1].lower() in _JUNK


def _wrapper(found: list[tuple[str, ...]]) -> tuple[str, ...]:
    """Return the top folders that contain all others."""
    taken: tuple[str, ...] = ()
    while len({parts[len(taken)] for parts in found}) == 1 and min(map(len, found)) >= len(taken) + 3:
        taken = found[0][: len(taken) + 1]
    return taken


def _classes(found: list[tuple[str, ...]]) -> tuple[str, ...]:
    """Return the names of the class folders.

    Raises:
        BadUpload: there are none.
    """
    if not found:
        raise BadUpload("the archive contains no images: pack folders of images, one for each class")
    start = len(_wrapper(found))
    inner = [parts[start:] for parts in found]
    splits = {parts[0]: _SPLITS[parts[0].lower()] for parts in inner if len(parts) > 1 and parts[0].lower() in _SPLITS}
    if set(splits.values()) == {"train", "test"}:
        inner = [parts[1:] for parts in inner if parts[0] in splits]
    classes = {parts[0] for parts in inner if len(parts) > 1}
    if not classes:
        raise BadUpload(
            "the archive contains images but no class folders: put the images of each class into a folder with its name"
        )
    return tuple(sorted(classes))


def _write(target: Path, chunks: Iterator[bytes]) -> None:
    with storage_errors(str(target.parent)):
        target.parent.mkdir(parents=True, exist_ok=True)
        stream = target.open("xb")
    with stream:
        for chunk in chunks:
            with storage_errors(str(target.parent)):
                stream.write(chunk)


def _put_in_place(made: Path, folder: Path) -> None:
    try:
        made.rename(folder)
    except OSError:
        # Another process was faster.
        if not folder.is_dir():
            raise
