"""Which images a trace selects, and the errors if there are none."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import Literal

import PIL.Image
import pytest
import torch
from torch import Tensor, nn

from neurflow.data.images import ImageRef
from neurflow.method.selection import Chosen, Selection, candidates, select_images
from neurflow.network.networks import Network
from neurflow.network.preprocessing import Preprocessing
from neurflow.progress import silent
from neurflow.terms.errors import ClassError, DataError, NumericalError
from neurflow.terms.parameters import TraceParameters
from tests.engine.planted import Pictures

CLASSES = ("red", "green", "blue")
Split = Literal["train", "test"]


class Brightest(nn.Module):
    """Predicts the colour that is brightest overall; records how many images it got at once."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[int] = []

    def forward(self, x: Tensor) -> Tensor:
        self.seen.append(len(x))
        return 4 * x.mean((2, 3))


def _network() -> Network:
    size = Preprocessing(8, 8, (0.0, 0.0, 0.0), (1.0, 1.0, 1.0))
    return Network("brightest", Brightest(), CLASSES, size, "sha256:" + "0" * 64)


def _pictures(*groups: tuple[str, str | None, Split | None, int]) -> Pictures:
    """Pictures in groups of a colour, a label, a split and a number; each has its own size."""
    pictures, refs = {}, []
    for colour, label, split, count in groups:
        for number in range(count):
            id = f"{label}/{split}/{colour}{number}.png"
            shade = tuple(200 if name == colour else 10 + number for name in CLASSES)
            pictures[id] = PIL.Image.new("RGB", (9 + number, 12), shade)
            refs.append(ImageRef(id, label, split))
    return Pictures(pictures, tuple(refs))


def _select(
    data: Pictures, images: int = 50, held_out: int = 20, seed: int = 0, batch_size: int = 4, class_index: int = 0
) -> Selection:
    parameters = TraceParameters(images=images, held_out=held_out, seed=seed)
    return select_images(_network(), data, class_index, parameters, torch.device("cpu"), batch_size, silent)


def _ids(chosen: Sequence[Chosen]) -> list[str]:
    return [one.image.id for one in chosen]


def test_only_images_predicted_as_the_class_are_selected() -> None:
    data = _pictures(("red", "red", None, 5), ("blue", "red", None, 6), ("red", "green", None, 7))
    selection = _select(data, images=3, held_out=9)
    chosen = _ids(selection.traced) + _ids(selection.held_out)
    assert sorted(chosen) == [f"red/None/red{number}.png" for number in range(5)]
    assert len(selection.traced) == 3


def test_each_selected_image_has_the_probability_of_the_class() -> None:
    (chosen,) = _select(_pictures(("red", "red", None, 1))).traced
    logits = torch.tensor([4 * 200 / 255, 4 * 10 / 255, 4 * 10 / 255])
    assert chosen.probability == pytest.approx(float(logits.softmax(0)[0]), rel=1e-5)
    assert (chosen.image.width, chosen.image.height) == (9, 12)


@pytest.mark.parametrize("seed", range(3), ids="seed{}".format)
def test_traced_images_come_from_the_training_split_and_held_out_ones_from_the_test_split(seed: int) -> None:
    data = _pictures(("red", "red", "train", 9), ("red", "red", "test", 8), ("blue", "red", "test", 3))
    selection = _select(data, images=6, held_out=20, seed=seed)
    assert len(selection.traced) == 6 and all("/train/" in id for id in _ids(selection.traced))
    assert sorted(_ids(selection.held_out)) == [f"red/test/red{number}.png" for number in range(8)]


@pytest.mark.parametrize("split", ["train", "test", None])
def test_with_one_split_held_out_images_are_those_left_over(split: Split | None) -> None:
    selection = _select(_pictures(("red", "red", split, 10)), images=7, held_out=20)
    traced, held_out = set(_ids(selection.traced)), set(_ids(selection.held_out))
    assert (len(traced), len(held_out)) == (7, 3)
    assert not traced & held_out


@pytest.mark.parametrize(
    ("images", "held_out", "expected"), [(4, 3, (4, 3)), (9, 5, (9, 1)), (10, 5, (10, 0)), (4, 0, (4, 0))]
)
def test_no_more_images_than_requested_are_used_and_traced_ones_come_first(
    images: int, held_out: int, expected: tuple[int, int]
) -> None:
    selection = _select(_pictures(("red", "red", None, 10)), images, held_out)
    assert (len(selection.traced), len(selection.held_out)) == expected
    assert len({*_ids(selection.traced), *_ids(selection.held_out)}) == sum(expected)


