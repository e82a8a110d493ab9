"""Networks that the tests share: one of each of torchvision's families and small ones of our own, seeded and filled.

Capturing a network takes a second or more, so each is captured once in a session and never changed afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import torch
import torch.nn.functional as F
from torch import Tensor, fx, nn
from torchvision import models

from neurflow.network.graph import CutPoint, NetworkGraph
from neurflow.network.ladder import default_ladder
from neurflow.network.slices import Slicer, Subgraph

CLASSES = 10
SEED = 7


@dataclass(frozen=True)
class Recipe:
    """How a network is built, and the side of its input in pixels."""

    build: Callable[[], nn.Module]
    input_size: int


@dataclass(frozen=True)
class Prepared:
    """A network in eval mode with its graph and what hooks saw on a few images.

    Attributes:
        images: ``(3, 3, S, S)``, channels-last as the engine's own batches; the graph was exported with two.
        seen: by name and alias of each cut point, the module's output on ``images``; ``"output"`` for the logits.
    """

    network: nn.Module
    graph: NetworkGraph
    ladder: tuple[CutPoint, ...]
    images: Tensor
    seen: dict[str, Tensor]

    def below(self, points: Sequence[CutPoint]) -> list[tuple[fx.Node | None, Tensor, CutPoint]]:
        """Yield for each layer the one below it, ``None`` for the image, with its map."""
        lower: list[tuple[fx.Node | None, Tensor]] = [(None, self.images)]
        lower += [(point.node, self.seen[point.name]) for point in points]
        return [(node, value, point) for (node, value), point in zip(lower, points, strict=False)]


def fill(network: nn.Module, seed: int) -> nn.Module:
    """Draw all weights and statistics anew: activations of about one everywhere, no two channels alike."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            noise = torch.randn(parameter.shape, generator=generator)
            if parameter.dim() > 1:
                parameter.copy_(noise * (2 / max(1, parameter[0].numel())) ** 0.5)
            else:
                parameter.copy_(noise * 0.1 + float(name.endswith("weight")))
        for name, buffer in network.named_buffers():
            if name.endswith("running_mean"):
                buffer.copy_(torch.randn(buffer.shape, generator=generator) * 0.3)
            elif name.endswith("running_var"):
                buffer.copy_(torch.rand(buffer.shape, generator=generator) + 0.5)
    return network.eval()


def images(count: int, size: int, seed: int = SEED) -> Tensor:
    """Return ``(count, 3, size, size)``, channels-last."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(count, size, size, 3, generator=generator).permute(0, 3, 1, 2)


def watch(network: nn.Module, names: Sequence[str], inputs: Tensor) -> tuple[dict[str, Tensor], Tensor]:
    """Return outputs of modules by name, and the network's own. Cloned at once: later modules may write into them."""
    seen: dict[str, Tensor] = {}

    def keep(name: str) -> Callable[[nn.Module, tuple[Tensor, ...], Tensor], None]:
        def hook(module: nn.Module, args: tuple[Tensor, ...], output: Tensor) -> None:
            assert name not in seen, f"{name} runs more than once"
            seen[name] = output.clone()

        return hook

    handles = [network.get_submodule(name).register_forward_hook(keep(name)) for name in names]
    try:
        with torch.no_grad():
            return seen, network(inputs)
    finally:
        for handle in handles:
            handle.remove()


@cache
def prepared(name: str) -> Prepared:
    recipe = {**FAMILIES, **OWN}[name]
    network = fill(recipe.build(), SEED)
    graph = NetworkGraph(network, recipe.input_size)
    batch = images(3, recipe.input_size)
    names = [name for point in graph.cut_points for name in (point.name, *point.aliases) if name != "output"]
    seen, logits = watch(network, names, batch)
    return Prepared(network, graph, default_ladder(graph), batch, {**seen, "output": logits})


def error(actual: Tensor, expected: Tensor) -> float:
    """Return the largest difference over the largest value."""
    assert actual.shape == expected.shape
    assert bool(expected.isfinite().all()) and float(expected.abs().max()) > 1e-3
    return float((actual - expected).abs().max() / expected.abs().max())


