"""Overlays pixel by pixel, on pictures of one colour: brightness, frame, colours and scale."""

from __future__ import annotations

import numpy as np
import PIL.Image
import pytest
from numpy.typing import NDArray

from neurflow.lens.overlays import overlay, pixel_overlay, small
from neurflow.lens.pixels import PixelMap
from neurflow.lens.reading import FiringMap, GroupReading, Reading, TopClass
from neurflow.result.circuit import Box

CAT = TopClass(0, "cat", 1.0, 1.0)
FRAME = [255, 190, 60]
AGAINST = [70, 130, 255]
SIDE = 100
AREA = Box(10, 20, 90, 100)


def _group(values: NDArray[np.float64], fires: bool = False, best: tuple[int, ...] = (0,)) -> GroupReading:
    place = FiringMap(values.shape[1], values.shape[0], tuple(values.flat))
    return GroupReading("g", "layer", 1.0, 50.0, fires, False, 0.5, (1.0, 1.0), best, place)


def _reading(group: GroupReading, side: int = SIDE, area: Box = AREA) -> Reading:
    crops = (Box(30, 40, 70, 80), Box(10, 20, 50, 60))
    return Reading(side, side, area, crops, (CAT,), CAT, (group,))


def _shown(group: GroupReading, side: int = SIDE) -> NDArray[np.int64]:
    """Return the overlay of a grey picture (200) of ``side`` pixels as numbers; the image has 100 pixels a side."""
    picture = PIL.Image.new("RGB", (side, side), (200, 200, 200))
    return np.asarray(overlay(picture, _reading(group), group)).astype(np.int64)


def _flat(value: float) -> NDArray[np.float64]:
    return np.full((4, 4), value)


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((1024, 512), (512, 256)),
        ((300, 900), (171, 512)),
        ((512, 100), (512, 100)),
        ((513, 513), (512, 512)),
        ((40, 30), (40, 30)),
        ((9000, 1), (512, 1)),
    ],
    ids=str,
)
def test_pictures_are_scaled_down_to_512_pixels_and_never_up(size: tuple[int, int], expected: tuple[int, int]) -> None:
    assert small(PIL.Image.new("RGB", size)).size == expected


@pytest.mark.parametrize(
    ("value", "light"),
    [
        (0.0, 50),
        (0.5, 88),  # 200 · (1/4 + 3/4 · 1/4) = 87.5
        (0.8, 146),  # 200 · (1/4 + 3/4 · 0.64) = 146
        (1.0, 200),
        (3.0, 200),
    ],
    ids="value{}".format,
)
def test_brightness_falls_with_the_square_of_the_value_and_outside_it_is_dark(value: float, light: int) -> None:
    shown = _shown(_group(_flat(value)))
    inside = np.zeros((SIDE, SIDE), dtype=bool)
    inside[20:100, 10:90] = True
    assert np.unique(shown[inside]).tolist() == [light]
    assert np.unique(shown[~inside]).tolist() == [50]


def test_full_brightness_is_the_highest_value() -> None:
    values = np.repeat([[4.0, 4.0, 2.0, 2.0]], 4, axis=0)
    shown = _shown(_group(values))
    assert shown[60, 15].tolist() == [200] * 3
    assert shown[60, 85].tolist() == [88] * 3, "half of the highest is a quarter of the light"


def test_the_grid_is_laid_row_by_row() -> None:
    values = np.zeros((4, 4))
    values[0, 3] = 1
    shown = _shown(_group(values))[:, :, 0]
    assert shown[25, 85] > 190
    assert shown[95, 15] == shown[25, 15] == shown[95, 85] == 50


@pytest.mark.parametrize(("side", "width"), [(50, 1), (100, 1), (200, 1), (400, 2), (512, 2)])
def test_the_best_crop_of_a_firing_group_is_framed(side: int, width: int) -> None:
    shown = _shown(_group(_flat(1.0), fires=True, best=(0, 1)), side)
    scale = side / SIDE
    left, top, right, bottom = (round(edge * scale) for edge in (30, 40, 70, 80))
    framed = (shown == FRAME).all(axis=2)
    expected = np.zeros((side, side), dtype=bool)
    expected[top:bottom, left:right] = True
    expected[top + width : bottom - width, left + width : right - width] = False
    np.testing.assert_array_equal(framed, expected)


@pytest.mark.parametrize("group", [_group(_flat(1.0)), _group(_flat(1.0), fires=True, best=())], ids=["quiet", "none"])
def test_a_silent_group_has_no_frame(group: GroupReading) -> None:
    assert not (_shown(group) == FRAME).all(axis=2).any()


def test_a_map_smaller_than_a_pixel_takes_one() -> None:
    picture = PIL.Image.new("RGB", (10, 10), (200, 200, 200))
    group = _group(_flat(1.0))
    for area, lit in ((Box(99, 99, 100, 100), (9, 9)), (Box(0, 50, 1, 51), (5, 0)), (Box(50, 0, 51, 1), (0, 5))):
        shown = np.asarray(overlay(picture, _reading(group, area=area), group))[:, :, 0]
        assert [tuple(place) for place in np.argwhere(shown > 50).tolist()] == [lit]


def _pixels(values: NDArray[np.float64], box: Box = AREA) -> NDArray[np.int64]:
    """Return the pixel overlay of a picture whose left half is red, as numbers."""
    picture = PIL.Image.new("RGB", (SIDE, SIDE), (200, 200, 200))
    picture.paste((200, 0, 0), (0, 0, SIDE // 2, SIDE))
    shape = values.shape
    told = PixelMap("g", box, shape[1], shape[0], tuple(values.flat), float(values.sum()), 0.0)
    return np.asarray(pixel_overlay(picture, _reading(_group(_flat(0.0))), told)).astype(np.int64)


GREY, DARK_RED = 50, 15
"""A quarter of the brightness of 200, and of red's 0.299 · 200."""


def test_pixels_are_warm_for_and_blue_against_by_their_share_of_the_strongest() -> None:
    values = np.repeat([[0.4, 0.4, 0.4, 0.0, 0.0, 0.0, -0.2, -0.2, -0.2]], 9, axis=0)
    shown = _pixels(values)
    assert shown[60, 20].tolist() == FRAME
    assert shown[60, 50].tolist() == [GREY] * 3
    halfway = (0.5 * GREY + 0.5 * np.array(AGAINST)).tolist()
    assert shown[60, 80].tolist() == pytest.approx(halfway, abs=1)


def test_the_strongest_pixel_may_count_against_the_group() -> None:
    shown = _pixels(np.repeat([[0.2, 0.2, 0.2, -0.4, -0.4, -0.4]], 6, axis=0))
    assert shown[60, 85].tolist() == AGAINST
    assert shown[60, 20].tolist() == pytest.approx((0.5 * DARK_RED + 0.5 * np.array(FRAME)).tolist(), abs=1)


def test_outside_the_framed_crop_the_picture_is_grey_and_dark() -> None:
    shown = _pixels(np.zeros((4, 4)))
    assert shown[10, 5].tolist() == pytest.approx([DARK_RED] * 3, abs=1)
    assert shown[10, 95].tolist() == [GREY] * 3
    framed = (shown == FRAME).all(axis=2)
    expected = np.zeros((SIDE, SIDE), dtype=bool)
    expected[20:100, 10:90] = True
    expected[21:99, 11:89] = False
    np.testing.assert_array_equal(framed, expected)
