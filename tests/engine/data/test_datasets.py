"""Data sets by name: their images and labels, and how each kind of image file is read."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import pickle
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import PIL.ImageOps
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torchvision import datasets as torchvision_datasets

from neurflow.data import image_reading
from neurflow.data.image_reading import read_image
from neurflow.data.images import ImageRef, left_out
from neurflow.data.torchvision_dataset import SUPPORTED
from neurflow.datasets import load_dataset
from neurflow.terms.errors import DataError

Save = Callable[..., Path]


@pytest.fixture
def save(tmp_path: Path) -> Save:
    """Write a small picture below the test's folder."""

    def write(name: str, image: PIL.Image.Image | None = None, **options: Any) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        (image or PIL.Image.new("RGB", (6, 4), "red")).save(path, **options)
        return path

    return write


def _folder(path: Path) -> list[tuple[str, str | None, str | None]]:
    return [(ref.id, ref.label, ref.split) for ref in load_dataset(f"folder/{path}").images]


def _pixels(path: Path) -> np.ndarray[Any, np.dtype[np.uint8]]:
    return np.asarray(read_image(path, path.name))


# Which images a folder holds


def test_sub_folders_are_classes_at_any_depth_in_sorted_order(save: Save, tmp_path: Path) -> None:
    for name in ("dog/b.png", "cat/2.jpg", "cat/kittens/small/1.PNG", "cat/10.webp", "dog/a.tif", "loose.bmp"):
        save(name)
    (tmp_path / "cat" / "notes.txt").write_text("no image", encoding="utf-8")
    assert _folder(tmp_path) == [
        ("cat/10.webp", "cat", None),
        ("cat/2.jpg", "cat", None),
        ("cat/kittens/small/1.PNG", "cat", None),
        ("dog/a.tif", "dog", None),
        ("dog/b.png", "dog", None),
        ("loose.bmp", None, None),
    ]


def test_a_folder_of_images_only_has_no_labels(save: Save, tmp_path: Path) -> None:
    save("b.png")
    save("a.png")
    assert _folder(tmp_path) == [("a.png", None, None), ("b.png", None, None)]


@pytest.mark.parametrize("held_out", ["test", "val", "validation", "Val"])
def test_train_and_test_folders_are_splits(held_out: str, save: Save, tmp_path: Path) -> None:
    for name in (f"{held_out}/cat/x/1.png", "train/cat/1.png", "train/dog/1.png", "train/loose.png", "other/1.png"):
        save(name)
    assert sorted(_folder(tmp_path)) == sorted(
        [
            (f"{held_out}/cat/x/1.png", "cat", "test"),
            ("train/cat/1.png", "cat", "train"),
            ("train/dog/1.png", "dog", "train"),
            ("train/loose.png", None, "train"),
        ]
    )


def test_a_folder_named_train_on_its_own_is_a_class(save: Save, tmp_path: Path) -> None:
    save("train/1.png")
    save("bus/1.png")
    assert _folder(tmp_path) == [("bus/1.png", "bus", None), ("train/1.png", "train", None)]