def test_only_the_seed_decides_which_images_are_drawn() -> None:
    data = _pictures(("red", "red", None, 30))
    drawn = [tuple(_ids(_select(data, images=5, seed=seed).traced)) for seed in range(4)]
    assert len(set(drawn)) == 4
    for seed, ids in enumerate(drawn):
        for batch_size in (1, 7, 100):
            again = _select(data, images=5, seed=seed, batch_size=batch_size)
            assert tuple(_ids(again.traced)) == ids


def test_the_search_stops_when_enough_images_are_found() -> None:
    network = _network()
    parameters = TraceParameters(images=3, held_out=2)
    data = _pictures(("red", "red", None, 100))
    select_images(network, data, 0, parameters, torch.device("cpu"), 4, silent)
    assert network.module.seen == [4, 4]


def test_unreadable_images_are_skipped_and_named() -> None:
    data = _pictures(("red", "red", None, 6))
    broken = frozenset({"red/None/red2.png", "red/None/red5.png"})
    selection = _select(data.changed(broken=broken))
    assert sorted(_ids(selection.traced)) == [f"red/None/red{number}.png" for number in (0, 1, 3, 4)]
    assert set(selection.skipped) == broken and len(selection.skipped) == 2


def test_if_no_image_is_readable_the_error_counts_them_and_names_one() -> None:
    data = _pictures(("red", "red", None, 3), ("green", "green", None, 2))
    with pytest.raises(DataError, match=r"none of the 3 images of class 'red' can be read \(first: 'red/None/red\d"):
        _select(data.changed(broken=frozenset(data.pictures)))


def test_if_no_training_image_is_readable_only_these_are_counted() -> None:
    data = _pictures(("red", "red", "train", 3), ("red", "red", "test", 2))
    broken = frozenset(id for id in data.pictures if "/train/" in id)
    with pytest.raises(DataError, match="none of the 3 images of class 'red' can be read"):
        _select(data.changed(broken=broken))


def test_a_class_that_is_never_predicted_is_an_error_with_a_remedy() -> None:
    data = _pictures(("blue", "red", None, 5), ("red", "blue", None, 5))
    with pytest.raises(ClassError, match=r"predicts class 'red' for none of 5 images: check the weights, class names"):
        _select(data)


def test_all_images_of_a_flat_folder_without_labels_are_candidates() -> None:
    data = _pictures(("red", None, None, 4), ("blue", None, None, 4), ("green", None, None, 4))
    assert len(candidates(_network(), data, 0)) == 12
    assert sorted(_ids(_select(data).traced)) == [f"None/None/red{number}.png" for number in range(4)]


def test_unlabelled_images_beside_labelled_ones_are_left_out() -> None:
    data = _pictures(("red", "red", None, 2), ("red", None, None, 3))
    assert [ref.label for ref in candidates(_network(), data, 0)] == ["red", "red"]


def test_labels_that_do_not_match_the_class_are_an_error_that_lists_both_sides() -> None:
    with pytest.raises(DataError, match=r"no label of the data set means the class 'red'.*green.*red, green, blue"):
        _select(_pictures(("red", "green", None, 2)))


@pytest.mark.parametrize("wrong", [float("nan"), float("inf")])
def test_nan_logits_are_an_error_that_the_caller_can_explain(wrong: float) -> None:
    network = _network()
    network.module.register_forward_hook(lambda module, args, logits: logits * wrong)
    data = _pictures(("red", "red", None, 2))
    batches: list[tuple[int, ...]] = []
    with pytest.raises(NumericalError, match=re.escape("check the weights, mean and std")):
        select_images(
            network,
            data,
            0,
            TraceParameters(),
            torch.device("cpu"),
            4,
            silent,
            lambda x: batches.append(tuple(x.shape)),
        )
    assert batches == [(2, 3, 8, 8)]


def test_the_digest_covers_ids_sizes_and_pixels_of_the_traced_then_the_held_out_images() -> None:
    data = _pictures(("red", "red", None, 5))
    selection = _select(data, images=3)
    hasher = hashlib.sha256()
    for chosen in (*selection.traced, *selection.held_out):
        image = chosen.image
        hasher.update(f"{image.id}\0{image.width}\0{image.height}\0".encode() + image.pixels.tobytes())
    assert selection.digest == f"sha256:{hasher.hexdigest()}"
    repainted = {**data.pictures, "red/None/red0.png": PIL.Image.new("RGB", (9, 12), (200, 10, 11))}
    assert _select(data.changed(pictures=repainted), images=3).digest != selection.digest


def test_progress_rises_to_the_requested_total() -> None:
    seen: list[tuple[str, int, int]] = []
    data = _pictures(("red", "red", None, 4), ("blue", "red", None, 9))
    parameters = TraceParameters(images=3, held_out=4)
    select_images(_network(), data, 0, parameters, torch.device("cpu"), 4, lambda *call: seen.append(call))
    assert seen == [("images", done, 7) for done in (0, 1, 2, 3, 4, 7)]
