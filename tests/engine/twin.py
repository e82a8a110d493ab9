"""The method's formulas once more, slow and in float64: plain loops, and autograd on the networks' own modules.

Also the small random networks with which the engine is compared. Each is a chain of named modules, so that the part
between two layers is a module that the tests can run by itself.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from neurflow.method.attribution import PathIntegral
from neurflow.network.affine import split_affine
from neurflow.network.graph import NetworkGraph
from neurflow.network.ladder import choose_layers
from neurflow.network.layers import Ladder
from neurflow.network.narrow import Tokens, single_neuron

Floats = NDArray[np.float64]

SIZE = 8
"""Side of the small networks' input in pixels."""
CLASSES = 3
MIB = 2**20


# The formulas


def pooled(activation: Tensor, channel: int, channel_axis: int, tokens: Tokens = "mean") -> Tensor:
    """Return ``φ_a`` of one sample with a batch axis of one: the mean over all but the channel, or the class token."""
    values = activation[0].movedim(channel_axis - 1, 0)[channel]
    return values[0] if tokens == "class" and values.dim() == 1 else values.mean()


def integrated_gradients(
    module: nn.Module,
    x: Tensor,
    channel: int,
    axes: tuple[int, int],
    nodes: int,
    tokens: Tokens = "mean",
) -> Floats:
    """``IG_s(v)``, ``(k, C)``: patch by patch and node by node.

    Args:
        module: from the lower layer to the upper one, in float64.
        x: the lower layer's maps, ``(k, …)``.
        channel: ``a``.
        axes: of the channels below and above.
        nodes: of Gauss–Legendre.
        tokens: how the upper layer is pooled.
    """
    below, above = axes
    places, shares = np.polynomial.legendre.leggauss(nodes)
    rows = []
    for v in range(len(x)):
        whole = x[v : v + 1].double()
        mean_gradient = torch.zeros_like(whole)
        for place, share in zip(places, shares, strict=True):
            point = ((place + 1) / 2 * whole).requires_grad_()
            (gradient,) = torch.autograd.grad(pooled(module(point), channel, above, tokens), point)
            mean_gradient += share / 2 * gradient
        product = (whole * mean_gradient)[0].movedim(below - 1, 0)
        rows.append([float(product[s].sum()) for s in range(product.shape[0])])
    return np.array(rows)


def rise(module: nn.Module, x: Tensor, channel: int, axis: int, tokens: Tokens = "mean") -> Floats:
    """``φ_a(v) − φ_a(0)``, ``(k,)``."""
    with torch.no_grad():
        at_zero = pooled(module(torch.zeros_like(x[:1]).double()), channel, axis, tokens)
        values = [pooled(module(x[v : v + 1].double()), channel, axis, tokens) for v in range(len(x))]
    return np.array([float(value - at_zero) for value in values])


def scores(attributions: Floats) -> Floats:
    """``T(a, s) = mean over v of |IG_s(v)|``, ``(C,)``."""
    patches, channels = attributions.shape
    return np.array([sum(abs(attributions[v, s]) for v in range(patches)) / patches for s in range(channels)])


def core_set(score: Floats, tau: int) -> list[int]:
    """The ``τ`` neurons with the highest score, the lower channel first among equals."""
    return sorted(range(len(score)), key=lambda s: (-score[s], s))[:tau]


def part_edge_weights(attributions: Floats, part: Sequence[int], core: Sequence[int]) -> list[float]:
    """``w(V_a^i, s)`` for each ``s`` of ``core``; ``part`` holds rows of ``attributions``."""
    means = {s: sum(float(attributions[v, s]) for v in part) / len(part) for s in core}
    total = sum(abs(mean) for mean in means.values())
    return [means[s] / total if total else 0.0 for s in core]


def part_patch_weights(attributions: Floats, part: Sequence[int], core: Sequence[int]) -> list[list[float]]:
    """Return each patch's share of each weight: its own attribution in the mean, scaled alike."""
    means = {s: sum(float(attributions[v, s]) for v in part) / len(part) for s in core}
    total = sum(abs(mean) for mean in means.values())
    return [[float(attributions[v, s]) / len(part) / total if total else 0.0 for s in core] for v in part]


def mean_map(activation: Tensor, channels: Sequence[int], channel_axis: int) -> list[list[float]]:
    """Return the mean of some channels' maps of one sample (batch axis of one), cell by cell; tokens as a square."""
    maps = activation[0].movedim(channel_axis - 1, 0).double()
    if maps.dim() == 2:
        side = int(maps.shape[1] ** 0.5)
        maps = maps[:, maps.shape[1] - side**2 :].reshape(-1, side, side)
    height, width = maps.shape[1:]
    return [[sum(float(maps[a, y, x]) for a in channels) / len(channels) for x in range(width)] for y in range(height)]


def jaccard(first: Sequence[int], second: Sequence[int]) -> float:
    one, other = set(first), set(second)
    return len(one & other) / len(one | other)


# The networks


