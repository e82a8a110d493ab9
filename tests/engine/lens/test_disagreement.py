"""Disagreement of two circuits: by hand, and on a planted network whose classes differ in a single square."""

from __future__ import annotations

import dataclasses
from functools import cache
from itertools import pairwise

import PIL.Image
import pytest

from neurflow.data.images import ImageRef
from neurflow.lens import DisputedGroup, FiringMap, GroupReading, Lens, Reading, TopClass, disagreement
from neurflow.result.circuit import Box, Circuit, Group, TargetClass
from neurflow.terms.errors import ParameterError
from neurflow.terms.parameters import Resources
from neurflow.tracing import trace
from tests.engine.circuits import CIRCUIT
from tests.engine.lens.scene import Scene, scene
from tests.engine.planted import Pictures

# By hand

OTHER = dataclasses.replace(CIRCUIT, target=TargetClass("dög", 1))


def _told(circuit: Circuit, fires: dict[str, float | None], silent: dict[str, float | None]) -> Reading:
    """Return a reading with these percentiles; all other groups fire at 50."""

    def group(of: Group) -> GroupReading:
        percentile = {**fires, **silent}.get(of.id, 50.0)
        return GroupReading(
            of.id, of.layer, 0.7, percentile, of.id not in silent, False, None, (0.7,), (0,), FiringMap(1, 1, (0.0,))
        )

    top = TopClass(circuit.target.index, circuit.target.name, 1.0, 0.5)
    box = Box(0, 0, 8, 8)
    return Reading(8, 8, box, (box,), (top,), top, tuple(group(of) for of in circuit.groups))


def test_a_value_is_the_contribution_times_how_unusual_the_firing_is() -> None:
    """In the circuit layer1/0 contributes 0.5, layer2/0 −0.25, layer2/1 0.75; fc/0 is the class itself."""
    wrong = _told(CIRCUIT, {"layer1/0": 90.0, "layer2/0": 80.0, "layer2/1": 40.0}, {})
    right = _told(OTHER, {}, {"layer1/0": 20.0, "layer2/0": 3.0, "layer2/1": 60.0, "fc/0": 0.0})
    found = disagreement(CIRCUIT, wrong, OTHER, right)
    assert found.fired == (
        DisputedGroup("layer1/0", "layer1", 0.7, 90.0, 0.5, 0.5 * 0.9),
        DisputedGroup("layer2/1", "layer2", 0.7, 40.0, 0.75, 0.75 * 0.4),
        DisputedGroup("layer2/0", "layer2", 0.7, 80.0, -0.25, 0.0),
    )
    assert found.missed == (
        DisputedGroup("layer1/0", "layer1", 0.7, 20.0, 0.5, 0.5 * (1 - 0.2)),
        DisputedGroup("layer2/1", "layer2", 0.7, 60.0, 0.75, 0.75 * (1 - 0.6)),
        DisputedGroup("layer2/0", "layer2", 0.7, 3.0, -0.25, 0.0),
    )


def test_agreeing_groups_are_not_reported() -> None:
    wrong = _told(CIRCUIT, {}, {group.id: 0.0 for group in CIRCUIT.groups})
    found = disagreement(CIRCUIT, wrong, OTHER, _told(OTHER, {}, {}))
    assert found.fired == found.missed == ()


def test_ties_are_ordered_by_id() -> None:
    images = dataclasses.replace(CIRCUIT.groups[0].importance, contribution=0.5)
    circuit = dataclasses.replace(
        OTHER, groups=tuple(dataclasses.replace(group, importance=images) for group in reversed(OTHER.groups))
    )
    found = disagreement(
        circuit, _told(circuit, {}, {}), CIRCUIT, _told(CIRCUIT, {}, {group.id: 100.0 for group in CIRCUIT.groups})
    )
    assert [group.id for group in found.fired] == ["layer1/0", "layer2/0", "layer2/1"]
    assert [group.id for group in found.missed] == ["layer1/0", "layer2/0", "layer2/1"]


