"""The demo's crops: disjoint, reproducible, and a data set like any other."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from neurflow.data.images import Dataset, ImageRef
from neurflow.demo import reading
from neurflow.demo.pictures import Photos
from neurflow.demo.reading import Picture, read_picture
from neurflow.demo.sources import CLASSES, PICTURES
from neurflow.terms.errors import DataError, ParameterError


@pytest.fixture(scope="module")
def photos() -> Photos:
    return Photos()


def _ref(photos: Photos, ref_id: str) -> ImageRef:
    return next(ref for ref in photos.images if ref.id == ref_id)


def test_the_demo_is_a_data_set(photos: Photos) -> None:
    dataset: Dataset = photos
    assert dataset.spec == "demo/photos"
    assert dataset.images is photos.images


def test_there_are_sixteen_classes_with_400_training_and_100_test_crops(photos: Photos) -> None:
    counts = Counter((ref.split, ref.label) for ref in photos.images)
    assert counts == {("train", name): 400 for name in CLASSES} | {("test", name): 100 for name in CLASSES}
    assert len(CLASSES) == len(set(CLASSES)) == 16


def test_ids_are_unique_and_say_split_and_class(photos: Photos) -> None:
    assert len({ref.id for ref in photos.images}) == len(photos.images)
    assert all(ref.id.startswith(f"{ref.split}/{ref.label}/") for ref in photos.images)
    assert {"train/cat/0007", "test/cat/0007"} <= {ref.id for ref in photos.images}


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.label)
def test_training_and_test_crops_share_no_pixel(photos: Photos, picture: Picture) -> None:
    width, height = read_picture(picture).size
    masks = {"train": np.zeros((height, width), bool), "test": np.zeros((height, width), bool)}
    for ref in photos.images:
        if ref.label == picture.label and ref.split is not None:
            source, box = photos.source(ref)
            assert source is picture
            assert 0 <= box.left < box.right <= width and 0 <= box.top < box.bottom <= height
            masks[ref.split][box.top : box.bottom, box.left : box.right] = True
    assert masks["train"].any() and masks["test"].any()
    assert not (masks["train"] & masks["test"]).any()


def test_no_two_classes_share_a_photograph() -> None:
    assert len({(picture.package, picture.file) for picture in PICTURES}) == len(PICTURES)


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.label)
def test_crops_are_squares_within_one_area_of_their_split(photos: Photos, picture: Picture) -> None:
    low, high = picture.sides
    for ref in photos.images:
        if ref.label == picture.label:
            box = photos.source(ref)[1]
            areas = picture.train if ref.split == "train" else picture.test
            assert any(
                area.left <= box.left and area.top <= box.top and box.right <= area.right and box.bottom <= area.bottom
                for area in areas
            )
            assert box.right - box.left == box.bottom - box.top
            assert low <= box.right - box.left <= high


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.label)
def test_a_crop_depends_only_on_its_own_box(picture: Picture, monkeypatch: pytest.MonkeyPatch) -> None:
    photos = Photos(train=2, test=2)
    refs = [ref for ref in photos.images if ref.label == picture.label]
    before = [np.array(photos.load(ref)) for ref in refs]
    for ref, expected in zip(refs, before, strict=True):
        box = photos.source(ref)[1]
        corners = (box.left, box.top, box.right, box.bottom)
        black = read_picture(picture).copy()
        inside = black.crop(corners)
        black.paste((0, 0, 0), (0, 0, *black.size))
        black.paste(inside, corners)
        with monkeypatch.context() as patch:
            patch.setattr("neurflow.demo.pictures.read_picture", lambda _, black=black: black)
            assert np.array_equal(np.array(photos.load(ref)), expected)


def test_crops_are_rgb_of_96_pixels(photos: Photos) -> None:
    for name in CLASSES:
        crop = photos.load(_ref(photos, f"test/{name}/0099"))
        assert (crop.mode, crop.size) == ("RGB", (96, 96))
        assert np.array(crop).std() > 1, f"the {name} crop is blank"


def test_the_same_seed_gives_the_same_crops(photos: Photos) -> None:
    again = Photos()
    assert again.images == photos.images
    assert all(again.source(ref) == photos.source(ref) for ref in photos.images)
    ref = _ref(photos, "train/cat/0007")
    assert photos.load(ref).tobytes() == again.load(ref).tobytes()


def test_fewer_crops_are_the_first_of_more(photos: Photos) -> None:
    few = Photos(train=3, test=2)
    assert len(few.images) == 16 * 5
    assert all(few.source(ref) == photos.source(ref) for ref in few.images)


def test_another_seed_gives_other_crops(photos: Photos) -> None:
    other = Photos(seed=1)
    assert other.images == photos.images
    assert any(other.source(ref) != photos.source(ref) for ref in photos.images)


def test_an_unknown_crop_is_named(photos: Photos) -> None:
    with pytest.raises(DataError, match="train/dog/0000"):
        photos.load(ImageRef("train/dog/0000", "dog", "train"))


@pytest.mark.parametrize(("name", "value"), [("train", -1), ("test", 10_001), ("seed", -1)])
def test_a_number_out_of_range_is_named(name: str, value: int) -> None:
    with pytest.raises(ParameterError, match=f"{name} is {value}"):
        Photos(**{name: value})


def test_a_missing_photograph_is_reported_with_the_remedy() -> None:
    with pytest.raises(DataError, match=r"scikit-image has no gone\.png.*pip install"):
        read_picture(replace(PICTURES[0], file="gone.png"))


def test_a_missing_package_is_reported_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "find_spec", lambda _: None)
    with pytest.raises(DataError, match=r"photo\.png of scikit-learn.*pip install scikit-learn"):
        read_picture(replace(PICTURES[-1], file="photo.png"))


def test_a_changed_photograph_is_refused() -> None:
    with pytest.raises(DataError, match=r"astronaut\.png of scikit-image is 512×512 pixels instead of 9×9"):
        read_picture(replace(PICTURES[0], size=(9, 9)))


def test_an_unreadable_photograph_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "moon.png"
    broken.write_bytes(b"no picture")
    monkeypatch.setattr(reading, "_path", lambda _: broken)
    with pytest.raises(DataError, match=r"broken\.png of scikit-image cannot be read"):
        read_picture(replace(PICTURES[0], file="broken.png"))
