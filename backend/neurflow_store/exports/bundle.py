"""A circuit as one archive that can be imported again, with everything that the explorer stores of it.

::

    circuit.json          as the engine wrote it (docs/file-format.md)
    patches/000012.webp   the picture of each exemplar, with the name from circuit.json
    images/000000.webp    the traced images by their position in circuit.json, where known
    explorer.json         {"format": "neurflow-bundle", "version": 1, "id": "cat-7k2m9", "name": "Cats"}

A folder that ``neurflow trace`` writes is a bundle without ``images`` and ``explorer.json``. The same circuit gives the
same archive, byte for byte.
"""

from __future__ import annotations

import json
import re
import shutil
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, BinaryIO, Final

from neurflow_store.archives.limits import Limits
from neurflow_store.errors import BadUpload
from neurflow_store.exports.bundle_members import CIRCUIT_FILE, EXPLORER_FILE, LIMITS, opened_bundle
from neurflow_store.ids import PATTERN

FORMAT: Final = "neurflow-bundle"
VERSION: Final = 1

_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_LONGEST_ID: Final = 64
_LONGEST_NAME: Final = 200

Source = bytes | Callable[[], BinaryIO]
"""The content of a file, or a function that opens it."""


@dataclass(frozen=True)
class BundleInfo:
    """An unpacked bundle: its folder, its id and name, and the files of its images by position."""

    folder: Path
    id: str | None
    name: str | None
    images: Mapping[int, Path]


@dataclass(frozen=True)
class BundleLabel:
    """A bundle's id and name, and the digest of its ``circuit.json``."""

    id: str | None
    name: str | None
    file: str


def explorer_json(id: str | None, name: str | None) -> bytes:
    """Return the content of ``explorer.json``."""
    facts = {"format": FORMAT, "version": VERSION, "id": id, "name": name}
    return json.dumps(facts, indent=2).encode() + b"\n"


def bundle_files(
    circuit_json: bytes,
    pictures: Mapping[str, Source],
    images: Mapping[int, Source],
    id: str | None = None,
    name: str | None = None,
) -> Iterator[tuple[str, Source]]:
    """Yield the files of a bundle by name, in the order in which they are written.

    Args:
        circuit_json: as stored.
        pictures: of the exemplars, by their ``file`` in ``circuit_json``.
        images: the traced images, as WebP, by position.
        id: the circuit's id, if it has one.
        name: its display name, if known.
    """
    yield CIRCUIT_FILE, circuit_json
    if id is not None or name is not None:
        yield EXPLORER_FILE, explorer_json(id, name)
    yield from sorted(pictures.items())
    for position, source in sorted(images.items()):
        yield f"images/{position:06d}.webp", source


def write_zip(file: IO[bytes], files: Iterable[tuple[str, Source]]) -> None:
    """Write files into a zip archive that depends on nothing else."""
    with zipfile.ZipFile(file, "w") as archive:
        for name, source in files:
            member = zipfile.ZipInfo(name, _EPOCH)
            member.create_system = 3  # the same on every system
            member.external_attr = 0o100644 << 16
            # WebP does not compress any further.
            member.compress_type = zipfile.ZIP_STORED if name.endswith(".webp") else zipfile.ZIP_DEFLATED
            with archive.open(member, "w") as target:
                _copy(source, target)


def read_label(archive: Path, limits: Limits = LIMITS) -> BundleLabel:
    """Return a bundle's label before it is unpacked, after checking its members as far as possible.

    Raises:
        BadUpload: the archive is refused, with the member and the reason.
    """
    with opened_bundle(archive, limits) as members:
        digest = members.digest(CIRCUIT_FILE)
        explorer = members.read(EXPLORER_FILE)
    facts = {} if explorer is None else _explorer(explorer)
    return BundleLabel(facts.get("id"), facts.get("name"), digest)


def read_bundle(archive: Path, folder: Path, limits: Limits = LIMITS) -> BundleInfo:
    """Unpack a bundle, or a zip of what ``neurflow trace`` wrote, into the new folder ``folder``.

    The engine checks ``circuit.json`` and that its pictures exist; whoever decodes a picture checks that it can be
    shown.

    Raises:
        BadUpload: the archive is refused, with the member and the reason; ``folder`` does not exist then.
    """
    with opened_bundle(archive, limits) as members:
        members.unpack(folder)
    try:
        return read_folder(folder)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def read_folder(folder: Path) -> BundleInfo:
    """Return the metadata of a folder with a circuit.

    Raises:
        BadUpload: its ``explorer.json`` is invalid, or of a newer version.
    """
    path = folder / EXPLORER_FILE
    facts = _explorer(path.read_bytes()) if path.is_file() else {}
    images = {int(file.stem): file for file in sorted((folder / "images").glob("*.webp")) if _is_image(file)}
    return BundleInfo(folder, facts.get("id"), facts.get("name"), images)


def _copy(source: Source, target: IO[bytes]) -> None:
    if isinstance(source, bytes):
        target.write(source)
    else:
        with source() as stream:
            shutil.copyfileobj(stream, target)


def _is_image(file: Path) -> bool:
    return re.fullmatch(r"[0-9]{6}", file.stem) is not None and file.is_file() and not file.is_symlink()


def _explorer(data: bytes) -> dict[str, Any]:
    try:
        facts = json.loads(data)
    except (ValueError, RecursionError):
        raise BadUpload(f"{EXPLORER_FILE} is not valid JSON") from None
    if not isinstance(facts, dict) or facts.get("format") != FORMAT:
        raise BadUpload(f'{EXPLORER_FILE} does not contain "format": "{FORMAT}"')
    version, id, name = facts.get("version"), facts.get("id"), facts.get("name")
    if not isinstance(version, int) or version < 1:
        raise BadUpload(f"{EXPLORER_FILE}: version {version!r} is not a positive integer")
    if version > VERSION:
        raise BadUpload(f"{EXPLORER_FILE}: version {version} is newer than {VERSION}: update neurflow-explorer")
    if id is not None and not (isinstance(id, str) and len(id) <= _LONGEST_ID and re.fullmatch(PATTERN, id)):
        raise BadUpload(f"{EXPLORER_FILE}: id {id!r:.80} is invalid: use lower-case letters, digits and hyphens")
    if name is not None and not (isinstance(name, str) and 0 < len(name) <= _LONGEST_NAME):
        raise BadUpload(f"{EXPLORER_FILE}: name {name!r:.80} is invalid: use 1 to {_LONGEST_NAME} characters")
    return {"id": id, "name": name}
