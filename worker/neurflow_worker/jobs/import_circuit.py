"""Import a circuit that was computed elsewhere: a bundle of the explorer, or a folder of ``neurflow trace``.

Nothing in it is trusted: ``neurflow_store.exports.bundle`` unpacks the archive, the engine validates the circuit, and
every picture is decoded, and encoded again if its file holds anything else.
"""

from __future__ import annotations

import shutil
import struct
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import PIL.Image

from neurflow.data.image_reading import read_image
from neurflow.result.circuit import Circuit
from neurflow.result.file_format import CIRCUIT_FILE, picture_bytes, validate_folder
from neurflow.terms.errors import DataError, FormatError
from neurflow_store import tables
from neurflow_store.artifacts import fetch
from neurflow_store.errors import BadUpload
from neurflow_store.exports.bundle import BundleInfo, read_bundle
from neurflow_store.repositories import results
from neurflow_worker.jobs.circuit_result import pictures_of, replace_with
from neurflow_worker.jobs.circuit_rows import columns, parts
from neurflow_worker.jobs.column_limits import check_fits
from neurflow_worker.jobs.pictures import TRACED_SIDE, WEBP, traced_image
from neurflow_worker.running.context import JobContext, Outcome, SaveResult
from neurflow_worker.running.plan import Stage
from neurflow_worker.running.progress import Progress
from neurflow_worker.running.saving import Saver

_LONGEST_NAME: Final = 200
_LONGEST_GROUP: Final = 220
_HEADER: Final = struct.Struct("<4sI4s4sI")


def run(job: JobContext) -> Outcome:
    """Run the job."""
    with job.worker.database.reading() as session:
        row = results.subject(session, tables.Circuit, job.claim.subject)
    job.progress.follow([Stage("unpacking", 1), Stage("saving", 9)])
    job.progress("unpacking", 0, 1)
    base = job.worker.settings.work / "imports"
    base.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=base))
    try:
        fetch(job.worker.store, str(job.claim.payload["archive"]), folder / "archive.zip")
        bundle = read_bundle(folder / "archive.zip", folder / "bundle")
        circuit = _circuit(bundle.folder)
        job.progress("unpacking", 1, 1)
        with Saver(job.worker.store) as saver:
            return Outcome(_save(circuit, bundle, row, saver, job.progress))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _circuit(folder: Path) -> Circuit:
    try:
        circuit = validate_folder(folder)
    except FormatError as error:
        # Do not reveal where the worker unpacked it.
        raise BadUpload(str(error).replace(f"{folder}/", "")) from None
    for group in circuit.groups:
        if len(group.id) > _LONGEST_GROUP:
            raise BadUpload(f"{CIRCUIT_FILE}: group id {group.id[:80]!r}… is longer than {_LONGEST_GROUP} characters")
    return circuit


def _save(circuit: Circuit, bundle: BundleInfo, row: tables.Circuit, saver: Saver, progress: Progress) -> SaveResult:
    folder = bundle.folder
    files = sorted({exemplar.file for group in circuit.groups for exemplar in group.exemplars})
    known = {position: path for position, path in bundle.images.items() if position < len(circuit.images)}
    total = len(files) + len(known)
    exemplars: dict[str, str] = {}
    for file in files:
        progress("saving", len(exemplars), total)
        exemplars[file] = saver.put(_as_webp(folder / file, file, None, picture_bytes), WEBP)
    images: dict[int, str] = {}
    for position, path in known.items():
        progress("saving", len(files) + len(images), total)
        images[position] = saver.put(_as_webp(path, f"images/{path.name}", TRACED_SIDE, traced_image), WEBP)
    data = (folder / CIRCUIT_FILE).read_bytes()
    pictures = pictures_of(circuit, saver, exemplars, images, _Pixels(folder, files), data)
    progress("saving", total, total)
    also = {"class_name": circuit.target.name, "parameters": columns(circuit, pictures)["result"]["parameters"]}
    if row.name == row.id:
        # It has no name of its own here.
        also["name"] = bundle.name or circuit.target.name[:_LONGEST_NAME].strip() or row.id
    check_fits({tables.Circuit: [columns(circuit, pictures) | also], **parts(circuit, pictures)})
    return replace_with(row.id, circuit, pictures, saver, **also)


@dataclass(frozen=True)
class _Pixels(Mapping[str, PIL.Image.Image]):
    """Exemplar pictures by ``file``, each decoded on access."""

    folder: Path
    files: list[str]

    def __getitem__(self, file: str) -> PIL.Image.Image:
        return read_image(self.folder / file, file)

    def __iter__(self) -> Iterator[str]:
        return iter(self.files)

    def __len__(self) -> int:
        return len(self.files)


def _as_webp(path: Path, name: str, most: int | None, anew: Callable[[PIL.Image.Image], bytes]) -> bytes:
    """Return a picture's file as it is if it holds nothing else and is small enough; else encode it again."""
    try:
        image = read_image(path, name)
    except DataError as error:
        raise BadUpload(str(error)) from None
    data = path.read_bytes()
    small = most is None or max(image.size) <= most
    return data if small and _is_bare(data) else anew(image)


def _is_bare(data: bytes) -> bool:
    """Return whether a WebP file consists of a single chunk of pixels: no metadata and no appended data."""
    if len(data) < _HEADER.size:
        return False
    riff, size, kind, chunk, length = _HEADER.unpack_from(data)
    whole = _HEADER.size + length + length % 2
    return (riff, kind) == (b"RIFF", b"WEBP") and chunk in (b"VP8 ", b"VP8L") and size + 8 == whole == len(data)
