"""Scenes for the tests of the lens: planted networks with their circuits, and small networks of each kind."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import PIL.Image
import torch

from neurflow.lens import KnockOut, Lens
from neurflow.lens.sliced_network import SlicedNetwork
from neurflow.network.networks import Network
from neurflow.network.preprocessing import Preprocessing
from neurflow.network.weights import digest
from neurflow.result.circuit import Circuit, Group, TargetClass
from neurflow.terms.parameters import Resources, TraceParameters
from neurflow.tracing import trace
from tests.engine import planted, twin
from tests.engine.circuits import CIRCUIT
from tests.engine.planted import Pictures, Planted

IMAGES = 20
LAYERS = ("edges", "patterns", "parts", "fc")


@dataclass(frozen=True)
class Scene:
    """A planted network, its pictures, its circuit and a lens."""

    truth: Planted
    pictures: Pictures
    circuit: Circuit
    lens: Lens

    @property
    def traced(self) -> list[PIL.Image.Image]:
        """The circuit's own images."""
        return [self.pictures.pictures[image.id] for image in self.circuit.images]

    def group(self, layer: str, *names: str) -> Group:
        """Return the group of these planted neurons."""
        channels = tuple(sorted(self.truth.channels[layer][name] for name in names))
        (found,) = (g for g in self.circuit.groups if g.layer == layer and g.neurons == channels)
        return found

    def kinds(self, group: Group) -> set[str]:
        """Return which of a picture's squares a group below the top responds to, as its exemplars show."""
        return {str(self.pictures.kind(e.image, e.box)) for e in group.exemplars}

    def without(self, kind: str, id: str) -> PIL.Image.Image:
        """Return a picture with plain ground, or magenta for ground, in place of one of its squares."""
        picture = self.pictures.pictures[id].copy()
        box, other = (self.pictures.squares[id][k] for k in (kind, "magenta" if kind == "ground" else "ground"))
        picture.paste(picture.crop((other.left, other.top, other.right, other.bottom)), (box.left, box.top))
        return picture


@cache
def scene(style: str = "plain", seed: int = 0, crops: tuple[float, ...] = (0.5,)) -> Scene:
    truth, pictures = planted.plant(style, seed), planted.draw(seed, IMAGES + 8)
    parameters = TraceParameters(
        images=IMAGES, top_k=IMAGES, tau=planted.TAU, crops=crops, layers=LAYERS[:-1], held_out=8, seed=seed
    )
    circuit = trace(truth.network, pictures, "quilt", parameters, Resources(device="cpu")).circuit
    return Scene(truth, pictures, circuit, Lens(truth.network, circuit, device="cpu"))


@dataclass(frozen=True)
class Sliced:
    """A small random network and its slices."""

    net: twin.Small
    network: Network
    circuit: Circuit
    sliced: SlicedNetwork


@cache
def sliced(kind: str) -> Sliced:
    net = twin.small(kind, 0)
    plain = Preprocessing(twin.SIZE, twin.SIZE, (0.0, 0.0, 0.0), (1.0, 1.0, 1.0))
    classes = tuple(f"class {index}" for index in range(twin.CLASSES))
    network = Network(f"twin/{kind}", net.network, classes, plain, digest(net.network))
    circuit = replace(
        CIRCUIT,
        network=replace(
            CIRCUIT.network, digest=network.digest, input_size=twin.SIZE, resize=twin.SIZE, classes=classes
        ),
        target=TargetClass(classes[0], 0),
        parameters=replace(CIRCUIT.parameters, tokens=net.tokens),
        layers=net.ladder.info,
        groups=(),
    )
    return Sliced(net, network, circuit, SlicedNetwork(network, circuit, torch.device("cpu")))


def logit_of(found: KnockOut, index: int) -> tuple[float, float]:
    """Return the logit of a class before and after a knock-out."""
    (change,) = (change for change in found.classes if change.index == index)
    return change.logit