class Chain(nn.Module):
    """``stem`` (a linear convolution to ``width`` channels), ``body``, ``fc``: to test a single operation."""

    def __init__(self, body: nn.Module, width: int = 4, size: int = 4) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, width, 3, padding=1)
        self.body = body
        with torch.no_grad():
            features = body.eval()(torch.zeros(1, width, size, size)).numel()
        self.fc = nn.Linear(features, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.fc(self.body(self.stem(x)).flatten(1))
        return logits


class Lambda(nn.Module):
    """A function as a module."""

    def __init__(self, function: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: Tensor) -> Tensor:
        return self.function(x)


@dataclass(frozen=True)
class BodySlice:
    """Return the slice that holds the body of a :class:`Chain` alone, with input and output as hooks record them."""

    slice: Subgraph
    point: CutPoint
    below: CutPoint
    x: Tensor
    y: Tensor


def body_slice(body: nn.Module, width: int = 4, size: int = 4, *, fold: bool = True, seed: int = SEED) -> BodySlice:
    network = fill(Chain(body, width, size), seed)
    graph = NetworkGraph(network, size)
    seen, _ = watch(network, ["stem", "body"], images(3, size, seed))
    below, point = graph.find("stem"), graph.find("body")
    part = Slicer(graph.captured, fold).between(below.node, [point.node])
    return BodySlice(part, point, below, seen["stem"], seen["body"])


def _narrow(build: Callable[..., nn.Module]) -> nn.Module:
    """VGG or AlexNet with a classifier of 32 units instead of 4,096, which would take half a gigabyte."""
    with torch.device("meta"):
        network = build(num_classes=CLASSES)
    classifier = network.get_submodule("classifier")
    assert isinstance(classifier, nn.Sequential)
    width = 0
    for i, module in enumerate(classifier):
        if isinstance(module, nn.Linear):
            last = module.out_features == CLASSES
            classifier[i] = nn.Linear(width or module.in_features, CLASSES if last else 32)
            width = 32
    empty: nn.Module = network.to_empty(device="cpu")
    return empty


def _vit() -> nn.Module:
    network: nn.Module = models.VisionTransformer(
        image_size=32, patch_size=8, num_layers=10, num_heads=3, hidden_dim=48, mlp_dim=96, num_classes=CLASSES
    )
    return network


FAMILIES = {
    "resnet18": Recipe(lambda: models.resnet18(num_classes=CLASSES), 64),
    "googlenet": Recipe(lambda: models.googlenet(num_classes=CLASSES, init_weights=False), 64),
    "inception_v3": Recipe(lambda: models.inception_v3(num_classes=CLASSES, init_weights=False), 96),
    "vgg11": Recipe(lambda: _narrow(models.vgg11), 32),
    "alexnet": Recipe(lambda: _narrow(models.alexnet), 64),
    "squeezenet1_1": Recipe(lambda: models.squeezenet1_1(num_classes=CLASSES), 64),
    "mobilenet_v3_small": Recipe(lambda: models.mobilenet_v3_small(num_classes=CLASSES), 64),
    "efficientnet_b0": Recipe(lambda: models.efficientnet_b0(num_classes=CLASSES), 64),
    "convnext_tiny": Recipe(lambda: models.convnext_tiny(num_classes=CLASSES), 64),
    "densenet121": Recipe(lambda: models.densenet121(num_classes=CLASSES), 64),
    "regnet_y_400mf": Recipe(lambda: models.regnet_y_400mf(num_classes=CLASSES), 64),
    "vit": Recipe(_vit, 32),
    "swin_t": Recipe(lambda: models.swin_t(num_classes=CLASSES), 64),
}
"""The smallest of each family; the vision transformer is a short one."""


class ResidualMLP(nn.Module):
    """Linear blocks with shortcuts, on the pixels of the image."""

    class Block(nn.Module):
        def __init__(self, width: int) -> None:
            super().__init__()
            self.norm, self.inner = (
                nn.LayerNorm(width),
                nn.Sequential(nn.Linear(width, 8), nn.GELU(), nn.Linear(8, width)),
            )

        def forward(self, x: Tensor) -> Tensor:
            total: Tensor = x + self.inner(self.norm(x))
            return total

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Linear(192, 12)
        self.blocks = nn.ModuleList([self.Block(12) for _ in range(3)])
        self.head = nn.Linear(12, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        x = self.embed(x.flatten(1))
        for block in self.blocks:
            x = block(x)
        logits: Tensor = self.head(x)
        return logits


class Functional(nn.Module):
    """Blocks with parameters and functions, and no module inside; logits made by no module."""

    class Block(nn.Module):
        def __init__(self, inputs: int, outputs: int) -> None:
            super().__init__()
            self.weight, self.bias = (
                nn.Parameter(torch.empty(outputs, inputs, 3, 3)),
                nn.Parameter(torch.empty(outputs)),
            )

        def forward(self, x: Tensor) -> Tensor:
            return F.max_pool2d(F.relu(F.conv2d(x, self.weight, self.bias, padding=1)), 2)

    def __init__(self) -> None:
        super().__init__()
        self.low, self.high = self.Block(3, 4), self.Block(4, 6)
        self.weight = nn.Parameter(torch.empty(CLASSES, 6))

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(self.high(self.low(x)).mean((2, 3)), self.weight)


class CalledTwice(nn.Module):
    """One block and one nonlinearity that run twice; one block with two names."""

    def __init__(self) -> None:
        super().__init__()
        self.stem, self.relu = nn.Conv2d(3, 4, 3, padding=1), nn.ReLU()
        self.twice = nn.Sequential(nn.Conv2d(4, 4, 3, padding=1), nn.Tanh())
        self.once = nn.Conv2d(4, 4, 1)
        self.first = self.second = nn.Conv2d(4, 4, 3, padding=1)
        self.fc = nn.Linear(256, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        x = self.twice(self.twice(self.relu(self.stem(x))))
        x = self.second(self.first(self.relu(self.once(x))))
        logits: Tensor = self.fc(x.flatten(1))
        return logits


class TiedWeights(nn.Module):
    """Two modules with one weight."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.two = nn.Conv2d(3, 3, 3, padding=1), nn.Conv2d(3, 3, 3, padding=1)
        self.two.weight = self.one.weight
        self.fc = nn.Linear(192, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.fc(torch.relu(self.two(torch.relu(self.one(x)))).flatten(1))
        return logits


class InPlace(nn.Module):
    """Writes into the outputs of its modules."""

    def __init__(self) -> None:
        super().__init__()
        self.one = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.ReLU(inplace=True))
        self.two = nn.Sequential(nn.Conv2d(4, 4, 1), nn.Hardswish(inplace=True))
        self.fc = nn.Linear(256, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        x = self.one(x)
        x += 1
        x = self.two(x)
        x[:, 0].mul_(2)
        logits: Tensor = self.fc(x.clamp_(max=3).flatten(1))
        return logits


class Norms(nn.Module):
    """Batch norm without scale, after a convolution without bias, before one, and read beside the convolution."""

    def __init__(self) -> None:
        super().__init__()
        self.plain = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1, bias=False), nn.BatchNorm2d(4, affine=False))
        self.usual = nn.Sequential(nn.Conv2d(4, 6, 3, groups=2, bias=False), nn.BatchNorm2d(6), nn.ReLU())
        self.before = nn.Sequential(nn.BatchNorm2d(6), nn.Conv2d(6, 6, 1), nn.GroupNorm(3, 6))
        self.conv, self.beside = nn.Conv2d(6, 6, 1), nn.BatchNorm2d(6)
        self.fc = nn.Sequential(nn.Linear(216, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, CLASSES))

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(self.before(self.usual(self.plain(x))))
        logits: Tensor = self.fc((x + self.beside(x)).flatten(1))
        return logits


class Copies(nn.Module):
    """Copies its blocks' outputs outside of the blocks."""

    def __init__(self) -> None:
        super().__init__()
        self.one = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.ReLU())
        self.two = nn.Sequential(nn.Conv2d(4, 4, 3, padding=1), nn.Tanh(), Lambda(torch.clone))
        self.drop, self.fc = nn.Dropout(0.5), nn.Linear(256, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        x = self.two(self.one(x).clone())
        logits: Tensor = self.fc(self.drop(x.permute(0, 2, 3, 1).contiguous().flatten(1)))
        return logits


class Gated(nn.Module):
    """Takes its maps apart and joins them: chunk, split, unbind, concatenation."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, padding=1)
        self.chunked = Lambda(lambda x: torch.mul(*x.chunk(2, 1)))
        self.split = Lambda(lambda x: torch.cat([part.relu() for part in torch.split_with_sizes(x, [1, 3], 1)], 1))
        self.unbound = Lambda(lambda x: torch.stack([x.unbind(1)[i].sigmoid() for i in (3, 0, 2)], 1))
        self.fc = nn.Linear(192, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.fc(self.unbound(self.split(self.chunked(self.stem(x)))).flatten(1))
        return logits


def _nested() -> nn.Module:
    def deep(inputs: int, outputs: int) -> nn.Module:
        inner = nn.Sequential(nn.Conv2d(inputs, outputs, 3, padding=1), nn.Sequential(nn.ReLU()))
        return nn.Sequential(nn.Sequential(inner))

    head = nn.Sequential(nn.Flatten(), nn.Sequential(nn.Linear(320, CLASSES)))
    return nn.Sequential(nn.Sequential(deep(3, 4), deep(4, 5)), head)


OWN = {
    "residual_mlp": Recipe(ResidualMLP, 8),
    "functional": Recipe(Functional, 8),
    "called_twice": Recipe(CalledTwice, 8),
    "tied_weights": Recipe(TiedWeights, 8),
    "in_place": Recipe(InPlace, 8),
    "norms": Recipe(Norms, 8),
    "copies": Recipe(Copies, 8),
    "gated": Recipe(Gated, 8),
    "nested": Recipe(_nested, 8),
}
