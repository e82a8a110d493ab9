"""Checks for member names: whether they can be written below a folder, and whether two of them are the same file."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from neurflow_store.archives.limits import shown
from neurflow_store.errors import BadUpload

_DRIVE: Final = re.compile(r"[A-Za-z]:")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_LONGEST: Final = 1000
_LONGEST_PART_BYTES: Final = 255
_DEEPEST: Final = 32


def safe_parts(name: str) -> tuple[str, ...]:
    """Return the parts of a member's path, all of which lead down. ``.`` and empty parts are removed.

    Raises:
        BadUpload: it leads outside, or is not a valid file name on every system.

    >>> safe_parts("./cats/7.png")
    ('cats', '7.png')
    """
    if name.startswith("/") or _DRIVE.match(name):
        raise BadUpload(f"the archive's member {shown(name)} has an absolute path: use relative paths")
    if "\\" in name:
        raise BadUpload(f"the archive's member {shown(name)} has a backslash in its name: use slashes")
    if _CONTROL.search(name):
        raise BadUpload(f"the archive's member {shown(name)} has a control character in its name: rename it")
    parts = tuple(part for part in name.split("/") if part not in ("", "."))
    if ".." in parts:
        raise BadUpload(f"the archive's member {shown(name)} leads outside the archive with ..: remove it")
    if len(name) > _LONGEST or any(len(part.encode()) > _LONGEST_PART_BYTES for part in parts):
        raise BadUpload(
            f"the archive's member {shown(name)} has too long a name: use at most {_LONGEST_PART_BYTES} bytes"
        )
    if len(parts) > _DEEPEST:
        raise BadUpload(f"the archive's member {shown(name)} is {len(parts)} folders deep: use at most {_DEEPEST}")
    return parts


class Paths:
    """All paths of an archive so far: no duplicates, also not in another case."""

    def __init__(self) -> None:
        self._files: set[str] = set()
        self._folders: dict[str, tuple[str, ...]] = {}
        self._known: set[tuple[str, ...]] = {()}

    def add(self, name: str, is_folder: bool) -> tuple[str, ...]:
        """Return the parts of another member's path.

        Raises:
            BadUpload: it is invalid, or exists already.
        """
        parts = safe_parts(name)
        self._add_folder(parts if is_folder else parts[:-1], name)
        if is_folder:
            return parts
        if not parts:
            raise BadUpload(f"the archive's member {shown(name)} has no name: rename it")
        key = _folded(parts)
        if key in self._files:
            raise BadUpload(f"the archive's member {shown(name)} exists twice, or another one differs only in case")
        if key in self._folders:
            raise BadUpload(f"the archive's member {shown(name)} is both a file and a folder")
        self._files.add(key)
        return parts

    def _add_folder(self, parts: tuple[str, ...], name: str) -> None:
        if parts in self._known:
            return
        self._add_folder(parts[:-1], name)
        key = _folded(parts)
        if self._folders.setdefault(key, parts) != parts:
            raise BadUpload(
                f"the archive's member {shown(name)} is in a folder whose name differs from another only in case"
            )
        if key in self._files:
            raise BadUpload(f"the archive's member {shown(name)} is in a folder that is also a file")
        self._known.add(parts)


def _folded(parts: tuple[str, ...]) -> str:
    """Return the same text for names that some file systems treat as equal."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", "/".join(parts)).casefold())
