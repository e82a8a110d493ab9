"""From indices among all patches to positions among those that the circuit holds."""

from __future__ import annotations

from dataclasses import replace

import PIL.Image

from neurflow.method.numbering import Numbering, picture_file
from neurflow.result.circuit import Importance
from tests.engine.circuits import CIRCUIT

# The circuit's patches as if they were among a thousand: 10 becomes 0, 17 becomes 1, 24 becomes 2 …
SPREAD = [10 + 7 * position for position in range(len(CIRCUIT.patches))]


def _spread() -> Numbering:
    neurons = [
        replace(
            neuron,
            semantic_groups=tuple(
                replace(part, patches=tuple(SPREAD[patch] for patch in part.patches)) for part in neuron.semantic_groups
            ),
        )
        for neuron in reversed(CIRCUIT.neurons)
    ]
    return Numbering(neurons)


def _held() -> list[int]:
    """Return positions of the patches that some neuron's concept holds."""
    return sorted({patch for n in CIRCUIT.neurons for part in n.semantic_groups for patch in part.patches})


def test_the_patches_of_concepts_are_kept_in_rising_order() -> None:
    assert _spread().used == tuple(SPREAD[patch] for patch in _held())


def test_neurons_groups_and_edges_are_numbered_by_positions() -> None:
    numbering, place = _spread(), {patch: position for position, patch in enumerate(_held())}
    for neuron in CIRCUIT.neurons:
        parts = tuple(
            replace(part, patches=tuple(SPREAD[patch] for patch in part.patches)) for part in neuron.semantic_groups
        )
        found = numbering.neuron(replace(neuron, semantic_groups=parts))
        expected = [tuple(place[patch] for patch in part.patches) for part in neuron.semantic_groups]
        assert [part.patches for part in found.semantic_groups] == expected
        assert replace(found, semantic_groups=()) == replace(neuron, semantic_groups=())
    for group in CIRCUIT.groups:
        exemplars = tuple(replace(e, patch=SPREAD[e.patch], file="") for e in group.exemplars)
        moved = numbering.group(replace(group, exemplars=exemplars), 0.25, 7)
        assert [e.patch for e in moved.exemplars] == [place[e.patch] for e in group.exemplars]
        assert [e.file for e in moved.exemplars] == [f"patches/{place[e.patch]:06d}.webp" for e in group.exemplars]
        assert moved.importance == Importance(group.importance.contribution, 0.25, 7)
        assert numbering.group(replace(group, exemplars=()), None, 0).importance.logit_drop is None
    for edge in CIRCUIT.edges:
        patches = None if edge.patches is None else tuple(replace(p, patch=SPREAD[p.patch]) for p in edge.patches)
        changed = numbering.edge(replace(edge, patches=patches))
        assert [p.patch for p in changed.patches or ()] == [place[p.patch] for p in edge.patches or ()]
        assert [p.weight for p in changed.patches or ()] == [p.weight for p in edge.patches or ()]
    assert numbering.edge(replace(CIRCUIT.edges[0], patches=None)).patches == ()


def test_pictures_are_named_by_position_in_the_order_of_their_files() -> None:
    numbering, held = _spread(), _held()
    pictures = {SPREAD[patch]: PIL.Image.new("L", (1, 1), patch) for patch in reversed(held)}
    found = numbering.pictures(pictures)
    assert list(found) == [picture_file(position) for position in range(len(held))]
    assert [picture.getpixel((0, 0)) for picture in found.values()] == held
    assert picture_file(12) == "patches/000012.webp"
