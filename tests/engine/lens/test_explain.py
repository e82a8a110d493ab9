"""``neurflow explain``: what it prints and writes, and what it refuses."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest
from click.testing import Result

from neurflow.data.image_reading import read_image
from neurflow.lens import FiringMap, Lens, PixelMap
from neurflow.lens.explanation import save_explanation
from neurflow.lens.overlays import DARK, SIDE, overlay, pixel_overlay, small
from neurflow.network.networks import load_network
from neurflow.result.circuit import Box
from neurflow.result.file_format import load_circuit, save_circuit
from tests.engine.circuits import pictures_of
from tests.engine.cli.workplace import NETWORK, PICTURES, Workplace, left, run, write_pictures


@dataclasses.dataclass(frozen=True)
class Bench:
    """A workplace with a circuit and a photograph that was not traced."""

    workplace: Workplace
    circuit: Path
    image: Path

    def explain(self, *more: str, network: bool = True) -> Result:
        named = self.workplace.network if network else []
        return run("explain", str(self.image), "--circuit", str(self.circuit), "--device", "cpu", *named, *more)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    folder = tmp_path_factory.mktemp("explain")
    (folder / "network.py").write_text(NETWORK)
    (folder / "classes.txt").write_text("".join(f"{name}\n" for name in PICTURES))
    write_pictures(folder / "pictures")
    workplace = Workplace(folder)
    assert workplace.trace(folder / "warm").exit_code == 0
    pixels = np.random.default_rng(5).integers(0, 255, (30, 700, 3), dtype=np.uint8)
    PIL.Image.fromarray(pixels).save(folder / "photo.png")
    return Bench(workplace, folder / "warm", folder / "photo.png")


def _lens(bench: Bench) -> Lens:
    spec = f"{bench.workplace.folder / 'network.py'}:make"
    network = load_network(spec, classes=bench.workplace.folder / "classes.txt", input_size=32, allow_code=True)
    return Lens(network, load_circuit(bench.circuit), "cpu")


def _refused(result: Result, *words: str) -> None:
    assert result.exit_code == 2, result.output
    assert result.stdout == "" and result.stderr.startswith("error: ") and result.stderr.count("\n") == 1
    for word in words:
        assert word in result.stderr


def test_the_top_classes_and_every_group_are_printed(bench: Bench) -> None:
    result = bench.explain()
    assert result.exit_code == 0, result.output
    rows = [line.split() for line in result.stdout.splitlines()]
    reading = _lens(bench).analyse(bench.image)
    for top in reading.classes:
        assert [top.name, f"{top.probability:.3f}"] in rows
    for group in reading.groups:
        state = ["fires"] if group.fires else ["silent"] if group.silent else []
        assert [group.layer, group.id, f"{group.score:.3f}", f"{group.percentile:.0f}", *state] in rows
    order = [row[0] for row in rows if len(row) > 3 and "/" in row[1]]
    assert list(dict.fromkeys(order)) == ["fc", "relu3", "relu2", "relu1"]


def test_the_effect_of_knock_outs_is_printed(bench: Bench) -> None:
    circuit = load_circuit(bench.circuit)
    names = [circuit.groups[0].id, circuit.groups[-2].id]
    result = bench.explain(*(word for name in names for word in ("--knock-out", name)))
    assert result.exit_code == 0, result.output
    found = _lens(bench).knock_out(bench.image, names)
    assert f"Without {', '.join(names)} ({found.neurons} neurons), against 20 random sets of as many:" in result.stdout
    for change in found.classes:
        assert f"{change.logit_change:+.3f}" in result.stdout
    _refused(bench.explain("--knock-out", "relu1/77"), "'relu1/77' is not a group of this circuit")


def test_pictures_and_numbers_are_written(bench: Bench, tmp_path: Path) -> None:
    out = tmp_path / "why"
    result = bench.explain("--out", str(out), "--knock-out", "relu3/1")
    assert result.stdout.splitlines()[-1] == f"Pictures and JSON are in {out}"
    assert left(tmp_path) == ["why"] and left(out) == ["explanation.json", "overlays"]
    told: dict[str, Any] = json.loads((out / "explanation.json").read_text("utf-8"))
    reading = _lens(bench).analyse(bench.image)
    assert (told["width"], told["height"]) == (700, 30)
    assert told["image"] == "photo.png"
    assert [group["id"] for group in told["groups"]] == [group.id for group in reading.groups]
    for group, expected in zip(told["groups"], reading.groups, strict=True):
        assert group["score"] == pytest.approx(expected.score, rel=1e-5)
        assert group["place"]["values"] == pytest.approx(expected.place.values, rel=1e-5)
        with PIL.Image.open(out / group["file"]) as picture:
            assert picture.format == "WEBP" and picture.size == (SIDE, 22)
    assert sorted(group["file"] for group in told["groups"]) == [f"overlays/{name}" for name in left(out / "overlays")]
    assert told["knock_out"]["factors"] == [["relu3/1", 0.0]]
    _refused(bench.explain("--out", str(out)), f"{out} exists")


def test_the_pixels_that_make_groups_fire_are_written(bench: Bench, tmp_path: Path) -> None:
    out, names = tmp_path / "why", ["relu3/1", "fc/1"]
    asked = [word for name in [*names, names[0]] for word in ("--pixels", name)]
    result = bench.explain("--out", str(out), *asked)
    assert result.exit_code == 0, result.output
    told: dict[str, Any] = json.loads((out / "explanation.json").read_text("utf-8"))
    assert [one["group"] for one in told["pixels"]] == names
    assert [one["file"] for one in told["pixels"]] == ["pixels/000-relu3-1.webp", "pixels/001-fc-1.webp"]
    assert left(out / "pixels") == ["000-relu3-1.webp", "001-fc-1.webp"]
    lens = _lens(bench)
    for one in told["pixels"]:
        expected = lens.pixels(bench.image, one["group"])
        assert one["values"] == pytest.approx(expected.values, rel=1e-3, abs=1e-6)
        assert one["box"] == dataclasses.asdict(expected.box)
        assert (one["total"], one["expected"]) == pytest.approx((expected.total, expected.expected), rel=1e-3)
        with PIL.Image.open(out / one["file"]) as picture:
            assert picture.size == (SIDE, 22)
    _refused(bench.explain("--pixels", "fc/1"), "--pixels draws pictures: name a new folder for them with --out")
    nowhere = tmp_path / "no"
    _refused(bench.explain("--out", str(nowhere), "--pixels", "relu1/77"), "'relu1/77' is not a group of this circuit")
    assert left(tmp_path) == ["why"]


def test_an_unreadable_image_leaves_nothing(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "no.png").write_bytes(b"no image")
    out = tmp_path / "out"
    arguments = ["--circuit", str(bench.circuit), *bench.workplace.network, "--out", str(out)]
    _refused(run("explain", str(tmp_path / "no.png"), *arguments), "no.png is damaged or is none of BMP")
    _refused(run("explain", str(tmp_path / "where.png"), *arguments), "where.png does not exist")
    assert left(tmp_path) == ["no.png"]


def test_code_named_by_a_circuit_is_not_run(bench: Bench) -> None:
    _refused(bench.explain(network=False), "is Python code, which is not run on the word of a file: name it with")


def test_the_circuit_s_own_network_is_the_default(bench: Bench, tmp_path: Path) -> None:
    """It is looked up by name, and no network here has that name."""
    circuit = load_circuit(bench.circuit)
    changed = dataclasses.replace(circuit, network=dataclasses.replace(circuit.network, spec="nowhere/net"))
    save_circuit(changed, pictures_of(changed), tmp_path / "other")
    result = run("explain", str(bench.image), "--circuit", str(tmp_path / "other"))
    _refused(result, "unknown network 'nowhere/net'")


def test_another_network_is_refused(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(NETWORK.replace("+= 50", "+= 51"))
    result = run("explain", str(bench.image), "--circuit", str(bench.circuit), "--network", f"{tmp_path}/net.py:make")
    _refused(result, "has different weights from the network of this circuit")


def test_an_overlay_is_bright_where_the_group_fires_and_dark_elsewhere(bench: Bench) -> None:
    image = PIL.Image.new("RGB", (80, 40), (200, 200, 200))
    reading = _lens(bench).analyse(image)
    values = np.zeros((32, 32))
    values[:16, :16] = 2.0
    place = FiringMap(32, 32, tuple(values.flatten().tolist()))
    group = dataclasses.replace(reading.groups[0], place=place, fires=False)
    shown = np.asarray(overlay(small(image), reading, group))[:, :, 0]
    area = reading.area
    middle = (area.left + area.right) // 2
    assert shown[5, area.left + 4 : middle - 4] == pytest.approx(200, abs=1)
    assert shown[5, middle + 4 : area.right] == pytest.approx(200 * DARK, abs=2)
    assert shown[:, : area.left] == pytest.approx(200 * DARK, abs=1)
    faint = dataclasses.replace(group, place=FiringMap(32, 32, tuple((values / 20).flatten().tolist())))
    assert np.asarray(overlay(small(image), reading, faint)).max() < 200 * (DARK + 0.12)


def test_pixels_are_warm_where_they_count_for_a_group_and_blue_where_against_it(bench: Bench) -> None:
    image = PIL.Image.new("RGB", (80, 40), (200, 120, 40))
    reading = _lens(bench).analyse(image)
    values = np.zeros((4, 4))
    values[:2, :2], values[2:, 2:] = 2.0, -0.5
    pixels = PixelMap("relu1/1", Box(20, 0, 60, 40), 4, 4, tuple(values.flatten().tolist()), 6.0, 6.0)
    shown = np.asarray(pixel_overlay(small(image), reading, pixels)).astype(int)
    grey = round(DARK * np.asarray(image.convert("L"))[0, 0])
    assert shown[5, 5].tolist() == shown[5, 75].tolist() == [grey] * 3
    assert shown[5, 25] == pytest.approx([255, 190, 60], abs=3)
    quarter = np.array([70, 130, 255]) / 4 + grey * 3 / 4
    assert shown[35, 55] == pytest.approx(quarter, abs=6)
    assert shown[35, 25] == pytest.approx([grey] * 3, abs=12)
    dark = dataclasses.replace(pixels, values=(0.0,) * 16)
    assert np.asarray(pixel_overlay(small(image), reading, dark))[5, 25].tolist() == [grey] * 3


@pytest.mark.parametrize("size", [(1, 1), (1, 900), (3000, 20)], ids="{0[0]}x{0[1]}".format)
def test_an_image_of_any_shape_has_overlays(bench: Bench, tmp_path: Path, size: tuple[int, int]) -> None:
    path = tmp_path / "image.png"
    PIL.Image.new("RGB", size, (90, 160, 40)).save(path)
    lens = _lens(bench)
    pixels = [lens.pixels(path, lens.circuit.groups[0].id)]
    read, reading = read_image(path, "image"), lens.analyse(path)
    save_explanation(tmp_path / "out", "image.png", read, lens.circuit, reading, None, pixels)
    assert len(left(tmp_path / "out" / "overlays")) == len(lens.circuit.groups)
    assert len(left(tmp_path / "out" / "pixels")) == 1