class ConvNormRelu(nn.Sequential):
    def __init__(self, inputs: int, outputs: int, kernel: int = 3, stride: int = 1) -> None:
        convolution = nn.Conv2d(inputs, outputs, kernel, stride, padding=kernel // 2, bias=False)
        super().__init__(convolution, nn.BatchNorm2d(outputs), nn.ReLU())


class Residual(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = ConvNormRelu(channels, channels)
        self.second = nn.Conv2d(channels, channels, 3, padding=1)
        self.norm = nn.BatchNorm2d(channels)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(x + self.norm(self.second(self.first(x))))


class MaxPooled(nn.Module):
    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(inputs, outputs, 3, padding=1)
        self.pool = nn.MaxPool2d(2)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.convolution(self.pool(x)))


class Branches(nn.Module):
    def __init__(self, inputs: int) -> None:
        super().__init__()
        self.narrow = ConvNormRelu(inputs, 3, kernel=1)
        self.wide = nn.Sequential(ConvNormRelu(inputs, 4, kernel=1), ConvNormRelu(4, 3))
        self.pooled = nn.Sequential(nn.MaxPool2d(3, 1, 1), nn.Conv2d(inputs, 2, 1))

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([self.narrow(x), self.wide(x), self.pooled(x)], dim=1)


class Head(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.fc = nn.Linear(channels, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.fc(x.mean((2, 3)))
        return logits


class Embedding(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(3, channels, 4, 4)
        self.class_token = nn.Parameter(torch.zeros(1, 1, channels))
        self.positions = nn.Parameter(torch.zeros(1, 5, channels))

    def forward(self, x: Tensor) -> Tensor:
        tokens = self.convolution(x).flatten(2).transpose(1, 2)
        return torch.cat([self.class_token.expand(x.shape[0], -1, -1), tokens], dim=1) + self.positions


class Block(nn.Module):
    """A transformer block: attention with two heads, then a perceptron, each added to its input."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(channels), nn.LayerNorm(channels)
        self.qkv, self.out = nn.Linear(channels, 3 * channels), nn.Linear(channels, channels)
        self.perceptron = nn.Sequential(nn.Linear(channels, 2 * channels), nn.GELU(), nn.Linear(2 * channels, channels))

    def forward(self, x: Tensor) -> Tensor:
        count, tokens, channels = x.shape
        q, k, v = self.qkv(self.norm1(x)).reshape(count, tokens, 3, 2, channels // 2).permute(2, 0, 3, 1, 4)
        seen = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(count, tokens, channels)
        x = x + self.out(seen)
        y: Tensor = x + self.perceptron(self.norm2(x))
        return y


class TokenHead(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(channels)
        self.fc = nn.Linear(channels, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.fc(self.norm(x)[:, 0])
        return logits


def _modules(kind: str) -> dict[str, nn.Module]:
    if kind == "residual":
        return {"stem": ConvNormRelu(3, 6), "block": Residual(6), "head": Head(6)}
    if kind == "max_pool":
        return {"stem": MaxPooled(3, 6), "block": MaxPooled(6, 5), "head": Head(5)}
    if kind == "branches":
        return {"stem": ConvNormRelu(3, 6), "block": Branches(6), "head": Head(8)}
    if kind == "linear":
        return {"stem": nn.Conv2d(3, 6, 3, padding=1), "block": nn.Conv2d(6, 5, 3), "head": Head(5)}
    return {"stem": Embedding(8), "block": Block(8), "head": TokenHead(8)}


KINDS = ("residual", "max_pool", "branches", "transformer_mean", "transformer_class")


def randomise(network: nn.Module, seed: int) -> None:
    """Set weights of unit gain, and biases and batch statistics that matter."""
    generator = torch.Generator().manual_seed(seed)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            assert module.running_mean is not None and module.running_var is not None
            module.running_mean.normal_(0, 0.3, generator=generator)
            module.running_var.uniform_(0.5, 2, generator=generator)
    with torch.no_grad():
        for parameter in network.parameters():
            fan_in = parameter[0].numel() if parameter.dim() > 1 else 10
            parameter.normal_(0, fan_in**-0.5, generator=generator)


@dataclass(frozen=True)
class Small:
    """A small random network, captured, with a few images and every layer's maps of them."""

    network: nn.Sequential
    ladder: Ladder
    tokens: Tokens
    images: Tensor
    maps: tuple[Tensor, ...]

    @property
    def names(self) -> list[str]:
        return list(self.network._modules)

    def module(self, upper: int) -> nn.Module:
        """Return what leads to layer ``upper`` from the one below, in float64."""
        return copy.deepcopy(self.network[upper]).double()

    def axes(self, upper: int) -> tuple[int, int]:
        """Return the axes of the channels below and above."""
        return self.ladder.points[upper - 1].channel_axis, self.ladder.points[upper].channel_axis

    def integral(self, upper: int, channel: int, working_set: int = MIB) -> PathIntegral:
        """Return the engine's path integral of one neuron over all images."""
        neuron = single_neuron(self.ladder.step(upper), channel, self.axes(upper)[1], self.tokens)
        return PathIntegral(split_affine(neuron), self.maps[upper - 1], self.axes(upper)[0], working_set)

    def neurons(self) -> Iterator[tuple[int, int]]:
        """Yield every neuron that has a layer below: its layer and channel."""
        for upper in range(1, len(self.ladder)):
            yield from ((upper, channel) for channel in range(self.ladder.points[upper].channels))


@cache
def small(kind: str, seed: int, images: int = 4) -> Small:
    """Return a small network of :data:`KINDS`, or ``"linear"``."""
    network = nn.Sequential()
    for name, module in _modules(kind).items():
        network.add_module(name, module)
    randomise(network.eval(), seed)
    graph = NetworkGraph(network, SIZE)
    tokens: Tokens = "class" if kind == "transformer_class" else "mean"
    ladder = Ladder(graph, choose_layers(graph, list(network._modules)), tokens)
    pictures = torch.randn(images, 3, SIZE, SIZE, generator=torch.Generator().manual_seed(seed + 1))
    maps, x = [], pictures
    with torch.no_grad():
        for module in network:
            x = module(x)
            maps.append(x)
    return Small(network, ladder, tokens, pictures, tuple(maps))
