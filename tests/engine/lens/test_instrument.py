"""The lens as a whole: which networks it accepts, what it does with any image, and what it keeps."""

from __future__ import annotations

import dataclasses
import io
from pathlib import Path

import numpy as np
import PIL.Image
import PIL.ImageOps
import pytest
import torch

from neurflow.data.image_reading import MAX_PIXELS
from neurflow.lens import Lens, Reading
from neurflow.lens.crops import CroppedImage, prepare
from neurflow.lens.knock_out import top_classes
from neurflow.network.preprocessing import Preprocessing
from neurflow.network.weights import digest
from neurflow.result.circuit import Box, Circuit, TargetClass
from neurflow.terms.errors import DataError, DeviceError, FormatError, LayerError, NetworkError
from tests.engine import planted
from tests.engine.lens.scene import Scene, scene

EXIF_ORIENTATION = 0x0112
PLAIN = Preprocessing(planted.SIZE, planted.SIZE, (0.0, 0.0, 0.0), (1.0, 1.0, 1.0))


@pytest.fixture
def quilt() -> Scene:
    return scene("plain", 0, (1.0, 0.5, 0.25))


def _same(one: Reading, other: Reading) -> None:
    assert dataclasses.replace(one, groups=()) == dataclasses.replace(other, groups=())
    assert [group.score for group in one.groups] == [group.score for group in other.groups]


def test_classes_equal_the_networks_own_prediction(quilt: Scene) -> None:
    image = quilt.traced[0]
    pixels = np.asarray(image.resize((planted.SIZE, planted.SIZE), PIL.Image.Resampling.BILINEAR))
    with torch.no_grad():
        logits = quilt.truth.network.module(torch.from_numpy(pixels / np.float32(255)).permute(2, 0, 1)[None])[0]
    classes = quilt.lens.analyse(image).classes
    assert [top.name for top in classes] == ["quilt", "other"]
    for top in classes:
        assert top.logit == pytest.approx(float(logits[top.index]), rel=1e-4)
        assert top.probability == pytest.approx(float(logits.softmax(0)[top.index]), rel=1e-4)


def test_the_circuits_own_class_is_reported_at_any_rank(quilt: Scene) -> None:
    reading = quilt.lens.analyse(quilt.traced[0])
    assert reading.target == reading.classes[0] and reading.target.name == "quilt"
    names = tuple(f"class {index}" for index in range(8))
    network = dataclasses.replace(quilt.circuit.network, classes=names)
    circuit = _with(quilt.circuit, network=network, target=TargetClass(names[2], 2))
    logits = torch.tensor([3.0, 1.0, -4.0, 2.0, 1.5, 0.0, 0.5, 2.5])
    classes, own = top_classes(logits, circuit)
    assert [top.index for top in classes] == [0, 7, 3, 4, 1]
    assert (own.index, own.name, own.logit) == (2, "class 2", -4.0)
    assert own.probability == pytest.approx(float(logits.softmax(0)[2]))


def test_a_reading_has_all_groups_in_the_circuits_order_and_its_crops(quilt: Scene) -> None:
    reading = quilt.lens.analyse(quilt.traced[0])
    assert [group.id for group in reading.groups] == [group.id for group in quilt.circuit.groups]
    assert (reading.width, reading.height, reading.area) == (32, 32, Box(0, 0, 32, 32))
    assert len(reading.crops) == 59 and all(len(group.crop_scores) == 59 for group in reading.groups)
    assert reading.group("fc/1").layer == "fc"
    with pytest.raises(KeyError):
        reading.group("fc/2")


def test_the_same_image_in_any_form_gives_the_same_reading(quilt: Scene, tmp_path: Path) -> None:
    image = quilt.traced[1]
    path = tmp_path / "a.png"
    image.save(path)
    first = quilt.lens.analyse(image)
    for given in (path, str(path), PIL.Image.open(path), quilt.lens.prepare(path)):
        assert quilt.lens.analyse(given) == first


def test_the_batch_size_does_not_matter(quilt: Scene) -> None:
    lens = Lens(quilt.truth.network, quilt.circuit, "cpu")
    lens._network.batch_size = 7
    one, other = lens.analyse(quilt.traced[0]), quilt.lens.analyse(quilt.traced[0])
    for first, second in zip(one.groups, other.groups, strict=True):
        assert first.crop_scores == pytest.approx(second.crop_scores, rel=1e-3, abs=1e-6)
        assert first.place.values == pytest.approx(second.place.values, rel=1e-3, abs=1e-5)


