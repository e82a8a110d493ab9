"""Save and load a circuit: a folder with ``circuit.json`` and exemplar pictures (see ``docs/file-format.md``).

1. A circuit is checked before anything is written, and whenever it is read.
2. It is written into a hidden folder next to its destination, flushed to disk, then renamed: a folder with the
   circuit's name always holds a complete circuit.
3. Files read are not trusted: sizes are limited, links that lead outside are refused, and nothing is unpickled.
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
# Lossless costs little for small pictures, where blurred edges would show most.
_LOSSLESS_PIXELS = 128 * 128
_QUALITY = 90


def save_circuit(circuit: Circuit, pictures: Mapping[str, PIL.Image.Image], out: Path) -> None:
    """Write a circuit and its exemplars' pictures into the new folder ``out``.

    Args:
        circuit: the circuit. The same circuit gives the same ``circuit.json``, byte for byte.
        pictures: the picture of each exemplar by its ``file``, in RGB, of any size. They are accessed one by one, so a
            lazy mapping need not hold them all.
        out: the folder, which must not exist. Its parent folders are created.

    Raises:
        OutputError: ``out`` exists.
        FormatError: the circuit is not valid, or ``pictures`` do not match its exemplars' files.
        StorageError: the disk is full or not writable. No partial folder is left.
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
    """Load the circuit in ``folder``, equal to the saved one to the last bit of every number.

    Its pictures are not checked; :func:`validate_folder` checks them.

    Raises:
        FormatError: there is no circuit or it is not valid: one message for up to ten problems with their values.
    """
    folder = Path(folder)
    path = folder / CIRCUIT_FILE
    try:
        data = read_start(plain_file(folder, CIRCUIT_FILE), MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            raise FormatError(f"is larger than {MOST_BYTES:,} bytes, the limit")
        circuit = decode(data)
        check(circuit)
    except FormatError as error:
        raise FormatError(f"{path}: {error}") from error
    return circuit


def validate_circuit(circuit: Circuit) -> Circuit:
    """Check the types, ranges, references and sums of a circuit in memory.

    Returns:
        The circuit as it would be loaded from a file: equal, with plain Python numbers throughout.

    Raises:
        FormatError: the circuit is not valid: one message for up to ten problems with their values.
    """
    circuit = decode(encode(circuit))
    check(circuit)
    return circuit


def validate_folder(folder: Path) -> Circuit:
    """Load the circuit in ``folder`` and check that every exemplar's picture exists as WebP.

    Raises:
        FormatError: as in :func:`load_circuit`; or a picture is missing, not WebP, or a link that leads outside.
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
    """Encode a picture as WebP in RGB, lossless if it is small. The same pixels give the same bytes."""
    stream = io.BytesIO()
    lossless = picture.width * picture.height <= _LOSSLESS_PIXELS
    # Drop metadata: a camera may have stored private data such as its location.
    picture.convert("RGB").save(
        stream, "WEBP", lossless=lossless, quality=_QUALITY, method=4, exif=b"", icc_profile=b"", xmp=b""
    )
    return stream.getvalue()


def _check_same(files: list[str], pictures: Mapping[str, PIL.Image.Image]) -> None:
    given = set(pictures)
    missing = (f"no picture is given for {shown(file)}" for file in files if file not in given)
    extra = (f"{shown(file)} is a picture that no exemplar uses" for file in sorted(given - set(files)))
    raise_problems(chain(missing, extra))


def _picture(folder: Path, file: str) -> str | None:
    """Return what is wrong with a picture, or ``None``; its first bytes identify WebP."""
    try:
        head = read_start(plain_file(folder, file), 12)
    except FormatError as error:
        return str(error)
    return None if head[:4] == b"RIFF" and head[8:12] == b"WEBP" else "is not a WebP picture"
