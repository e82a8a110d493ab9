"""A thousand damaged image files: each is read or refused with a DataError."""

from __future__ import annotations

import io
import sys
from collections import Counter
from typing import Any

import numpy as np
import PIL.Image
import pytest

from neurflow.data.image_reading import read_image
from neurflow.lens.crops import CroppedImage, prepare
from neurflow.network.preprocessing import Preprocessing
from neurflow.terms.errors import DataError

TRIED = 1000
SMALL = Preprocessing(16, 16, (0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
KINDS = (
    "JPEG",
    "PNG",
    "GIF",
    "WEBP",
    "BMP",
    "TIFF",
    "PPM",
    "AVIF",
    "JPEG2000",
    "ICO",
    "TGA",
    "PCX",
    "SGI",
    "QOI",
    "DDS",
)


def _sound(generator: np.random.Generator) -> list[tuple[str, bytes]]:
    """Return one small file of each kind, some with metadata, transparency or several frames."""
    pixels = [PIL.Image.fromarray(generator.integers(0, 255, (20, 24, 3), dtype=np.uint8)) for _ in range(2)]
    exif = PIL.Image.Exif()
    exif[0x0112] = 6
    found = []
    for kind in KINDS:
        options: dict[str, Any] = {"exif": exif} if kind in ("JPEG", "PNG", "WEBP") else {}
        if kind == "GIF":
            options = {"save_all": True, "append_images": pixels[1:]}
        stream = io.BytesIO()
        pixels[0].save(stream, kind, **options)
        found.append((kind, stream.getvalue()))
    stream = io.BytesIO()
    pixels[0].convert("RGBA").save(stream, "PNG")
    return [*found, ("PNG", stream.getvalue())]


def _mutated(data: bytes, generator: np.random.Generator) -> bytes:
    """Flip, cut out, double or truncate bytes; more often at the start, where sizes are stored."""
    changed = bytearray(data)
    for _ in range(int(generator.integers(1, 6))):
        most = min(len(changed), 64) if generator.random() < 0.5 else len(changed)
        if most < 2:
            break
        place = int(generator.integers(most))
        what = generator.random()
        if what < 0.6:
            changed[place] = int(generator.integers(256))
        elif what < 0.75:
            del changed[place : place + int(generator.integers(1, 20))]
        elif what < 0.9:
            changed[place:place] = changed[place : place + int(generator.integers(1, 20))]
        else:
            del changed[place:]
    return bytes(changed)


@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::RuntimeWarning")
def test_damaged_files_are_read_or_refused(capsys: pytest.CaptureFixture[str]) -> None:
    generator = np.random.default_rng(0)
    sound, ends = _sound(generator), Counter[str]()
    for number in range(TRIED):
        kind, data = sound[number % len(sound)]
        broken = _mutated(data, generator)
        try:
            image = read_image(io.BytesIO(broken), f"{number}.{kind.lower()}")
        except DataError as error:
            assert "\n" not in str(error)
            ends["refused"] += 1
            continue
        ready = prepare(image, SMALL, (1.0, 0.5))
        cut = CroppedImage.of(ready, (1.0, 0.5))
        assert cut.inputs(SMALL).shape == (len(cut.views), 3, 16, 16)
        ends["read"] += 1
    with capsys.disabled():
        sys.stdout.write(f"\n{TRIED} mutated files tried: {ends['read']} read, {ends['refused']} refused\n")
    assert ends["read"] + ends["refused"] == TRIED
    assert min(ends.values()) > TRIED / 20
