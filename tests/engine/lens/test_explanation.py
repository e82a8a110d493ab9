"""The folder of an explanation, number for number, of a reading made by hand."""

from __future__ import annotations

import dataclasses
import importlib.metadata
import json
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest

from neurflow.lens.explanation import save_explanation
from neurflow.lens.knock_out import KnockOut
from neurflow.lens.pixels import PixelMap
from neurflow.lens.reading import ClassChange, FiringMap, GroupReading, Reading, TopClass
from neurflow.result.circuit import Box
from neurflow.terms.errors import OutputError
from tests.engine.circuits import CIRCUIT

CAT = TopClass(0, "cät", 1.23456789, 0.987654321)
BOX = Box(0, 0, 8, 8)
IMAGE = PIL.Image.new("RGB", (8, 8), (200, 100, 50))


def _group(id: str, layer: str, light: float) -> GroupReading:
    return GroupReading(id, layer, 0.7, None, True, False, None, (0.7,), (0,), FiringMap(1, 1, (light,)))


IDS = [group.id for group in CIRCUIT.groups]
READING = Reading(
    8, 8, BOX, (BOX,), (CAT,), CAT, tuple(_group(g.id, g.layer, n / 4) for n, g in enumerate(CIRCUIT.groups))
)
PIXELS = (PixelMap("layer1/0", BOX, 1, 1, (1 / 3,), 1 / 3, 0.5), PixelMap("fc/0", BOX, 1, 1, (-2.0,), -2.0, -2.0))
CHANGE = ClassChange(0, "cät", (2.0, 1.0), (0.75, 0.25), (0.1, 0.05), (0.0, 0.0))
KNOCKED = KnockOut((("layer1/0", 0.0),), 2, (CHANGE,), (0, 1), 20, 3)


def _saved(out: Path, reading: Reading = READING, **more: Any) -> dict[str, Any]:
    save_explanation(out, "photo.png", IMAGE, CIRCUIT, reading, **more)
    told: dict[str, Any] = json.loads((out / "explanation.json").read_bytes())
    return told


def _files(out: Path) -> list[str]:
    return sorted(path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file())


def test_the_file_names_network_and_data(tmp_path: Path) -> None:
    told = _saved(tmp_path / "out")
    assert told["engine_version"] == importlib.metadata.version("neurflow-explorer")
    assert told["image"] == "photo.png"
    assert told["circuit"] == {
        "network": CIRCUIT.network.spec,
        "network_digest": CIRCUIT.network.digest,
        "data": CIRCUIT.data.spec,
        "target": {"name": "cat", "index": 0},
    }
    assert (told["knock_out"], told["pixels"]) == (None, [])


def test_numbers_have_six_digits_and_text_is_kept(tmp_path: Path) -> None:
    told = _saved(tmp_path / "out", pixels=PIXELS, knocked=KNOCKED)
    assert told["target"] == {"index": 0, "name": "cät", "logit": 1.23457, "probability": 0.987654}
    assert told["classes"] == [told["target"]]
    assert (told["width"], told["area"]) == (8, {"left": 0, "top": 0, "right": 8, "bottom": 8})
    first = told["groups"][0]
    assert (first["id"], first["fires"], first["percentile"], first["best"]) == (IDS[0], True, None, [0])
    assert told["pixels"][0] == {
        **dataclasses.asdict(PIXELS[0]),
        "values": [0.333333],
        "total": 0.333333,
        "file": "pixels/000-layer1-0.webp",
    }
    assert told["pixels"][1]["file"] == "pixels/001-fc-0.webp"
    assert told["knock_out"]["factors"] == [["layer1/0", 0.0]]
    assert (told["knock_out"]["predicted"], told["knock_out"]["seed"]) == ([0, 1], 3)
    assert told["knock_out"]["classes"][0]["probability"] == [0.75, 0.25]
    text = (tmp_path / "out" / "explanation.json").read_text("utf-8")
    assert "cät" in text and text.endswith("}\n")


def test_each_group_has_its_picture(tmp_path: Path) -> None:
    out = tmp_path / "out"
    told = _saved(out, pixels=PIXELS)
    names = [f"overlays/{position:03d}-{id.replace('/', '-')}.webp" for position, id in enumerate(IDS)]
    assert [group["file"] for group in told["groups"]] == names
    assert _files(out) == sorted(["explanation.json", *names, "pixels/000-layer1-0.webp", "pixels/001-fc-0.webp"])
    light = []
    for name in names:
        with PIL.Image.open(out / name) as picture:
            light.append(float(np.asarray(picture.convert("RGB"))[3:5, 3:5].mean()))
    assert light == sorted(light) and light[-1] > light[0] + 10, "each is of its own group"


@pytest.mark.parametrize(
    ("id", "file"),
    [
        ("a.b_c-9/1", "overlays/000-a.b_c-9-1.webp"),
        ("../x", "overlays/000-..-x.webp"),
        ("ü ☃/2", "overlays/000-----2.webp"),
        ("x" * 70, f"overlays/000-{'x' * 60}.webp"),
    ],
)
def test_file_names_are_valid_on_any_disk(tmp_path: Path, id: str, file: str) -> None:
    told = _saved(tmp_path / "out", dataclasses.replace(READING, groups=(_group(id, "x", 1.0),)))
    assert [group["file"] for group in told["groups"]] == [file]
    assert (tmp_path / "out" / file).is_file()


def test_a_name_that_is_not_text_is_replaced(tmp_path: Path) -> None:
    save_explanation(tmp_path / "out", "caf\udce9.png", IMAGE, CIRCUIT, READING)
    assert json.loads((tmp_path / "out" / "explanation.json").read_bytes())["image"] == "caf?.png"


def test_an_existing_folder_is_left_unchanged(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with pytest.raises(OutputError, match="out exists"):
        save_explanation(tmp_path / "out", "photo.png", IMAGE, CIRCUIT, READING)
    assert _files(tmp_path) == []
