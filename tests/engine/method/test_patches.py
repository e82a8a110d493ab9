"""Patches: their positions, their content, and their preprocessing for the network."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import PIL.Image
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from torchvision.transforms._presets import ImageClassification

from neurflow.method.patches import PatchImage, PatchSet, region, to_input, windows
from neurflow.network.preprocessing import IMAGENET, Preprocessing
from neurflow.result.circuit import Box
from neurflow.terms.parameters import TraceParameters

CROPS = TraceParameters().crops
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)

sides = st.integers(8, 300)
crop_lists = st.lists(st.floats(0.05, 1), min_size=1, max_size=3, unique=True).map(tuple)


@st.composite
def areas(draw: st.DrawFn, smallest: int = 8) -> Box:
    side, left, top = draw(st.integers(smallest, 600)), draw(st.integers(0, 99)), draw(st.integers(0, 99))
    return Box(left, top, left + side, top + side)


def _plain(size: int) -> Preprocessing:
    """The whole centre square, at ``size`` pixels."""
    return Preprocessing(size, size, MEAN, STD)


def _coordinates(width: int, height: int) -> PIL.Image.Image:
    """Return a picture whose pixels encode their place: column and row modulo 256, and how often both have wrapped."""
    y, x = np.mgrid[:height, :width]
    return PIL.Image.fromarray(np.stack([x % 256, y % 256, x // 256 * 16 + y // 256], axis=-1).astype(np.uint8))


def _gradient(width: int, height: int) -> PIL.Image.Image:
    """Return a picture that gets redder to the right and greener downwards, evenly, from 0 to 255."""
    y, x = np.mgrid[:height, :width]
    red, green = x * 255 / max(1, width - 1), y * 255 / max(1, height - 1)
    return PIL.Image.fromarray(np.stack([red, green, 0 * red], axis=-1).round().astype(np.uint8))


def _smooth(width: int, height: int, seed: int) -> PIL.Image.Image:
    """Return soft random blobs."""
    coarse = np.random.default_rng(seed).integers(0, 256, (6, 8, 3), dtype=np.uint8)
    return PIL.Image.fromarray(coarse).resize((width, height), PIL.Image.Resampling.BICUBIC)


def _noise(width: int, height: int, seed: int) -> PIL.Image.Image:
    return PIL.Image.fromarray(np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8))


def _pixels(image: PIL.Image.Image) -> NDArray[np.float64]:
    return np.asarray(image).astype(np.float64)


def _in_box(image: PIL.Image.Image, box: Box) -> NDArray[np.float64]:
    return _pixels(image)[box.top : box.bottom, box.left : box.right]


@given(areas())
def test_the_default_crops_give_fifty_nine_different_windows(area: Box) -> None:
    boxes = windows(area, CROPS)
    assert len(boxes) == 59
    assert len(set(boxes)) == 59


@given(areas(smallest=1), crop_lists)
def test_every_window_is_a_square_inside_the_area(area: Box, crops: tuple[float, ...]) -> None:
    for box in windows(area, crops):
        assert area.left <= box.left < box.right <= area.right
        assert area.top <= box.top < box.bottom <= area.bottom
        assert box.right - box.left == box.bottom - box.top


@given(areas(), crop_lists)
def test_windows_of_a_crop_have_its_side_and_are_half_a_window_apart(area: Box, crops: tuple[float, ...]) -> None:
    side = area.right - area.left
    boxes = windows(area, crops)
    for crop in crops:
        count = sum(1 for i in range(1000) if i * crop / 2 + crop <= 1 + 1e-9)
        own, boxes = boxes[: count**2], boxes[count**2 :]
        assert all(abs(box.right - box.left - max(1, crop * side)) <= 0.5 for box in own)
        for row in range(count):
            for column in range(count):
                box = own[row * count + column]
                assert abs(box.left - area.left - column * crop / 2 * side) <= 1
                assert abs(box.top - area.top - row * crop / 2 * side) <= 1
    assert boxes == []


@given(areas())
def test_the_default_windows_of_each_crop_reach_all_four_edges(area: Box) -> None:
    boxes = windows(area, CROPS)
    for own in (boxes[:1], boxes[1:10], boxes[10:]):
        assert min(box.left for box in own) == area.left and min(box.top for box in own) == area.top
        assert area.right - max(box.right for box in own) <= 1
        assert area.bottom - max(box.bottom for box in own) <= 1


def test_windows_of_a_small_square_are_as_computed_by_hand() -> None:
    assert windows(Box(3, 5, 11, 13), (1, 0.5)) == [
        Box(3, 5, 11, 13),
        Box(3, 5, 7, 9), Box(5, 5, 9, 9), Box(7, 5, 11, 9),
        Box(3, 7, 7, 11), Box(5, 7, 9, 11), Box(7, 7, 11, 11),
        Box(3, 9, 7, 13), Box(5, 9, 9, 13), Box(7, 9, 11, 13),
    ]  # fmt: skip


@pytest.mark.parametrize(("crop", "count"), [(0.1, 19), (0.2, 9), (0.3, 5), (0.4, 4), (0.6, 2), (0.7, 1), (1 / 3, 5)])
def test_the_number_of_windows_does_not_depend_on_rounding(crop: float, count: int) -> None:
    assert len(windows(Box(0, 0, 240, 240), (crop,))) == count**2


@given(sides, sides, st.integers(8, 128), st.integers(0, 60))
def test_the_region_is_the_centre_square_that_the_weights_require(
    width: int, height: int, size: int, more: int
) -> None:
    box = region(width, height, Preprocessing(size, size + more, MEAN, STD))
    assert box.right - box.left == box.bottom - box.top
    assert abs(box.right - box.left - min(width, height) * size / (size + more)) <= 0.5
    assert 0 <= box.left and 0 <= box.top and box.right <= width and box.bottom <= height
    assert width - box.right - box.left in (0, 1) and height - box.bottom - box.top in (0, 1)


@pytest.mark.parametrize(
    ("width", "height", "expected"),
    [
        (256, 256, Box(16, 16, 240, 240)),
        (512, 256, Box(144, 16, 368, 240)),
        (256, 512, Box(16, 144, 240, 368)),
        (301, 257, Box(38, 16, 263, 241)),
        (1, 1, Box(0, 0, 1, 1)),
    ],
)
def test_regions_are_as_computed_by_hand(width: int, height: int, expected: Box) -> None:
    assert region(width, height, IMAGENET) == expected


@st.composite
def cut(draw: st.DrawFn) -> tuple[int, int, int, int]:
    """Width, height, the network's input size, and which of 59 windows."""
    return draw(sides), draw(sides), draw(st.integers(8, 64)), draw(st.integers(0, 58))


