"""Check a circuit beyond the types of its keys. Here: everything that concerns one part alone.

:mod:`neurflow.result.circuit_references` checks the references between parts; :func:`check` runs both.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from neurflow.result.circuit import Box, Circuit, ImageInfo
from neurflow.result.circuit_references import problems_of_references
from neurflow.result.problems import outside, raise_problems, repeated, shown

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def check(circuit: Circuit) -> None:
    """Check that a circuit is valid.

    Args:
        circuit: circuit of the right types, as returned by :func:`neurflow.result.circuit_json.decode`.

    Raises:
        FormatError: the circuit is invalid; names up to ten problems with their values.
    """
    raise_problems(_problems(circuit))
    raise_problems(problems_of_references(circuit))


def _problems(circuit: Circuit) -> Iterator[str]:
    yield from _network(circuit)
    yield from _target(circuit)
    yield from _layers(circuit)
    yield from _images(circuit)
    yield from _held_out(circuit)
    yield from _patches(circuit)
    for position, timing in enumerate(circuit.timings):
        yield from outside(f"timings[{position}].seconds", timing.seconds, 0)


def _network(circuit: Circuit) -> Iterator[str]:
    network = circuit.network
    for place, digest in (("network", network.digest), ("data", circuit.data.digest)):
        if not _DIGEST.fullmatch(digest):
            yield f"{place}.digest: {shown(digest)} is not sha256: followed by 64 hexadecimal digits"
    yield from outside("network.input_size", network.input_size, 1)
    yield from outside("network.resize", network.resize, network.input_size)
    if not network.mean or len(network.mean) != len(network.std):
        yield f"network.std: {shown(network.std)} does not have one number for each of mean, {shown(network.mean)}"
    for position, deviation in enumerate(network.std):
        if deviation <= 0:
            yield f"network.std[{position}]: {shown(deviation)} is not above 0"


def _target(circuit: Circuit) -> Iterator[str]:
    target, classes = circuit.target, circuit.network.classes
    if not 0 <= target.index < len(classes):
        yield f"target.index: {shown(target.index)} is none of the {len(classes)} classes"
    elif classes[target.index] != target.name:
        yield f"target.name: {shown(target.name)} is not class {target.index}, {shown(classes[target.index])}"


def _layers(circuit: Circuit) -> Iterator[str]:
    if not circuit.layers:
        yield "layers: is empty"
        return
    yield from repeated("layers", (layer.name for layer in circuit.layers))
    for position, layer in enumerate(circuit.layers):
        place = f"layers[{position}]"
        yield from outside(f"{place}.channels", layer.channels, 1)
        if layer.channels not in layer.shape or min(layer.shape) < 1:
            yield f"{place}.shape: {shown(layer.shape)} is not a shape of {layer.channels} channels"
    top, classes = circuit.layers[-1], len(circuit.network.classes)
    if top.channels != classes:
        yield f"layers[{len(circuit.layers) - 1}].channels: {top.channels} is not the number of classes, {classes}"


def _images(circuit: Circuit) -> Iterator[str]:
    yield from repeated("images", (image.id for image in circuit.images))
    for position, image in enumerate(circuit.images):
        yield from outside(f"images[{position}].width", image.width, 1)
        yield from outside(f"images[{position}].height", image.height, 1)
        yield from outside(f"images[{position}].probability", image.probability, 0, 1)


def _held_out(circuit: Circuit) -> Iterator[str]:
    held_out = circuit.data.held_out
    if held_out is None:
        return
    yield from repeated("data.held_out", held_out)
    traced = {image.id for image in circuit.images}
    for position, id in enumerate(held_out):
        if id in traced:
            yield f"data.held_out[{position}]: {shown(id)} is also in images, which were traced"


def _patches(circuit: Circuit) -> Iterator[str]:
    for position, patch in enumerate(circuit.patches):
        if not 0 <= patch.image < len(circuit.images):
            yield f"patches[{position}].image: {shown(patch.image)} is none of the {len(circuit.images)} images"
        else:
            yield from _box(f"patches[{position}].box", patch.box, circuit.images[patch.image])


def _box(place: str, box: Box, image: ImageInfo) -> Iterator[str]:
    if not (0 <= box.left < box.right <= image.width and 0 <= box.top < box.bottom <= image.height):
        corners = (box.left, box.top, box.right, box.bottom)
        yield f"{place}: {shown(corners)} is not a box in {shown(image.id)}, {image.width} × {image.height} pixels"
