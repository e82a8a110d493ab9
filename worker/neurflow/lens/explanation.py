"""What the lens saw in an image, as a folder: ``explanation.json`` and a picture for each group.

The JSON has the keys of :mod:`neurflow.lens.reading` and, if groups were knocked out, of
:mod:`neurflow.lens.knock_out`; each group names its picture in ``file``. ``pixels`` has the maps that were asked for
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
    """Write a reading into the new folder ``out``, whole or not at all.

    Args:
        out: must not exist.
        name: of the image.
        image: upright and in RGB.
        circuit: through which was looked.
        reading: of the image.
        knocked: what groups were knocked out, with the effect.
        pixels: maps of pixels of some groups.

    Raises:
        OutputError: ``out`` exists.
        StorageError: the disk is full or cannot be written; nothing is left behind.
    """
    picture = small(image)
    files = [_file("overlays", position, group.id) for position, group in enumerate(reading.groups)]
    pixel_files = [_file("pixels", position, one.group) for position, one in enumerate(pixels)]
    with new_folder(out) as write:
        for file, group in zip(files, reading.groups, strict=True):
            write(file, picture_bytes(overlay(picture, reading, group)))
        for file, one in zip(pixel_files, pixels, strict=True):
            write(file, picture_bytes(pixel_overlay(picture, reading, one)))
        told = _told(name, circuit, reading, files, knocked)
        told["pixels"] = [{**_short(asdict(one)), "file": file} for file, one in zip(pixel_files, pixels, strict=True)]
        write(EXPLANATION_FILE, (json.dumps(told, ensure_ascii=False) + "\n").encode("utf-8", "replace"))


def _file(folder: str, position: int, id: str) -> str:
    """A picture's name, which a person may know the group by; unlike a group's id it is safe on any disk."""
    return f"{folder}/{position:03d}-{re.sub(r'[^A-Za-z0-9._-]', '-', id)[:60]}.webp"


def _told(name: str, circuit: Circuit, reading: Reading, files: list[str], knocked: KnockOut | None) -> dict[str, Any]:
    told: dict[str, Any] = _short(asdict(reading))
    for group, file in zip(told["groups"], files, strict=True):
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
        **told,
        "knock_out": None if knocked is None else _short(asdict(knocked)),
    }


def _short(value: Any) -> Any:
    """Numbers with as many digits as they are worth: they come from 32-bit floats."""
    if isinstance(value, float):
        return float(f"{value:.{_DIGITS}g}")
    if isinstance(value, dict):
        return {key: _short(item) for key, item in value.items()}
    return [_short(item) for item in value] if isinstance(value, list | tuple) else value