def test_without_images_the_whole_contribution_counts() -> None:
    found = disagreement(
        CIRCUIT, _told(CIRCUIT, {"layer2/1": None}, {}), OTHER, _told(OTHER, {}, {"layer1/0": None, "layer2/1": None})
    )
    assert found.fired[0].id == "layer2/1" and found.fired[0].value == 0.75
    assert [group.value for group in found.missed] == [0.75, 0.5]


def test_readings_that_do_not_belong_together_are_refused() -> None:
    one, other = _told(CIRCUIT, {}, {}), _told(OTHER, {}, {})
    with pytest.raises(ParameterError, match="both circuits are of class 'cat': choose circuits of two classes"):
        disagreement(CIRCUIT, one, CIRCUIT, one)
    network = dataclasses.replace(OTHER.network, digest=f"sha256:{'ff' * 32}")
    with pytest.raises(ParameterError, match="the circuits are of different networks, demo/photos and demo/photos, or"):
        disagreement(CIRCUIT, one, dataclasses.replace(OTHER, network=network), other)
    with pytest.raises(ParameterError, match="the readings are of different images"):
        disagreement(CIRCUIT, one, OTHER, dataclasses.replace(other, width=9))
    for side in (
        (dataclasses.replace(one, groups=one.groups[1:]), other),
        (one, dataclasses.replace(other, groups=())),
    ):
        with pytest.raises(ParameterError, match="the reading is not of the circuit of '(cat|dög)'"):
            disagreement(CIRCUIT, side[0], OTHER, side[1])


# On a planted network: a quilt has a red square and a striped one; a picture with neither is of the other class


@cache
def _other() -> Lens:
    """Return a lens for the circuit of the other class, of pictures without red and stripes."""
    one, pictures = scene(), {}
    for id in one.pictures.pictures:
        pictures[id] = one.without("stripes", id)
        box, plain = one.pictures.squares[id]["red"], one.pictures.squares[id]["ground"]
        pictures[id].paste(pictures[id].crop((plain.left, plain.top, plain.right, plain.bottom)), (box.left, box.top))
    data = Pictures(pictures, tuple(ImageRef(id, "other") for id in pictures))
    circuit = trace(one.truth.network, data, "other", one.circuit.parameters, Resources(device="cpu")).circuit
    return Lens(one.truth.network, circuit, "cpu")


def _kinds(one: Scene, found: tuple[DisputedGroup, ...]) -> list[set[str]]:
    known = {group.id: group for group in one.circuit.groups}
    return [one.kinds(known[group.id]) for group in found]


def _seen(image: PIL.Image.Image) -> tuple[Reading, Reading]:
    """Read the image with the circuit of quilts, and with that of the other class."""
    return scene().lens.analyse(image), _other().analyse(image)


def test_the_removed_square_is_what_is_missed() -> None:
    one = scene()
    for image in one.circuit.images[:4]:
        quilt, other = _seen(one.without("red", image.id))
        assert quilt.classes[0].name == "other" and one.lens.analyse(one.pictures.pictures[image.id]).target.logit > 0.5
        found = disagreement(_other().circuit, other, one.circuit, quilt)
        assert _kinds(one, found.missed)[0] == {"red"}
        red = {g.id for g in one.circuit.groups if g.layer != "fc" and one.kinds(g) == {"red"}}
        assert red <= {group.id for group in found.missed}
        for group in found.missed:
            own = quilt.group(group.id)
            assert (group.score, group.percentile, own.fires) == (own.score, own.percentile, False)
            if group.id in red and group.contribution > 0:  # nothing of it is left, so all of it is missed
                assert group.value == pytest.approx(group.contribution)
        assert all(first.value >= second.value for first, second in pairwise(found.missed))


def test_the_added_square_is_what_fires() -> None:
    """A picture of the other class in which one square is now red is predicted as a quilt."""
    one = scene()
    for image in one.circuit.images[:4]:
        quilt, other = _seen(one.without("stripes", image.id))
        assert quilt.classes[0].name == "quilt"
        found = disagreement(one.circuit, quilt, _other().circuit, other)
        against = [group for group in found.fired if group.value > 0]
        assert against and all(kinds == {"red"} for kinds in _kinds(one, tuple(against)))
        assert all(quilt.group(group.id).fires for group in found.fired)
