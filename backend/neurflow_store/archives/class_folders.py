"""An archive of class folders: ``cat/1.jpg``, ``dog/1.jpg``; or ``train/cat/1.jpg`` with ``test`` or ``val`` beside it.

1. Images are files whose names end as images' do and that begin as one of the allowed formats does. What lies behind
   that is found out by who decodes them.
2. Passed by is what usually lies beside images: hidden files, ``__MACOSX``, ``Thumbs.db``, read-me and licence files,
   and text (``.txt .md .json .csv .tsv .xml .yaml .yml .html``). All else is refused by its name, archives among it.
3. Where all lies in one folder whose folders are the classes, that one is taken off: ``photos/cat/1.jpg``.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from neurflow_store import images
from neurflow_store.archives.limits import Limits, shown
from neurflow_store.archives.members import Member
from neurflow_store.archives.tar_members import tar_members
from neurflow_store.archives.zip_members import is_zip, zip_members
from neurflow_store.artifacts.store import faults_told
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
    """What an archive holds.

    Attributes:
        images: how many.
        bytes: of all of them, unpacked.
        classes: the class folders' names, sorted.
    """

    images: int
    bytes: int
    classes: tuple[str, ...]


def check_archive(path: Path, settings: Settings) -> ArchiveListing:
    """Reads an archive from front to end without writing anything.

    Args:
        path: the archive.
        settings: for ``max_archive_files``, ``max_archive_bytes`` and ``max_archive_ratio``.

    Raises:
        WrongType: it is neither a zip nor a tar file.
        TooLarge: it holds more than the settings allow.
        BadUpload: names the member and the reason.
    """
    total = 0
    found: list[tuple[str, ...]] = []
    for parts, chunks in _images(path, settings):
        found.append(parts)
        total += sum(map(len, chunks))
    classes = _classes(found)
    return ArchiveListing(len(found), total, classes)


def unpack(path: Path, folder: Path, settings: Settings) -> None:
    """Unpacks the images of an archive into ``folder``, which is there when all of them are.

    They are written beside it and the folder is renamed at the end. Where ``folder`` is there already, perhaps because
    another process was quicker, it is left as it is.

    Raises:
        StorageError: the disk is full or cannot be written.
        BadUpload: as :func:`check_archive`.
    """
    if folder.exists():
        return
    aside = folder.with_name(f".{folder.name}.{secrets.token_hex(6)}")
    found: list[tuple[str, ...]] = []
    try:
        for parts, chunks in _images(path, settings):
            found.append(parts)
            _write(aside.joinpath(*parts), chunks)
        _classes(found)
        with faults_told(str(folder.parent)):
            _put_in_place(aside.joinpath(*_wrapper(found)), folder)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _images(path: Path, settings: Settings) -> Iterator[tuple[tuple[str, ...], Iterator[bytes]]]:
    """The images' paths and content."""
    for member in _members(path, Limits.of(settings)):
        parts = member.parts
        if member.is_folder or _is_passed_by(parts):
            continue
        if not images.is_image_name(parts[-1]):
            if PurePosixPath(parts[-1]).suffix.lower() in _ARCHIVES:
                raise BadUpload(f"the archive holds the archive {shown(member.name)}: unpack that first")
            raise BadUpload(
                f"the archive's member {shown(member.name)} is no image: leave out what does not end in "
                f"{', '.join(sorted(images.SUFFIXES))}"
            )
        yield parts, _checked(member)


def _members(path: Path, limits: Limits) -> Iterator[Member]:
    """All members of an archive in their order; links and all else that is neither file nor folder are refused.

    Raises:
        WrongType: it is no archive of a known format.
        TooLarge: it holds more than ``limits`` allow.
        BadUpload: it is damaged, or holds what no data set needs.
    """
    with path.open("rb") as stream:
        yield from zip_members(stream, limits) if is_zip(stream) else tar_members(stream, limits)


def _checked(member: Member) -> Iterator[bytes]:
    """An image's content, the first piece of which tells that it is one."""
    start = b""
    chunks = member.chunks()
    for chunk in chunks:
        start += chunk
        if len(start) >= images.START_BYTES:
            break
    if images.media_type(start) is None:
        raise BadUpload(f"the archive's member {shown(member.name)} is no image: it is none of {images.FORMATS}")
    yield start
    yield from chunks


def _is_passed_by(parts: tuple[str, ...]) -> bool:
    if _JUNK_FOLDER in parts or any(part.startswith(".") for part in parts):
        return True
    name = PurePosixPath(parts[-1].lower())
    if name.suffix in images.SUFFIXES:
        return False
    return name.name in _JUNK or name.suffix in _TEXT or name.name in _ABOUT


def _wrapper(found: list[tuple[str, ...]]) -> tuple[str, ...]:
    """The folders at the top that hold all the others."""
    taken: tuple[str, ...] = ()
    while len({parts[len(taken)] for parts in found}) == 1 and min(map(len, found)) >= len(taken) + 3:
        taken = found[0][: len(taken) + 1]
    return taken


def _classes(found: list[tuple[str, ...]]) -> tuple[str, ...]:
    """The names of the class folders.

    Raises:
        BadUpload: there is none.
    """
    if not found:
        raise BadUpload("the archive holds no image: pack folders of images, one for each class")
    start = len(_wrapper(found))
    inner = [parts[start:] for parts in found]
    splits = {parts[0]: _SPLITS[parts[0].lower()] for parts in inner if len(parts) > 1 and parts[0].lower() in _SPLITS}
    if set(splits.values()) == {"train", "test"}:
        inner = [parts[1:] for parts in inner if parts[0] in splits]
    classes = {parts[0] for parts in inner if len(parts) > 1}
    if not classes:
        raise BadUpload(
            "the archive holds images but no class folder: put those of each class into a folder of its name"
        )
    return tuple(sorted(classes))


def _write(target: Path, chunks: Iterator[bytes]) -> None:
    with faults_told(str(target.parent)):
        target.parent.mkdir(parents=True, exist_ok=True)
        stream = target.open("xb")
    with stream:
        for chunk in chunks:
            with faults_told(str(target.parent)):
                stream.write(chunk)


def _put_in_place(made: Path, folder: Path) -> None:
    try:
        made.rename(folder)
    except OSError:
        # Another process was quicker.
        if not folder.is_dir():
            raise