def test_the_path_may_be_relative_or_absolute(save: Save, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save("photos/cat/1.png")
    monkeypatch.chdir(tmp_path)
    for spec in ("folder/photos", "folder/./photos", f"folder/{tmp_path}/photos", f"folder//{tmp_path}/photos/"):
        dataset = load_dataset(spec)
        assert dataset.spec == spec
        assert dataset.images == (ImageRef("cat/1.png", "cat"),)
        assert dataset.load(dataset.images[0]).size == (6, 4)


SUPPORTED_SUFFIXES = [".png", ".pgm", ".jfif", ".avif", ".jp2", ".ico", ".tga", ".qoi", ".sgi", ".pcx", ".dib", ".apng"]


@pytest.mark.parametrize("suffix", SUPPORTED_SUFFIXES)
def test_what_pillow_opens_is_an_image(suffix: str, save: Save, tmp_path: Path) -> None:
    mode = "L" if suffix == ".pgm" else "RGB"
    save(f"cat/1{suffix}", PIL.Image.new(mode, (6, 4), "red" if mode == "RGB" else 7))
    dataset = load_dataset(f"folder/{tmp_path}")
    assert [ref.id for ref in dataset.images] == [f"cat/1{suffix}"]
    assert dataset.load(dataset.images[0]).mode == "RGB"
    assert left_out(dataset) == ()


def test_an_image_is_known_by_its_content(save: Save, tmp_path: Path) -> None:
    save("cat/1.png").rename(tmp_path / "cat" / "without-suffix")
    save("cat/2.jpg").rename(tmp_path / "cat" / "2.download")
    (tmp_path / "cat" / "notes.txt").write_text("no image, but a text", encoding="utf-8")
    (tmp_path / "cat" / "code.h").write_text("#define A 1\n", encoding="utf-8")
    (tmp_path / "cat" / "empty").touch()
    dataset = load_dataset(f"folder/{tmp_path}")
    assert [ref.id for ref in dataset.images] == ["cat/2.download", "cat/without-suffix"]
    (others,) = left_out(dataset)
    assert (others.reason, others.count) == ("not an image that Pillow can open", 3)
    assert others.files == ("cat/code.h", "cat/empty", "cat/notes.txt")


def test_files_that_are_left_out_are_counted_by_reason(save: Save, tmp_path: Path) -> None:
    outside = save("elsewhere/1.png")
    for name in ("data/train/cat/1.png", "data/test/cat/1.png", "data/other/1.png", "data/train/cat/.hidden.png"):
        save(name)
    for number in range(25):
        (tmp_path / "data" / "train" / f"{number:02d}.txt").touch()
    (tmp_path / "data" / "train" / "link.png").symlink_to(outside)
    found = {one.reason: (one.count, one.files) for one in left_out(load_dataset(f"folder/{tmp_path / 'data'}"))}
    assert found == {
        "not an image that Pillow can open": (25, found["not an image that Pillow can open"][1]),
        "outside the folders of training and test images": (1, ("other/1.png",)),
        "a link that leads outside the folder": (1, ("train/link.png",)),
    }
    assert len(found["not an image that Pillow can open"][1]) == 20


def test_hidden_files_are_left_out(save: Save, tmp_path: Path) -> None:
    for name in ("cat/1.png", "cat/._1.png", ".cache/1.png", "__MACOSX/cat/1.png"):
        save(name)
    assert _folder(tmp_path) == [("cat/1.png", "cat", None)]


def test_links_that_lead_outside_are_left_out(save: Save, tmp_path: Path) -> None:
    inside, secret = save("data/cat/1.png"), save("secret/1.png")
    (tmp_path / "data/cat/inner.png").symlink_to(inside)
    (tmp_path / "data/cat/outer.png").symlink_to(secret)
    (tmp_path / "data/cat/broken.png").symlink_to(tmp_path / "nowhere.png")
    (tmp_path / "data/dog").symlink_to(secret.parent)
    (tmp_path / "data/cat/loop").symlink_to(tmp_path / "data")
    assert [ref_id for ref_id, _, _ in _folder(tmp_path / "data")] == ["cat/1.png", "cat/inner.png"]


def test_the_folder_itself_may_be_a_link(save: Save, tmp_path: Path) -> None:
    save("data/cat/1.png")
    (tmp_path / "link").symlink_to(tmp_path / "data")
    dataset = load_dataset(f"folder/{tmp_path}/link")
    assert dataset.load(dataset.images[0]).mode == "RGB"


def test_only_listed_images_can_be_loaded(save: Save, tmp_path: Path) -> None:
    listed, secret = save("data/cat/1.png"), save("secret.png")
    dataset = load_dataset(f"folder/{tmp_path}/data")
    for ref_id in ("../secret.png", str(secret), "cat/2.png"):
        with pytest.raises(DataError, match="has no image"):
            dataset.load(ImageRef(ref_id, None))
    listed.unlink()
    with pytest.raises(DataError, match=r"image cat/1\.png does not exist"):
        dataset.load(dataset.images[0])
    listed.symlink_to(secret)
    with pytest.raises(DataError, match=r"has no image 'cat/1\.png'"):
        dataset.load(dataset.images[0])


def test_folders_and_pipes_named_like_images_are_left_out(save: Save, tmp_path: Path) -> None:
    save("1.png")
    os.mkfifo(tmp_path / "2.png")
    (tmp_path / "3.png").mkdir()
    assert _folder(tmp_path) == [("1.png", None, None)]


def test_a_folder_without_images_is_an_error(save: Save, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"absent does not exist: write folder/PATH"):
        load_dataset(f"folder/{tmp_path}/absent")
    with pytest.raises(DataError, match=r"1\.png is a file"):
        load_dataset(f"folder/{save('1.png')}")
    (tmp_path / "empty/cat").mkdir(parents=True)
    with pytest.raises(DataError, match=r"no images in .*empty: put image files there, as BMP, GIF"):
        load_dataset(f"folder/{tmp_path}/empty")
    (tmp_path / "empty/cat/1.png").symlink_to(tmp_path / "1.png")
    with pytest.raises(DataError, match=r"1 left out: a link that leads outside the folder, as"):
        load_dataset(f"folder/{tmp_path}/empty")


# How an image is read


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".tif", ".webp"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_applied_and_metadata_dropped(suffix: str, orientation: int, save: Save) -> None:
    rng = np.random.default_rng(orientation)
    colours = rng.integers(0, 256, (2, 3, 3), dtype=np.uint8)
    picture = PIL.Image.fromarray(colours.repeat(16, axis=0).repeat(16, axis=1))
    exif = PIL.Image.Exif()
    exif[0x0112] = orientation
    exif[0x010E] = "a secret place"
    path = save(f"x{suffix}", picture, exif=exif, **({"quality": 100} if suffix == ".jpg" else {}))
    image = read_image(path, "x")
    with PIL.Image.open(path) as stored:
        expected = PIL.ImageOps.exif_transpose(stored).convert("RGB")
    assert image.size == ((48, 32) if orientation < 5 else (32, 48))
    assert np.array_equal(np.asarray(image), np.asarray(expected))
    assert image.info == {} and not dict(image.getexif())


def test_transparent_parts_are_white(save: Save) -> None:
    rgba = PIL.Image.new("RGBA", (3, 1))
    for x, pixel in enumerate([(200, 0, 0, 255), (200, 0, 0, 0), (200, 0, 0, 51)]):
        rgba.putpixel((x, 0), pixel)
    grey = PIL.Image.new("LA", (3, 1))
    for x, (value, alpha) in enumerate([(90, 255), (90, 0), (90, 51)]):
        grey.putpixel((x, 0), (value, alpha))
    assert _pixels(save("rgba.png", rgba))[0].tolist() == [[200, 0, 0], [255, 255, 255], [244, 204, 204]]
    assert _pixels(save("la.png", grey))[0].tolist() == [[90] * 3, [255] * 3, [222] * 3]
    keyed = PIL.Image.new("RGB", (2, 1), (1, 2, 3))
    keyed.putpixel((1, 0), (9, 9, 9))
    assert _pixels(save("key.png", keyed, transparency=(9, 9, 9)))[0].tolist() == [[1, 2, 3], [255] * 3]


def test_palettes_keep_their_colours_and_transparent_entries_are_white(save: Save) -> None:
    palette = PIL.Image.new("P", (2, 1))
    palette.putpalette([10, 20, 30, 200, 100, 50])
    palette.putpixel((1, 0), 1)
    assert _pixels(save("p.png", palette))[0].tolist() == [[10, 20, 30], [200, 100, 50]]
    for name in ("t.png", "t.gif"):
        assert _pixels(save(name, palette, transparency=0))[0].tolist() == [[255] * 3, [200, 100, 50]]


@pytest.mark.parametrize("name", ["x.png", "x.tif"])
def test_16_bit_grey_is_scaled(name: str, save: Save) -> None:
    deep = np.array([[0, 128, 257, 32768, 65535]], dtype=np.uint16)
    assert _pixels(save(name, PIL.Image.fromarray(deep)))[0, :, 0].tolist() == [0, 0, 1, 128, 255]


def test_16_bit_ppm_is_scaled(tmp_path: Path) -> None:
    (tmp_path / "x.ppm").write_bytes(b"P5 3 1 65535\n" + np.array([0, 32768, 65535], dtype=">u2").tobytes())
    assert _pixels(tmp_path / "x.ppm")[0, :, 0].tolist() == [0, 128, 255]


def test_floats_from_0_to_1_are_scaled_and_others_refused(save: Save) -> None:
    grey = np.array([[0.0, 0.5, 1.0]], dtype=np.float32)
    assert _pixels(save("x.tif", PIL.Image.fromarray(grey)))[0, :, 0].tolist() == [0, 128, 255]
    with pytest.raises(DataError, match=r"y\.tif holds values from 0 to 100, outside 0…1: save it with 8 or 16 bits"):
        _pixels(save("y.tif", PIL.Image.fromarray(grey * 100)))
    with pytest.raises(DataError, match="from -7 to 7, outside 0…65535"):
        _pixels(save("z.tif", PIL.Image.fromarray(np.array([[-7, 7]], dtype=np.int32))))


def test_cmyk_and_one_bit_images_become_rgb(save: Save) -> None:
    red = _pixels(save("x.jpg", PIL.Image.new("CMYK", (8, 8), (0, 255, 255, 0)), quality=100))[4, 4]
    assert red[0] > 240 and red[1] < 15 and red[2] < 15
    assert _pixels(save("x.png", PIL.Image.new("1", (2, 2), 1))).tolist() == [[[255] * 3] * 2] * 2


@pytest.mark.parametrize("name", ["x.gif", "x.webp", "x.png", "x.tif"])
def test_the_first_of_several_frames_is_read(name: str, save: Save) -> None:
    frames = [PIL.Image.new("RGB", (8, 8), colour) for colour in ("blue", "red", "red")]
    options = {"lossless": True} if name == "x.webp" else {}
    path = save(name, frames[0], save_all=True, append_images=frames[1:], **options)
    assert _pixels(path)[4, 4].tolist() == [0, 0, 255]


def test_an_image_above_the_pixel_cap_is_refused_before_it_is_decoded(
    save: Save, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = save("x.png")
    monkeypatch.setattr(image_reading, "MAX_PIXELS", 23)
    monkeypatch.setattr(PIL.Image.Image, "load", lambda self: pytest.fail("it was decoded"))
    with pytest.raises(DataError, match=r"image x\.png has 6×4 pixels, more than the limit of 23: scale it down"):
        read_image(path, "x.png")


@pytest.mark.parametrize("limit", [20, 10])
def test_pillow_s_own_size_limits_raise_our_error(limit: int, save: Save, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PIL.Image, "MAX_IMAGE_PIXELS", limit)
    with pytest.raises(DataError, match=r"image x\.png exceeds the limit"):
        read_image(save("x.png"), "x.png")


def test_other_formats_are_refused_whatever_their_name(save: Save, tmp_path: Path) -> None:
    # Pillow would start Ghostscript for it.
    drawing = save("x.eps", PIL.Image.new("RGB", (16, 16))).rename(tmp_path / "x.png")
    with pytest.raises(DataError, match=r"image x\.png is damaged or is none of BMP, GIF, JPEG"):
        read_image(drawing, "x.png")
    (tmp_path / "text.jpg").write_text("no image at all", encoding="utf-8")
    with pytest.raises(DataError, match=r"text\.jpg is damaged or is none of"):
        read_image(tmp_path / "text.jpg", "text.jpg")


def test_an_open_file_can_be_read() -> None:
    buffer = io.BytesIO()
    PIL.Image.new("L", (5, 3), 7).save(buffer, "PNG")
    buffer.seek(0)
    assert read_image(buffer, "upload").getpixel((0, 0)) == (7, 7, 7)


def _noise(kind: str) -> bytes:
    buffer = io.BytesIO()
    pixels = np.random.default_rng(0).integers(0, 256, (24, 24, 3), dtype=np.uint8)
    PIL.Image.fromarray(pixels).save(buffer, kind)
    return buffer.getvalue()


NOISE = {kind: _noise(kind) for kind in ("PNG", "JPEG", "GIF", "BMP", "WEBP", "PPM", "TIFF")}


@settings(max_examples=100, deadline=None)
@given(kind=st.sampled_from(sorted(NOISE)), share=st.floats(0, 0.9))
def test_a_truncated_image_is_an_error_of_one_line(kind: str, share: float) -> None:
    whole = NOISE[kind]
    with pytest.raises(DataError, match="image cut") as caught:
        read_image(io.BytesIO(whole[: int(share * len(whole))]), "cut")
    assert "\n" not in str(caught.value)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    kind=st.sampled_from(sorted(NOISE)),
    changes=st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=20),
)
@pytest.mark.filterwarnings("ignore")
def test_a_damaged_image_is_read_or_refused(kind: str, changes: list[tuple[int, int]]) -> None:
    damaged = bytearray(NOISE[kind])
    for position, value in changes:
        damaged[position % len(damaged)] = value
    with contextlib.suppress(DataError):
        assert read_image(io.BytesIO(bytes(damaged)), "damaged").mode == "RGB"


