"""A network whose weights are set by hand over synthetic pictures, so that its circuit is known.

::

    fc       class  ◄── poly, red_only, stripes_only (+), ground_only (−)

    parts    poly          ◄── two of RED, two of STRIPES    polysemantic: red squares or blue stripes
             red_only      ◄── all of RED
             stripes_only  ◄── all of STRIPES
             ground_only   ◄── all of GROUND

    patterns RED × 4       ◄── red × 3 (+), one of ground (−)
             STRIPES × 4   ◄── rise × 2, fall × 2
             GROUND × 4    ◄── ground × 4

    edges    red × 3, rise × 2, fall × 2 (upper and lower borders of blue), ground × 4

So each neuron has four true core neurons. Beside them every layer has distractors, as active as the true neurons, from
which the true neurons above hear a little noise. The seed draws the noise, the order of the channels of each layer, and
the pictures.

A picture is four squares on green ground that lies everywhere: a red square, blue stripes, plain ground and magenta,
which only distractors like. Windows of half a picture's side meet each square exactly once.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import PIL.Image
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from neurflow.data.images import ImageRef
from neurflow.network.networks import Network
from neurflow.network.preprocessing import Preprocessing
from neurflow.network.weights import digest
from neurflow.result.circuit import Box
from neurflow.terms.errors import DataError

SIZE = 16
"""Side of the network's input, and of each of a picture's four squares, in pixels."""
TAU = 4
CLASSES = ("quilt", "other")

# The true circuit, by name: the inputs of each neuron and their weights.
EDGES = ("red1", "red2", "red3", "rise1", "rise2", "fall1", "fall2", "ground1", "ground2", "ground3", "ground4")
PATTERNS: dict[str, dict[str, float]] = {
    **{f"RED{i}": {"red1": 0.5, "red2": 0.4, "red3": 0.45, f"ground{i}": -0.3} for i in range(1, 5)},
    **{f"STRIPES{i}": {"rise1": 0.6, "rise2": 0.5, "fall1": 0.6, "fall2": 0.4 + 0.1 * i} for i in range(1, 5)},
    **{f"GROUND{i}": {"ground1": 0.4, "ground2": 0.3, "ground3": 0.35, "ground4": 0.2 + 0.1 * i} for i in range(1, 5)},
}
PARTS: dict[str, dict[str, float]] = {
    "poly": {"RED1": 0.5, "RED2": 0.5, "STRIPES1": 0.5, "STRIPES2": 0.5},
    "red_only": {"RED1": 0.3, "RED2": 0.3, "RED3": 0.4, "RED4": 0.4},
    "stripes_only": {"STRIPES1": 0.25, "STRIPES2": 0.3, "STRIPES3": 0.3, "STRIPES4": 0.3},
    "ground_only": {f"GROUND{i}": 0.25 for i in range(1, 5)},
}
TOP: dict[str, float] = {"poly": 2.0, "red_only": 1.0, "stripes_only": 1.0, "ground_only": -0.7}
DISTRACTORS = 5
NOISE = 0.02
Floats = NDArray[np.float64]


class Plain(nn.Module):
    """A convolution and its nonlinearity."""

    def __init__(self, inputs: int, outputs: int, kernel: int) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(inputs, outputs, kernel)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.convolution(x))

    def fill(self, generator: np.random.Generator, weight: Floats, bias: Floats) -> None:
        _fill(self.convolution, weight, bias)


class Residual(nn.Module):
    """The same as :class:`Plain`, by a convolution with batch norm and a shortcut; then the mean of two by two."""

    def __init__(self, inputs: int, outputs: int, kernel: int) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(inputs, outputs, kernel)
        self.norm = nn.BatchNorm2d(outputs)
        self.shortcut = nn.Conv2d(inputs, outputs, kernel)

    def forward(self, x: Tensor) -> Tensor:
        return F.avg_pool2d(F.relu(self.norm(self.convolution(x)) + self.shortcut(x)), 2)

    def fill(self, generator: np.random.Generator, weight: Floats, bias: Floats) -> None:
        """Share the weights among the two paths; the batch norm cancels out."""
        share = generator.uniform(0.2, 0.8, weight.shape)
        count = len(bias)
        gamma, mean, deviation = (generator.uniform(0.5, 2, count) for _ in range(3))
        scale = (deviation / gamma)[:, None, None, None]
        _fill(self.convolution, share * weight * scale, mean)
        _fill(self.shortcut, (1 - share) * weight, bias)
        assert self.norm.running_mean is not None and self.norm.running_var is not None
        with torch.no_grad():
            self.norm.weight.copy_(torch.from_numpy(gamma))
            self.norm.bias.zero_()
            self.norm.running_mean.copy_(torch.from_numpy(mean))
            self.norm.running_var.copy_(torch.from_numpy(deviation**2 - self.norm.eps))


STYLES: dict[str, type[Plain | Residual]] = {"plain": Plain, "residual": Residual}


class Head(nn.Module):
    def __init__(self, inputs: int) -> None:
        super().__init__()
        self.linear = nn.Linear(inputs, len(CLASSES))

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.linear(x.mean((2, 3)))
        return logits


@dataclass(frozen=True)
class Planted:
    """The network, and the channel of each true neuron by layer and name."""

    network: Network
    channels: Mapping[str, Mapping[str, int]]

    def true_core(self) -> dict[tuple[str, int], set[int]]:
        """The core channels of each true neuron, by layer and channel."""
        found: dict[tuple[str, int], set[int]] = {("fc", 0): {self.channels["parts"][name] for name in TOP}}
        for layer, below, wiring in (("parts", "patterns", PARTS), ("patterns", "edges", PATTERNS)):
            for name, heard in wiring.items():
                found[layer, self.channels[layer][name]] = {self.channels[below][lower] for lower in heard}
        return found

    def signs(self, layer: str, name: str) -> dict[int, int]:
        """The sign of a true neuron's weight from each of its core channels."""
        wiring = {"fc": {"quilt": TOP}, "parts": PARTS, "patterns": PATTERNS}[layer]
        below = {"fc": "parts", "parts": "patterns", "patterns": "edges"}[layer]
        return {self.channels[below][lower]: 1 if weight > 0 else -1 for lower, weight in wiring[name].items()}


