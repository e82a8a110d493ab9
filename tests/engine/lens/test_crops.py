"""Preparing and cropping images for the lens, without a network."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import PIL.Image
import pytest
import torch

from neurflow.data.image_reading import MAX_PIXELS
from neurflow.lens.crops import CroppedImage, prepare, view
from neurflow.method.patches import windows
from neurflow.network.preprocessing import Preprocessing
from neurflow.result.circuit import Box
from neurflow.terms.errors import DataError

HALVES = (1.0, 0.5)
PREPROCESSING = Preprocessing(8, 8, (0.5, 0.25, 0.0), (0.5, 0.25, 1.0))


def _picture(width: int = 24, height: int = 16) -> PIL.Image.Image:
    pixels = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return PIL.Image.fromarray(pixels)


def test_an_opened_image_and_a_file_differ_only_in_their_name(tmp_path: Path) -> None:
    path = tmp_path / "cat.png"
    _picture().save(path)
    opened, read = prepare(_picture(), PREPROCESSING, HALVES), prepare(path, PREPROCESSING, HALVES)
    assert (opened.id, read.id, prepare(str(path), PREPROCESSING, HALVES).id) == ("image", "cat.png", "cat.png")
    assert opened.pixels.tobytes() == read.pixels.tobytes()
    assert (opened.width, opened.height, opened.area) == (24, 16, Box(4, 0, 20, 16)) == (24, 16, read.area)
    assert prepare(read, Preprocessing(4, 4, (0, 0, 0), (1, 1, 1)), (0.1,)) is read, "it was made ready before"


def test_an_image_is_kept_as_large_as_its_smallest_crop_needs() -> None:
    assert prepare(_picture(64, 64), PREPROCESSING, HALVES).pixels.size == (16, 16)
    assert prepare(_picture(64, 64), PREPROCESSING, (0.25,)).pixels.size == (32, 32)


def test_an_unreadable_image_is_reported_with_the_reason(tmp_path: Path) -> None:
    stream = io.BytesIO()
    _picture().save(stream, "PNG")
    cut_off = PIL.Image.open(io.BytesIO(stream.getvalue()[:-300]))
    with pytest.raises(DataError, match=r"^the image cannot be read: \S"):
        prepare(cut_off, PREPROCESSING, HALVES)
    side = int(MAX_PIXELS**0.5) + 1
    with pytest.raises(DataError, match="^image given has .*more than the limit"):
        prepare(PIL.Image.new("1", (side, side)), PREPROCESSING, HALVES)
    gone = tmp_path / "gone.png"
    with pytest.raises(DataError, match=f"{gone} does not exist"):
        prepare(gone, PREPROCESSING, HALVES)


def test_crops_are_ordered_by_size_and_the_whole_view_is_included_once() -> None:
    ready = prepare(_picture(), PREPROCESSING, HALVES)
    both, halves = CroppedImage.of(ready, HALVES), CroppedImage.of(ready, (0.5,))
    assert both.image is ready and [len(boxes) for boxes in both.sizes] == [1, 9]
    assert both.boxes == tuple(windows(ready.area, HALVES)) == both.views
    assert halves.boxes == tuple(windows(ready.area, (0.5,)))
    assert halves.views == (*halves.boxes, ready.area)


def test_the_network_s_input_is_each_view_normalised() -> None:
    ready = prepare(_picture(), PREPROCESSING, HALVES)
    cut = CroppedImage.of(ready, (0.5,))
    found = cut.inputs(PREPROCESSING)
    assert found.shape == (10, 3, 8, 8)
    mean, std = torch.tensor(PREPROCESSING.mean), torch.tensor(PREPROCESSING.std)
    for row, box in zip(found, cut.views, strict=True):
        pixels = torch.from_numpy(np.asarray(ready.patch(box, 8)) / np.float32(255))
        expected = ((pixels - mean) / std).permute(2, 0, 1)
        torch.testing.assert_close(row, expected, atol=1e-5, rtol=1e-5)
        torch.testing.assert_close(view(ready, box, PREPROCESSING), row[None])