@pytest.mark.parametrize(("size", "crops", "views"), [(32, (1.0, 0.5), 10), (32, (0.5,), 10), (1, (1.0, 0.5), 1)])
def test_views_hold_no_duplicates(size: int, crops: tuple[float, ...], views: int) -> None:
    cut = CroppedImage.of(prepare(PIL.Image.new("RGB", (size, size)), PLAIN, crops), crops)
    assert len(cut.views) == len(set(cut.views)) == views
    assert {*cut.boxes, cut.image.area} == set(cut.views)
    assert cut.inputs(PLAIN).shape == (views, 3, planted.SIZE, planted.SIZE)


def test_the_whole_view_is_read_even_if_it_is_no_crop(quilt: Scene) -> None:
    """A circuit of half crops predicts the class like one with the whole image among its crops."""
    halves = scene("plain", 0, (0.5,))
    image = quilt.traced[0]
    assert len(halves.lens.analyse(image).crops) == 9
    for one, other in zip(halves.lens.analyse(image).classes, quilt.lens.analyse(image).classes, strict=True):
        assert one.logit == pytest.approx(other.logit, rel=1e-5)


# Images of every kind


def _saved(image: PIL.Image.Image, kind: str, **options: object) -> PIL.Image.Image:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    stream.seek(0)
    return PIL.Image.open(stream)


@pytest.mark.parametrize(
    ("mode", "kind"),
    [
        ("RGB", "JPEG"),
        ("CMYK", "JPEG"),
        ("L", "JPEG"),
        ("RGB", "PNG"),
        ("RGBA", "PNG"),
        ("LA", "PNG"),
        ("P", "PNG"),
        ("1", "PNG"),
        ("I;16", "PNG"),
        ("F", "TIFF"),
        ("P", "GIF"),
        ("RGB", "WEBP"),
        ("RGBA", "WEBP"),
        ("RGB", "BMP"),
        ("RGB", "PPM"),
    ],
)
def test_any_image_format_is_read(quilt: Scene, tmp_path: Path, mode: str, kind: str) -> None:
    image = quilt.traced[0]
    if mode == "I;16":
        image = PIL.Image.fromarray(np.asarray(image.convert("L")).astype(np.uint16) * 257)
    elif mode == "F":
        image = PIL.Image.fromarray(np.asarray(image.convert("L")).astype(np.float32) / 255)
    else:
        image = image.convert(mode)
    opened = _saved(image, kind)
    path = tmp_path / f"image.{kind.lower()}"
    image.save(path, kind)
    _same(quilt.lens.analyse(path), quilt.lens.analyse(opened))
    assert all(0 <= group.score < 100 for group in quilt.lens.analyse(path).groups)


@pytest.mark.parametrize("kind", ["GIF", "WEBP"])
def test_the_first_frame_of_an_animation_is_read(quilt: Scene, kind: str) -> None:
    first, *others = quilt.traced[:3]
    moving = _saved(first, kind, save_all=True, append_images=others, duration=50, lossless=True)
    assert getattr(moving, "n_frames", 1) == 3
    _same(quilt.lens.analyse(moving), quilt.lens.analyse(_saved(first, kind, lossless=True)))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_an_image_is_read_upright(quilt: Scene, orientation: int, kind: str) -> None:
    generator = np.random.default_rng(0)
    stored = PIL.Image.fromarray(generator.integers(0, 255, (24, 40, 3), dtype=np.uint8))
    exif = PIL.Image.Exif()
    exif[EXIF_ORIENTATION] = orientation
    turned = quilt.lens.analyse(_saved(stored, kind, exif=exif))
    assert (turned.width, turned.height) == ((40, 24) if orientation < 5 else (24, 40))
    _same(turned, quilt.lens.analyse(PIL.ImageOps.exif_transpose(_saved(stored, kind, exif=exif))))


def test_transparent_parts_are_read_on_white(quilt: Scene) -> None:
    image = quilt.traced[0]
    mask = PIL.Image.new("L", image.size, 255)
    mask.paste(0, (0, 0, 16, 16))
    clear = image.copy()
    clear.putalpha(mask)
    on_white = image.copy()
    on_white.paste("white", (0, 0, 16, 16))
    _same(quilt.lens.analyse(_saved(clear, "PNG")), quilt.lens.analyse(on_white))