def plant(style: str, seed: int) -> Planted:
    """Make the network with stages of one of :data:`STYLES`; ``seed`` sets the noise and the order of channels."""
    generator = np.random.default_rng(seed)
    names = {"edges": EDGES, "patterns": tuple(PATTERNS), "parts": tuple(PARTS)}
    channels = {layer: _shuffled(generator, known) for layer, known in names.items()}
    width = {layer: len(known) + DISTRACTORS for layer, known in names.items()}
    module = nn.Sequential()
    module.add_module("edges", _edges(generator, channels["edges"], width["edges"]))
    for layer, below, wiring in (("patterns", "edges", PATTERNS), ("parts", "patterns", PARTS)):
        stage = STYLES[style](width[below], width[layer], 1)
        weight = _wire(generator, wiring, channels[layer], channels[below], (width[layer], width[below]))
        stage.fill(generator, weight[:, :, None, None], generator.uniform(-0.03, 0, width[layer]))
        module.add_module(layer, stage)
    head = Head(width["parts"])
    top = _wire(generator, {"quilt": TOP}, {"quilt": 0}, channels["parts"], (len(CLASSES), width["parts"]))
    top[1] = generator.uniform(-NOISE, NOISE, width["parts"])
    _fill(head.linear, top, np.array([0.2, 0.0]))
    module.add_module("fc", head)
    module.eval()
    size = Preprocessing(SIZE, SIZE, (0.0, 0.0, 0.0), (1.0, 1.0, 1.0))
    return Planted(Network(f"planted/{style}/{seed}", module, CLASSES, size, digest(module)), channels)


def _shuffled(generator: np.random.Generator, names: Sequence[str]) -> dict[str, int]:
    order = generator.permutation(len(names) + DISTRACTORS)
    return {name: int(channel) for name, channel in zip(names, order, strict=False)}


def _edges(generator: np.random.Generator, channels: Mapping[str, int], width: int) -> Plain:
    """Detectors of colour look at the middle of a window of three by three, those of borders above and below it."""
    weight = np.zeros((width, 3, 3, 3))
    true = set(channels.values())
    for channel in range(width):
        if channel not in true:
            weight[channel, :, 1, 1] = generator.uniform(0, 0.7, 3)
    red, green, blue = range(3)
    for name, channel in channels.items():
        kind, number = name[:-1], int(name[-1])
        if kind == "red":
            weight[channel, red, 1, 1], weight[channel, blue, 1, 1] = 0.9 + 0.1 * number, -1.5
        elif kind == "ground":
            weight[channel, green, 1, 1] = 0.9 + 0.1 * number
        else:
            gain = 1 + 0.2 * number if kind == "rise" else -1 - 0.2 * number
            weight[channel, blue, 2, 1], weight[channel, blue, 0, 1] = gain, -gain
    stage = Plain(3, width, 3)
    stage.fill(generator, weight, generator.uniform(-0.03, 0, width))
    return stage


