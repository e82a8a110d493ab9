"""Names of members: which may be written below a folder, and whether two of them mean the same file."""

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
    """The parts of a member's path, none of which leads anywhere but down. ``.`` and empty ones are left out.

    Raises:
        BadUpload: it leads outside, or cannot be the name of a file everywhere.

    >>> safe_parts("./cats/7.png")
    ('cats', '7.png')
    """
    if name.startswith("/") or _DRIVE.match(name):
        raise BadUpload(f"the archive's member {shown(name)} has an absolute path: pack it with relative ones")
    if "\\" in name:
        raise BadUpload(f"the archive's member {shown(name)} has a backslash in its name: pack it with slashes")
    if _CONTROL.search(name):
        raise BadUpload(f"the archive's member {shown(name)} has a control character in its name: rename it")
    parts = tuple(part for part in name.split("/") if part not in ("", "."))
    if ".." in parts:
        raise BadUpload(f"the archive's member {shown(name)} leads outside of it, by ..")
    if len(name) > _LONGEST or any(len(part.encode()) > _LONGEST_PART_BYTES for part in parts):
        raise BadUpload(f"the archive's member {shown(name)} has too long a name: {_LONGEST_PART_BYTES} bytes are most")
    if len(parts) > _DEEPEST:
        raise BadUpload(f"the archive's member {shown(name)} lies {len(parts)} folders deep: {_DEEPEST} are most")
    return parts


class Paths:
    """All paths of an archive so far: a file stands there once, and no two names differ only in case."""

    def __init__(self) -> None:
        self._files: set[str] = set()
        self._folders: dict[str, tuple[str, ...]] = {}
        self._known: set[tuple[str, ...]] = {()}

    def add(self, name: str, is_folder: bool) -> tuple[str, ...]:
        """The parts of a further member's path.

        Raises:
            BadUpload: it is none, or is there already.
        """
        parts = safe_parts(name)
        self._add_folder(parts if is_folder else parts[:-1], name)
        if is_folder:
            return parts
        if not parts:
            raise BadUpload(f"the archive's member {shown(name)} has no name: pack it with one")
        key = _folded(parts)
        if key in self._files:
            raise BadUpload(f"the archive's member {shown(name)} is there twice, or another differs only in case")
        if key in self._folders:
            raise BadUpload(f"the archive's member {shown(name)} is a file, and a folder as well")
        self._files.add(key)
        return parts

    def _add_folder(self, parts: tuple[str, ...], name: str) -> None:
        if parts in self._known:
            return
        self._add_folder(parts[:-1], name)
        key = _folded(parts)
        if self._folders.setdefault(key, parts) != parts:
            raise BadUpload(f"the archive's member {shown(name)}: the names of two folders differ only in case")
        if key in self._files:
            raise BadUpload(f"the archive's member {shown(name)} lies in a folder that is a file as well")
        self._known.add(parts)


def _folded(parts: tuple[str, ...]) -> str:
    """The same for names that some file systems hold for the same."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", "/".join(parts)).casefold())
