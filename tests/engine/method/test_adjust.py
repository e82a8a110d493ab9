"""Parameters that are not possible are lowered with a warning, exactly at their limits."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from neurflow.method.adjust import adjust_parameters
from neurflow.method.selection import Selection
from neurflow.network.layers import Ladder
from neurflow.terms.errors import DataError
from neurflow.terms.parameters import TraceParameters

REQUESTED = TraceParameters(images=3, top_k=10, tau=4, held_out=2)
LAYERS = {"low": 8, "middle": 5, "logits": 2}


def _ladder(**channels: int) -> Ladder:
    points = [SimpleNamespace(name=name, channels=count) for name, count in (LAYERS | channels).items()]
    return cast(Ladder, SimpleNamespace(points=points))


def _selection(traced: int = 3, held_out: int = 2, skipped: int = 0) -> Selection:
    one: Any = None  # counted only
    return Selection((one,) * traced, (one,) * held_out, ("a.jpg",) * skipped, "sha256:00")


def test_possible_parameters_stay_unchanged() -> None:
    found, warnings = adjust_parameters(REQUESTED, _ladder(), _selection(), 10)
    assert warnings == []
    assert found.layers == ("low", "middle", "logits")
    assert (found.images, found.top_k, found.tau, found.held_out) == (3, 10, 4, 2)


def test_fewer_patches_lower_the_concepts() -> None:
    found, warnings = adjust_parameters(REQUESTED, _ladder(), _selection(), 9)
    assert found.top_k == 9
    assert warnings == ["there are only 9 patches, fewer than top_k = 10: top_k is lowered to 9"]


def test_a_concept_has_at_least_two_patches() -> None:
    assert adjust_parameters(REQUESTED, _ladder(), _selection(), 2)[0].top_k == 2
    with pytest.raises(DataError, match="the images yield 1 patch, but a concept needs at least 2: add"):
        adjust_parameters(REQUESTED, _ladder(), _selection(), 1)


def test_missing_and_unreadable_images_give_a_warning() -> None:
    _, warnings = adjust_parameters(REQUESTED, _ladder(), _selection(traced=2, skipped=5), 10)
    assert warnings == [
        "only 2 images are predicted as the class, fewer than images = 3",
        "5 images could not be read and were skipped",
    ]


@pytest.mark.parametrize(("wanted", "there", "told"), [(2, 0, True), (2, 1, False), (0, 0, False)])
def test_missing_held_out_images_give_a_warning_if_some_were_requested(wanted: int, there: int, told: bool) -> None:
    asked = TraceParameters(images=3, top_k=10, tau=4, held_out=wanted)
    _, warnings = adjust_parameters(asked, _ladder(), _selection(held_out=there), 10)
    expected = ["no images are left to measure knock-outs: logit_drop is null"] if told else []
    assert warnings == expected


def test_a_tau_that_includes_every_neuron_gives_a_warning_except_for_logits() -> None:
    _, warnings = adjust_parameters(REQUESTED, _ladder(low=4, middle=3), _selection(), 10)
    assert warnings == ["tau = 4 includes every neuron of low, middle"]
    assert adjust_parameters(REQUESTED, _ladder(low=5), _selection(), 10)[1] == []