def _wire(
    generator: np.random.Generator,
    wiring: Mapping[str, Mapping[str, float]],
    channels: Mapping[str, int],
    below: Mapping[str, int],
    shape: tuple[int, int],
) -> Floats:
    """True neurons read their inputs and a little noise, distractors a bit of everything."""
    weight = generator.uniform(0, 2 / shape[1], shape)
    for name, channel in channels.items():
        weight[channel] = generator.uniform(-NOISE, NOISE, shape[1])
        for lower, strength in wiring[name].items():
            weight[channel, below[lower]] = strength
    return weight


def _fill(module: nn.Conv2d | nn.Linear, weight: Floats, bias: Floats) -> None:
    assert module.bias is not None
    with torch.no_grad():
        module.weight.copy_(torch.from_numpy(weight))
        module.bias.copy_(torch.from_numpy(bias))


# The pictures

CORNERS = {"red": (0, 0), "stripes": (1, 1), "ground": (1, 0), "magenta": (0, 1)}
"""Column and row of each square of a picture before its columns and rows are swapped."""


@dataclass(frozen=True)
class Pictures:
    """Pictures in memory, as a :class:`neurflow.datasets.Dataset`, and what is shown where.

    Attributes:
        squares: by image id, the box of each square.
    """

    pictures: Mapping[str, PIL.Image.Image]
    refs: tuple[ImageRef, ...]
    squares: Mapping[str, Mapping[str, Box]] = field(default_factory=dict)
    broken: frozenset[str] = frozenset()
    """Ids of unreadable images."""

    @property
    def spec(self) -> str:
        return "memory/pictures"

    @property
    def images(self) -> tuple[ImageRef, ...]:
        return self.refs

    def load(self, ref: ImageRef) -> PIL.Image.Image:
        if ref.id in self.broken:
            raise DataError(f"image {ref.id} cannot be read")
        return self.pictures[ref.id]

    def kind(self, image: str, box: Box) -> str | None:
        """Return the square that a window shows; ``None`` if it shows parts of several."""
        return next((kind for kind, own in self.squares[image].items() if own == box), None)

    def changed(self, **changes: object) -> Pictures:
        """Return a copy that differs in some attributes."""
        return dataclasses.replace(self, **changes)  # type: ignore[arg-type]


def draw(seed: int, count: int) -> Pictures:
    """Draw pictures of the class ``quilt``."""
    generator = np.random.default_rng(1000 + seed)
    pictures, squares = {}, {}
    for number in range(count):
        id = f"quilt/{number:03d}.png"
        pictures[id], squares[id] = _picture(generator)
    return Pictures(pictures, tuple(ImageRef(id, "quilt") for id in pictures), squares)


def _picture(generator: np.random.Generator) -> tuple[PIL.Image.Image, dict[str, Box]]:
    column, row = (int(swap) for swap in generator.integers(2, size=2))
    pixels = np.zeros((2 * SIZE, 2 * SIZE, 3))
    squares = {}
    for kind, (x, y) in CORNERS.items():
        left, top = SIZE * (x ^ column), SIZE * (y ^ row)
        squares[kind] = Box(left, top, left + SIZE, top + SIZE)
        pixels[top : top + SIZE, left : left + SIZE] = _square(kind, generator)
    return PIL.Image.fromarray(np.rint(255 * pixels.clip(0, 1)).astype(np.uint8)), squares


def _square(kind: str, generator: np.random.Generator) -> Floats:
    """Return ``(SIZE, SIZE, 3)`` in [0, 1]."""
    pixels = np.zeros((SIZE, SIZE, 3))
    pixels[:, :, 1] = 0.3 + 0.02 * generator.normal()
    if kind == "red":
        pixels[:, :, 0] = 0.85 + 0.05 * generator.normal()
    elif kind == "stripes":
        rows = (np.arange(SIZE) + generator.integers(4)) % 4 < 2
        pixels[rows, :, 2] = 0.85 + 0.05 * generator.normal()
    elif kind == "ground":
        pixels[:, :, 1] = 0.8
    else:
        pixels[:, :, 0] = pixels[:, :, 2] = 0.6
    return pixels
