"""A circuit on disk: a folder with ``circuit.json`` and the pictures of its exemplars, as ``docs/file-format.md`` says.

1. A circuit is checked before a byte is written, and again whenever it is read.
2. It is written into a hidden folder beside its place, flushed to the disk and then renamed: a folder with the
   circuit's name is a whole circuit, or is not there.
3. Reading trusts nothing: sizes are capped, links that lead outside are refused, and nothing is ever unpickled.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from itertools import chain
from pathlib import Path

import PIL.Image

from neurflow.result.circuit import Circuit
from neurflow.result.circuit_checks import check
from neurflow.result.circuit_json import comparable, decode, encode, json_schema, schema_text
from neurflow.result.problems import raise_problems, shown
from neurflow.result.safe_files import new_folder, plain_file, read_start, refuse_existing
from neurflow.terms.errors import FormatError

__all__ = [
    "CIRCUIT_FILE",
    "comparable",
    "json_schema",
    "load_circuit",
    "picture_bytes",
    "save_circuit",
    "schema_text",
    "validate_circuit",
    "validate_folder",
]

CIRCUIT_FILE = "circuit.json"
MOST_BYTES = 256 * 1024 * 1024
# Small pictures cost little without loss, and blurred edges would be most of what they show.
_LOSSLESS_PIXELS = 128 * 128
_QUALITY = 90


def save_circuit(circuit: Circuit, pictures: Mapping[str, PIL.Image.Image], out: Path) -> None:
    """Writes a circuit and the pictures of its exemplars into the new folder ``out``.

    Args:
        circuit: what to write. The same circuit gives the same ``circuit.json``, byte for byte.
        pictures: the picture of each exemplar by its ``file``, in RGB, of any size. Asked for one by one, so that
            a lazy mapping need not hold them all.
        out: must not exist. Folders above it are made.

    Raises:
        OutputError: ``out`` exists.
        FormatError: the circuit is not valid, or ``pictures`` are not those that its exemplars name.
        StorageError: the disk is full or cannot be written. Nothing is left behind.
    """
    refuse_existing(out)
    circuit = validate_circuit(circuit)
    files = sorted({exemplar.file for group in circuit.groups for exemplar in group.exemplars})
    _check_same(files, pictures)
    with new_folder(out) as write:
        for file in files:
            write(file, picture_bytes(pictures[file]))
        write(CIRCUIT_FILE, encode(circuit))


def load_circuit(folder: Path | str) -> Circuit:
    """Reads the circuit in ``folder``; equal to the one that was saved, to the last bit of every number.

    Its pictures are not looked at; :func:`validate_folder` does that.

    Raises:
        FormatError: there is none, or it is not valid: one message for up to ten places with their values.
    """
    folder = Path(folder)
    path = folder / CIRCUIT_FILE
    try:
        data = read_start(plain_file(folder, CIRCUIT_FILE), MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            raise FormatError(f"is larger than {MOST_BYTES:,} bytes, the most that is read")
        circuit = decode(data)
        check(circuit)
    except FormatError as error:
        raise FormatError(f"{path}: {error}") from error
    return circuit


def validate_circuit(circuit: Circuit) -> Circuit:
    """Checks types, ranges, references and sums of a circuit in memory.

    Returns:
        The circuit as it would be read back: equal, with plain Python numbers throughout.

    Raises:
        FormatError: one message for up to ten places with their values.
    """
    circuit = decode(encode(circuit))
    check(circuit)
    return circuit


def validate_folder(folder: Path) -> Circuit:
    """Reads the circuit in ``folder`` and checks that the picture of every exemplar is there, as WebP.

    Raises:
        FormatError: as in :func:`load_circuit`; or pictures that are missing, no WebP, or links that lead outside.
    """
    circuit = load_circuit(folder)
    files = {
        exemplar.file: f"groups[{position}].exemplars[{place}].file"
        for position, group in reversed(list(enumerate(circuit.groups)))
        for place, exemplar in reversed(list(enumerate(group.exemplars)))
    }
    found = ((file, _picture(folder, file)) for file in sorted(files))
    raise_problems(f"{files[file]}: {folder / file} {wrong}" for file, wrong in found if wrong)
    return circuit


def picture_bytes(picture: PIL.Image.Image) -> bytes:
    """A picture as it is written: WebP in RGB, without loss where it is small. The same pixels give the same bytes."""
    stream = io.BytesIO()
    lossless = picture.width * picture.height <= _LOSSLESS_PIXELS
    # What the camera wrote beside the pixels, a place perhaps, is nobody's business.
    picture.convert("RGB").save(
        stream, "WEBP", lossless=lossless, quality=_QUALITY, method=4, exif=b"", icc_profile=b"", xmp=b""
    )
    return stream.getvalue()


def _check_same(files: list[str], pictures: Mapping[str, PIL.Image.Image]) -> None:
    given = set(pictures)
    missing = (f"no picture is given for {shown(file)}" for file in files if file not in given)
    extra = (f"{shown(file)} is a picture that no exemplar names" for file in sorted(given - set(files)))
    raise_problems(chain(missing, extra))


def _picture(folder: Path, file: str) -> str | None:
    """What is wrong with a picture, if anything; its first bytes are enough to tell WebP from the rest."""
    try:
        head = read_start(plain_file(folder, file), 12)
    except FormatError as error:
        return str(error)
    return None if head[:4] == b"RIFF" and head[8:12] == b"WEBP" else "is no WebP picture"
