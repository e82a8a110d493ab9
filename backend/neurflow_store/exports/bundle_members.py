"""The members of a bundle: allowed names and sizes, at its top or in one folder there.

:mod:`neurflow_store.archives.zip_members` reads the untrusted archive. Here names that do not belong to a circuit are
refused, files that macOS adds are skipped, and a refused archive leaves nothing on disk.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from neurflow_store.archives.limits import Limits, shown
from neurflow_store.archives.members import Member
from neurflow_store.archives.zip_members import opened_zip
from neurflow_store.errors import BadUpload

CIRCUIT_FILE: Final = "circuit.json"
EXPLORER_FILE: Final = "explorer.json"
MIB: Final = 1024 * 1024
LIMITS: Final = Limits(
    files=60_000, bytes=2048 * MIB, ratio=200, remedy="pack only what an export or `neurflow trace` wrote"
)
"""The default limits of a bundle."""
_LARGEST: Final = (
    (re.compile(r"circuit\.json"), 256 * MIB),
    (re.compile(r"explorer\.json"), MIB // 16),
    (re.compile(r"patches/[a-z0-9_-]{1,100}\.webp"), 16 * MIB),
    (re.compile(r"images/[0-9]{6}\.webp"), 16 * MIB),
)


class BundleMembers:
    """The files of an open bundle by their names below its top folder."""

    def __init__(self, files: Mapping[str, tuple[Member, int]]) -> None:
        self._files = files

    def read(self, name: str) -> bytes | None:
        """Return a file's bytes; ``None`` if it does not exist."""
        return b"".join(self._chunks(name)) if name in self._files else None

    def digest(self, name: str) -> str:
        """Return the digest of a file's bytes, read in pieces."""
        digest = hashlib.sha256()
        for chunk in self._chunks(name):
            digest.update(chunk)
        return f"sha256:{digest.hexdigest()}"

    def unpack(self, folder: Path) -> None:
        """Unpack all files into the new folder ``folder``, which does not exist if that fails."""
        folder.mkdir(parents=True)
        try:
            for name in self._files:
                path = folder / name
                path.parent.mkdir(exist_ok=True)
                with path.open("xb") as out:
                    for chunk in self._chunks(name):
                        out.write(chunk)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise

    def _chunks(self, name: str) -> Iterator[bytes]:
        member, most = self._files[name]
        out = 0
        for chunk in member.chunks():
            out += len(chunk)
            if out > most:
                raise BadUpload(f"the archive's member {shown(member.name)} is larger than {most:,} bytes")
            yield chunk


@contextmanager
def opened_bundle(path: Path, limits: Limits = LIMITS) -> Iterator[BundleMembers]:
    """Open a bundle and check all its members.

    Raises:
        TooLarge: it exceeds ``limits``; also while it is read.
        BadUpload: with the member and the reason; also while it is read.
    """
    with path.open("rb") as stream, opened_zip(stream, limits, large=False) as members:
        files = {name: (member, _largest(name, member)) for name, member in _files(members).items()}
        yield BundleMembers(files)


def _files(members: Sequence[Member]) -> dict[str, Member]:
    """Return the files by their names below the archive's top folder, if it has one."""
    files = {"/".join(member.parts): member for member in members if not (member.is_folder or _is_noise(member.parts))}
    tops = {name.partition("/")[0] for name in files}
    if CIRCUIT_FILE not in files and len(tops) == 1 and f"{(top := next(iter(tops)))}/{CIRCUIT_FILE}" in files:
        files = {name.removeprefix(f"{top}/"): member for name, member in files.items()}
    if CIRCUIT_FILE not in files:
        raise BadUpload(
            f"the archive has no {CIRCUIT_FILE} at its top or in one folder there: upload an exported bundle"
        )
    return files


def _is_noise(parts: tuple[str, ...]) -> bool:
    return "__MACOSX" in parts[:1] or parts[-1:] == (".DS_Store",)


def _largest(name: str, member: Member) -> int:
    most = next((most for pattern, most in _LARGEST if pattern.fullmatch(name)), None)
    if most is None:
        raise BadUpload(f"the archive's member {shown(member.name)} does not belong to a circuit: remove it")
    return most
