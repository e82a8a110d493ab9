"""Save a reading as a folder: ``explanation.json`` and a picture of each group.

The JSON has the keys of :mod:`neurflow.lens.reading` and, if groups were knocked out, of
:mod:`neurflow.lens.knock_out`; each group names its picture in ``file``. ``pixels`` holds the requested pixel maps
(:mod:`neurflow.lens.pixels`), each with its picture.
"""

from __future__ import annotations

import importlib.metadata
import json
import re
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import PIL.Image

from neurflow.lens.knock_out import KnockOut
from neurflow.lens.overlays import overlay, pixel_overlay, small
from neurflow.lens.pixels import PixelMap
from neurflow.lens.reading import Reading
from neurflow.result.circuit import Circuit
from neurflow.result.file_format import picture_bytes
from neurflow.result.safe_files import new_folder

EXPLANATION_FILE: Final = "explanation.json"
_DIGITS: Final = 6


def save_explanation(
    out: Path,
    name: str,
    image: PIL.Image.Image,
    circuit: Circuit,
    reading: Reading,
    knocked: KnockOut | None = None,
    pixels: Sequence[PixelMap] = (),
) -> None:
    """Write a reading into the new folder ``out``, completely or not at all.

    Args:
        out: the folder, which must not exist.
        name: name of the image.
        image: the image, upright and in RGB.
        circuit: circuit of the reading.
        reading: reading of the image.
        knocked: effect of a knock-out.
        pixels: pixel maps of some groups.

    Raises:
        OutputError: ``out`` exists.
        StorageError: the disk is full or not writable. No partial folder is left.
    """
    picture = small(image)
    files = [_file("overlays", position, group.id) for position, group in enumerate(reading.groups)]
    pixel_files = [_file("pixels", position, one.group) for position, one in enumerate(pixels)]
    with new_folder(out) as write:
        for file, group in zip(files, reading.groups, strict=True):
            write(file, picture_bytes(overlay(picture, reading, group)))
        for file, one in zip(pixel_files, pixels, strict=True):
            write(file, picture_bytes(pixel_overlay(picture, reading, one)))
        content = _content(name, circuit, reading, files, knocked)
        content["pixels"] = [
            {**_short(asdict(one)), "file": file} for file, one in zip(pixel_files, pixels, strict=True)
        ]
        write(EXPLANATION_FILE, (json.dumps(content, ensure_ascii=False) + "\n").encode("utf-8", "replace"))


def _file(folder: str, position: int, id: str) -> str:
    """Name a picture recognisably after its group; unlike the group's id, the name is safe on any file system."""
    return f"{folder}/{position:03d}-{re.sub(r'[^A-Za-z0-9._-]', '-', id)[:60]}.webp"


def _content(
    name: str, circuit: Circuit, reading: Reading, files: list[str], knocked: KnockOut | None
) -> dict[str, Any]:
    content: dict[str, Any] = _short(asdict(reading))
    for group, file in zip(content["groups"], files, strict=True):
        group["file"] = file
    return {
        "engine_version": importlib.metadata.version("neurflow-explorer"),
        "image": name,
        "circuit": {
            "network": circuit.network.spec,
            "network_digest": circuit.network.digest,
            "data": circuit.data.spec,
            "target": asdict(circuit.target),
        },
        **content,
        "knock_out": None if knocked is None else _short(asdict(knocked)),
    }


def _short(value: Any) -> Any:
    """Round numbers to the precision of 32-bit floats, which they come from."""
    if isinstance(value, float):
        return float(f"{value:.{_DIGITS}g}")
    if isinstance(value, dict):
        return {key: _short(item) for key, item in value.items()}
    return [_short(item) for item in value] if isinstance(value, list | tuple) else value