def _patch(
    image: PIL.Image.Image, size: int, which: int, crops: Sequence[float] = CROPS
) -> tuple[PIL.Image.Image, Box]:
    made = PatchImage.of("id", image, _plain(size), crops)
    box = windows(made.area, crops)[which]
    return made.patch(box, size), box


@settings(max_examples=40)
@given(st.integers(8, 70), st.integers(0, 60), st.booleans(), st.integers(10, 58))
def test_a_box_of_the_input_s_own_size_is_cut_pixel_by_pixel(size: int, more: int, wide: bool, which: int) -> None:
    width, height = (4 * size + more, 4 * size) if wide else (4 * size, 4 * size + more)
    image = _coordinates(width, height)
    patch, box = _patch(image, size, which)
    assert box.right - box.left == size
    assert np.array_equal(_pixels(patch), _in_box(image, box))


@settings(max_examples=40)
@given(st.integers(8, 80), st.integers(0, 40), st.sampled_from([1, 3, 5]), st.integers(0, 58))
def test_enlarging_by_an_odd_factor_centres_each_pixel(side: int, more: int, factor: int, which: int) -> None:
    image = _coordinates(side + more, side)
    made = PatchImage.of("id", image, _plain(side * 5), CROPS)
    box = windows(made.area, CROPS)[which]
    patch = _pixels(made.patch(box, (box.right - box.left) * factor))
    middle = factor // 2
    assert np.array_equal(patch[middle::factor, middle::factor], _in_box(image, box))