# torchvision's data sets


def _fake_cifar(root: Path, monkeypatch: pytest.MonkeyPatch, per_batch: int = 4) -> None:
    """A small archive like CIFAR-10's, where torchvision would download it to, and its checksums."""
    rng = np.random.default_rng(0)
    labels = {name: [number % 10 for number in range(per_batch)] for name in ("data", "test")}
    cifar = torchvision_datasets.CIFAR10
    batch_names = [name for name, _ in (*cifar.train_list, *cifar.test_list)]
    contents = {
        name: pickle.dumps(
            {"data": rng.integers(0, 256, (per_batch, 3072), dtype=np.uint8), "labels": labels[name.partition("_")[0]]}
        )
        for name in batch_names
    }
    names = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]
    contents["batches.meta"] = pickle.dumps({"label_names": names})
    root.mkdir(parents=True)
    with tarfile.open(root / cifar.filename, "w:gz") as archive:
        for name, content in contents.items():
            entry = tarfile.TarInfo(f"{cifar.base_folder}/{name}")
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    sums = {name: hashlib.md5(content, usedforsecurity=False).hexdigest() for name, content in contents.items()}
    monkeypatch.setattr(cifar, "train_list", [[name, sums[name]] for name, _ in cifar.train_list])
    monkeypatch.setattr(cifar, "test_list", [[name, sums[name]] for name, _ in cifar.test_list])
    monkeypatch.setattr(cifar, "meta", cifar.meta | {"md5": sums["batches.meta"]})
    whole = hashlib.md5((root / cifar.filename).read_bytes(), usedforsecurity=False)
    monkeypatch.setattr(cifar, "tgz_md5", whole.hexdigest())