def test_sixteen_bits_are_read_as_eight(quilt: Scene) -> None:
    grey = quilt.traced[0].convert("L")
    wide = PIL.Image.fromarray(np.asarray(grey).astype(np.uint16) * 257)
    _same(quilt.lens.analyse(_saved(wide, "PNG")), quilt.lens.analyse(grey))


@pytest.mark.parametrize("size", [(1, 1), (1, 200), (3, 2), (8000, 6000)], ids="{0[0]}x{0[1]}".format)
def test_an_image_of_any_size_is_read(quilt: Scene, tmp_path: Path, size: tuple[int, int]) -> None:
    path = tmp_path / "image.jpg"
    PIL.Image.new("RGB", size, (200, 80, 40)).save(path)
    reading = quilt.lens.analyse(path)
    assert (reading.width, reading.height) == size
    side = min(size)
    assert reading.area.right - reading.area.left == reading.area.bottom - reading.area.top == side
    ready = quilt.lens.prepare(path)
    assert max(ready.pixels.size) <= planted.SIZE * 4
    assert quilt.lens.rank(ready)
    assert quilt.lens.knock_out(ready, quilt.circuit.groups[0].id).classes


def test_a_given_image_is_not_changed(quilt: Scene) -> None:
    exif = PIL.Image.Exif()
    exif[EXIF_ORIENTATION] = 6
    image = _saved(quilt.traced[0], "PNG", exif=exif)
    quilt.lens.analyse(image)
    assert image.getexif()[EXIF_ORIENTATION] == 6 and image.info


def test_a_file_that_is_not_an_image_is_refused(quilt: Scene, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"nothing")
    with pytest.raises(DataError, match="is none of BMP, GIF"):
        quilt.lens.analyse(tmp_path / "a.png")
    with pytest.raises(DataError, match="does not exist"):
        quilt.lens.analyse(str(tmp_path / "b.png"))
    stream = io.BytesIO()
    quilt.traced[0].save(stream, "PNG")
    with pytest.raises(DataError, match="the image cannot be read"):
        quilt.lens.analyse(PIL.Image.open(io.BytesIO(stream.getvalue()[:-30])))
    side = int(MAX_PIXELS**0.5) + 1
    with pytest.raises(DataError, match="more than the limit"):
        quilt.lens.analyse(PIL.Image.new("1", (side, side)))


# Which networks are accepted


def _with(circuit: Circuit, **changes: object) -> Circuit:
    return dataclasses.replace(circuit, **changes)  # type: ignore[arg-type]


def test_another_network_is_refused(quilt: Scene) -> None:
    other = planted.plant("plain", 1).network
    assert digest(other.module) != quilt.circuit.network.digest
    with pytest.raises(NetworkError, match="planted/plain/1 has different weights from the network of this") as e:
        Lens(other, quilt.circuit)
    assert "load the traced network with its weights" in str(e.value)


def test_other_layers_are_refused(quilt: Scene) -> None:
    first, *rest = quilt.circuit.layers
    renamed = _with(quilt.circuit, layers=(dataclasses.replace(first, name="edge"), *rest))
    with pytest.raises(LayerError, match="layer 'edge' is not a cut point of the network"):
        Lens(quilt.truth.network, renamed)
    wider = _with(quilt.circuit, layers=(dataclasses.replace(first, shape=(16, 3, 3)), *rest))
    with pytest.raises(LayerError, match="which differ from the circuit's: trace the circuit again"):
        Lens(quilt.truth.network, wider)


def test_a_circuit_without_activations_is_refused(quilt: Scene) -> None:
    first, *rest = quilt.circuit.groups
    old = _with(quilt.circuit, groups=(dataclasses.replace(first, activations=None, image_scores=None), *rest))
    with pytest.raises(FormatError, match=f"does not hold the activations of group {first.id} .*: trace it again"):
        Lens(quilt.truth.network, old)


def test_a_missing_device_is_refused(quilt: Scene) -> None:
    with pytest.raises(DeviceError):
        Lens(quilt.truth.network, quilt.circuit, "abacus")


def test_the_lens_prepares_images_as_the_trace_did(quilt: Scene) -> None:
    """A network loaded with its default preprocessing gets the trace's."""
    size = dataclasses.replace(quilt.truth.network.preprocessing, mean=(0.5, 0.5, 0.5), resize=20)
    other = dataclasses.replace(quilt.truth.network, preprocessing=size)
    assert Lens(other, quilt.circuit, "cpu").analyse(quilt.traced[0]) == quilt.lens.analyse(quilt.traced[0])