@settings(max_examples=60)
@given(cut())
def test_a_patch_shows_nothing_outside_its_box(case: tuple[int, int, int, int]) -> None:
    width, height, size, which = case
    size = max(size, -(-min(width, height) // 4))  # no scaling down
    _, box = _patch(_gradient(width, height), size, which)
    image = PIL.Image.new("RGB", (width, height), (255, 255, 255))
    image.paste((10, 20, 30), (box.left, box.top, box.right, box.bottom))
    patch, _ = _patch(image, size, which)
    assert patch.getcolors() == [(size * size, (10, 20, 30))]


@settings(max_examples=60)
@given(cut())
def test_a_patch_has_the_mean_colour_of_its_box(case: tuple[int, int, int, int]) -> None:
    width, height, size, which = case
    image = _gradient(width, height)
    patch, box = _patch(image, size, which)
    assert patch.size == (size, size) and patch.mode == "RGB"
    expected = _in_box(image, box).mean((0, 1))
    assert np.abs(_pixels(patch).mean((0, 1)) - expected).max() <= 1.5


@settings(max_examples=60)
@given(cut())
def test_a_patch_is_not_mirrored_or_turned(case: tuple[int, int, int, int]) -> None:
    width, height, size, which = case
    image = _gradient(width, height)
    patch, box = _patch(image, size, which)
    rows, shown = _in_box(image, box), _pixels(patch)
    # Red along columns, green along rows: ends within a pixel of the box's own ends.
    step = 255 / (min(width, height) - 1) * max(1.0, (box.right - box.left) / size) + 1.5
    assert np.abs(shown[:, [0, -1], 0].mean(0) - rows[:, [0, -1], 0].mean(0)).max() <= step
    assert np.abs(shown[[0, -1], :, 1].mean(1) - rows[[0, -1], :, 1].mean(1)).max() <= step


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize(("width", "height"), [(1000, 700), (333, 901)])
def test_an_image_larger_than_needed_is_scaled_down_and_its_patches_agree(width: int, height: int, seed: int) -> None:
    image, size = _smooth(width, height, seed), 32
    made = PatchImage.of("id", image, _plain(size), CROPS)
    assert made.pixels.size == (4 * size, 4 * size)
    assert (made.width, made.height) == (width, height)
    for box in windows(made.area, CROPS)[::7]:
        direct = image.crop((box.left, box.top, box.right, box.bottom)).resize(
            (size, size), PIL.Image.Resampling.BILINEAR
        )
        difference = np.abs(_pixels(made.patch(box, size)) - _pixels(direct))
        assert difference.mean() <= 1 and difference.max() <= 8


@given(sides, sides, st.integers(8, 64), crop_lists)
def test_no_more_pixels_are_kept_than_the_smallest_crop_can_use(
    width: int, height: int, size: int, crops: tuple[float, ...]
) -> None:
    made = PatchImage.of("id", PIL.Image.new("L", (width, height), 77), _plain(size), crops)
    assert made.pixels.width == made.pixels.height == min(width, height, math.ceil(size / min(crops)))
    assert made.pixels.mode == "RGB" and made.pixels.getpixel((0, 0)) == (77, 77, 77)


@given(st.sampled_from([(0.5, 0.25), (1.0,), CROPS]), st.integers(8, 400), st.integers(8, 70))
def test_windows_of_any_scale_stay_inside_the_pixels_kept(crops: tuple[float, ...], side: int, size: int) -> None:
    made = PatchImage.of("id", PIL.Image.new("RGB", (side, side)), _plain(size), crops)
    box = windows(made.area, crops)[-1]
    assert made.patch(box, size).size == (size, size)


def _preset(image: PIL.Image.Image, preprocessing: Preprocessing) -> torch.Tensor:
    preset = ImageClassification(
        crop_size=preprocessing.input_size, resize_size=preprocessing.resize, mean=MEAN, std=STD
    )
    result: torch.Tensor = preset(image)
    return result


def _whole(image: PIL.Image.Image, preprocessing: Preprocessing) -> torch.Tensor:
    return PatchSet([PatchImage.of("id", image, preprocessing, CROPS)], preprocessing, CROPS).batch([0])[0]


@pytest.mark.parametrize("size", [(256, 256), (300, 256), (256, 410)])
def test_without_resizing_the_whole_image_equals_torchvision_s_preset(size: tuple[int, int]) -> None:
    image = _noise(*size, seed=3)
    torch.testing.assert_close(_whole(image, IMAGENET), _preset(image, IMAGENET), rtol=0, atol=1e-5)


@pytest.mark.parametrize("size", [(512, 512), (640, 512)])
def test_at_half_size_the_whole_image_equals_torchvision_s_preset_except_at_the_border(size: tuple[int, int]) -> None:
    image = _noise(*size, seed=4)
    difference = (_whole(image, IMAGENET) - _preset(image, IMAGENET)).abs()[:, 1:-1, 1:-1]
    assert difference.max() <= 1.01 / 255 / min(STD)  # one level, by rounding


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("size", [(500, 375), (333, 500), (96, 96), (1024, 768)])
def test_the_whole_image_is_close_to_torchvision_s_preset(size: tuple[int, int], seed: int) -> None:
    image = _smooth(*size, seed)
    # In levels of 255; the blobs change by up to four levels a pixel, and margins may be rounded half a pixel apart.
    difference = (_whole(image, IMAGENET) - _preset(image, IMAGENET)).abs() * min(STD) * 255
    assert difference.mean() <= 2 and difference.max() <= 10


def test_network_input_matches_the_formula_in_float64() -> None:
    pictures = [_noise(5, 5, seed) for seed in range(3)]
    batch = to_input(pictures, _plain(5))
    assert batch.shape == (3, 3, 5, 5) and batch.dtype == torch.float32
    assert batch.is_contiguous(memory_format=torch.channels_last)
    for n, picture in enumerate(pictures):
        for channel in range(3):
            for y in range(5):
                for x in range(5):
                    level = _pixels(picture)[y, x, channel]
                    expected = (level / 255 - MEAN[channel]) / STD[channel]
                    assert batch[n, channel, y, x].item() == pytest.approx(expected, abs=1e-5)


def test_patches_are_ordered_by_image_crop_row_and_column() -> None:
    preprocessing = _plain(16)
    made = [PatchImage.of(name, _coordinates(64 + i, 64), preprocessing, CROPS) for i, name in enumerate("ab")]
    patches = PatchSet(made, preprocessing, CROPS)
    assert len(patches) == 118
    assert patches.places == [(i, box) for i, image in enumerate(made) for box in windows(image.area, CROPS)]
    index = 59 + 10 + 2 * 7 + 3  # second image, quarter crops, third row, fourth column
    image, box = patches.places[index]
    assert (image, box.top, box.left) == (1, 16, 24)
    expected = to_input([_coordinates(65, 64).crop((24, 16, 40, 32))], preprocessing)
    assert torch.equal(patches.batch([0, index])[1:], expected)
    assert torch.equal(to_input([patches.picture(index)], preprocessing), expected)