def test_cifar10_is_unpacked_and_labelled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _fake_cifar(tmp_path / "data", monkeypatch)
    dataset = load_dataset("torchvision/CIFAR10", root=tmp_path / "data")
    assert dataset.spec == "torchvision/CIFAR10"
    assert len(dataset.images) == 24
    assert dataset.images[0] == ImageRef("train/000000", "airplane", "train")
    assert dataset.images[7] == ImageRef("train/000007", "cat", "train")
    assert dataset.images[-1] == ImageRef("test/000003", "cat", "test")
    stored = torchvision_datasets.CIFAR10(tmp_path / "data", train=False)
    image = dataset.load(dataset.images[-1])
    assert image.mode == "RGB" and np.array_equal(np.asarray(image), stored.data[3])
    with pytest.raises(DataError, match=r"no image 'train/000024': ids look like train/000123"):
        dataset.load(ImageRef("train/000024", None))


def test_the_data_folder_is_in_neurflow_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEURFLOW_HOME", str(tmp_path / "home"))
    _fake_cifar(tmp_path / "home/data", monkeypatch)
    assert len(load_dataset("torchvision/CIFAR10").images) == 24
    monkeypatch.delenv("NEURFLOW_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "home").rename(tmp_path / ".neurflow")
    assert len(load_dataset("torchvision/CIFAR10").images) == 24


@pytest.mark.filterwarnings("ignore")
def test_a_failed_download_is_reported_with_the_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def offline(*args: Any, **kwargs: Any) -> None:
        raise OSError("name not\nknown")

    monkeypatch.setattr("torchvision.datasets.cifar.download_and_extract_archive", offline)
    with pytest.raises(DataError) as caught:
        load_dataset("torchvision/CIFAR10", root=tmp_path)
    message = str(caught.value)
    assert message.startswith(
        f"data set 'torchvision/CIFAR10' could not be downloaded to {tmp_path} (OSError: name not known)"
    )
    assert "folder/PATH" in message


def test_damaged_files_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _fake_cifar(tmp_path / "data", monkeypatch)
    archive = tmp_path / "data/cifar-10-python.tar.gz"
    archive.write_bytes(archive.read_bytes()[:-20])
    with pytest.raises(DataError, match="'torchvision/CIFAR10' could not be downloaded"):
        load_dataset("torchvision/CIFAR10", root=tmp_path / "data")


def test_gtsrb_without_class_names_is_labelled_by_number(tmp_path: Path, save: Save) -> None:
    for number in (0, 14):
        save(f"gtsrb/GTSRB/Training/{number:05d}/1.ppm", PIL.Image.new("RGB", (4, 4)))
    save("gtsrb/GTSRB/Final_Test/Images/00000.ppm", PIL.Image.new("RGB", (4, 4), "red"))
    (tmp_path / "gtsrb/GT-final_test.csv").write_text("Filename;ClassId\n00000.ppm;7\n", encoding="utf-8")
    dataset = load_dataset("torchvision/GTSRB", root=tmp_path)
    labels = [(ref.id, ref.label) for ref in dataset.images]
    # torchvision numbers the existing training folders.
    assert labels == [("train/000000", "0"), ("train/000001", "1"), ("test/000000", "7")]
    assert dataset.load(dataset.images[2]).getpixel((0, 0)) == (255, 0, 0)


def test_every_supported_data_set_exists_in_torchvision() -> None:
    for name, splits in SUPPORTED.items():
        assert issubclass(getattr(torchvision_datasets, name), torchvision_datasets.VisionDataset)
        assert set(splits) == {"train", "test"}


@pytest.mark.parametrize("name", ["CIFAR1O", "cifar10", "Kinetics"])
def test_an_unknown_torchvision_data_set_is_reported_with_those_supported(name: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="Supported torchvision data sets: CIFAR10, CIFAR100, .*USPS") as caught:
        load_dataset(f"torchvision/{name}", root=tmp_path)
    assert ("Did you mean CIFAR10" in str(caught.value)) == (name != "Kinetics")
    assert not list(tmp_path.iterdir())


# Names


def test_the_demo_is_a_data_set_by_name() -> None:
    dataset = load_dataset("demo/photos")
    assert dataset.spec == "demo/photos"
    assert {ref.split for ref in dataset.images} == {"train", "test"}


@pytest.mark.parametrize("spec", ["photos", "demo/photo", "folder", "folder/", "torchvision/", ""])
def test_an_unknown_name_is_reported_with_the_forms(spec: str) -> None:
    with pytest.raises(DataError, match="write demo/photos, folder/PATH or torchvision/NAME") as caught:
        load_dataset(spec)
    assert repr(spec) in str(caught.value)


def test_a_bare_folder_path_is_reported_with_the_full_name(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=f"To use the folder of that name, write folder/{tmp_path}"):
        load_dataset(str(tmp_path))
