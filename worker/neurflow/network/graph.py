"""Find the cut points of a network: modules whose output alone feeds everything after them.

1. Walk the captured graph in execution order. Node ``i`` is a cut if no value made before it is read after it,
   parameters and constants aside.
2. A cut is a cut point if it ends a module that runs once; it has that module's name. If it ends several nested
   modules, it has the name of the outermost one that is more than a plain container; the others are its aliases. The
   logits are always a cut point.
3. The channel axis follows from how the network uses the tensor: convolutions and batch norms have channels at axis 1,
   linear maps and layer norms at the last axis.

References: section 3 of the paper requires layers ``l_0 < … < l_L``; finding them in any network is our addition.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import fx, nn

from neurflow.network.capture import Captured, capture
from neurflow.network.slices import batch_first
from neurflow.terms.errors import LayerError, NotTraceable

aten = torch.ops.aten

OUTPUT = "output"
"""Name of the logits' layer if the logits are no module's output."""

_CONTAINERS = {f"torch.nn.modules.container.{name}" for name in ("Sequential", "ModuleList", "ModuleDict")}
_AXIS_ONE = {aten.conv1d.default, aten.conv2d.default, aten.batch_norm.default, aten.group_norm.default}
_AXIS_ONE |= {aten.adaptive_avg_pool2d.default, aten.max_pool2d.default, aten.avg_pool2d.default}
_AXIS_LAST = {aten.linear.default, aten.layer_norm.default, aten.rms_norm.default}
_ACTIVATIONS = {aten.relu.default, aten.gelu.default, aten.silu.default, aten.hardswish.default, aten.hardtanh.default}
_ACTIVATIONS |= {aten.elu.default, aten.leaky_relu.default, aten.sigmoid.default, aten.tanh.default, aten.mish.default}


@dataclass(frozen=True, eq=False)
class CutPoint:
    """A layer that a circuit can use.

    Attributes:
        name: the module with this output, as in ``network.get_submodule``, or ``"output"``.
        aliases: other modules with the same output.
        node: the node of the captured graph.
        shape: shape of one sample, without the batch: ``(C, H, W)``, ``(H, W, C)``, ``(T, C)`` or ``(C,)``.
        channel_axis: axis of the channels in the batched tensor, at least 1.
        kind: ``"block"`` for a module with submodules, ``"activation"`` for a nonlinearity, else ``"module"``.
    """

    name: str
    aliases: tuple[str, ...]
    node: fx.Node
    shape: tuple[int, ...]
    channel_axis: int
    kind: str

    @property
    def channels(self) -> int:
        """Number of neurons in the layer."""
        return self.shape[self.channel_axis - 1]


class NetworkGraph:
    """A network's captured graph with its cut points in execution order; the last one is the logits."""

    def __init__(self, network: nn.Module, input_size: int) -> None:
        """Capture ``network``.

        Args:
            network: network in eval mode; it is not changed.
            input_size: side of the square input in pixels.

        Raises:
            NotTraceable: the network cannot be captured, or its only cut point is its output.
        """
        self.captured: Captured = capture(network, input_size)
        self.cut_points: tuple[CutPoint, ...] = tuple(_cut_points(self.captured, network))
        if len(self.cut_points) < 2:
            raise NotTraceable(
                f"the network {type(network).__name__} has no cut point before its logits: "
                "no module's output alone feeds everything after it"
            )

    def find(self, name: str) -> CutPoint:
        """Return the cut point with this name or alias.

        Raises:
            LayerError: there is none; names the closest ones.
        """
        for point in self.cut_points:
            if name == point.name or name in point.aliases:
                return point
        near = [p.name for p in self.cut_points if p.name.split(".")[0] == name.split(".")[0]]
        choice = ", ".join((near or [p.name for p in self.cut_points])[:12])
        raise LayerError(
            f"layer {name!r} is not a cut point of the network: choose from {choice} (`neurflow layers` lists all)"
        )


def _cut_points(captured: Captured, network: nn.Module) -> list[CutPoint]:
    composite = {name for name, module in network.named_modules() if any(True for _ in module.children())}
    ending = _modules_ending_at(captured, network)
    points = []
    for node in _cuts(captured):
        names = ending.get(node, [])
        is_result = node is captured.result
        if not names and not is_result:
            continue
        shape = _sample_shape(node)
        if shape is None:
            continue
        solid = [path for path, kind in names if kind not in _CONTAINERS]
        paths = [path for path, _ in names]
        name = solid[0] if solid else paths[0] if paths else OUTPUT
        kind = "block" if name in composite else "activation" if node.target in _ACTIVATIONS else "module"
        aliases = tuple(path for path in paths if path != name)
        points.append(CutPoint(name, aliases, node, shape, _channel_axis(node, len(shape) + 1), kind))
    return points


def _cuts(captured: Captured) -> list[fx.Node]:
    """Return the nodes after which no earlier value is read: the running maximum of last uses ends there."""
    order = {node: i for i, node in enumerate(captured.graph.nodes)}
    cuts: list[fx.Node] = []
    furthest = -1
    for node in captured.graph.nodes:
        if node not in captured.dependent:
            continue
        if node is not captured.source and furthest <= order[node]:
            cuts.append(node)
        uses = [order[user] for user in node.users if user in captured.dependent]
        furthest = max([furthest, *uses])
    return cuts


@dataclass(frozen=True)
class _Ending:
    """A module call that ends at a node; ``only_copies`` if all it does there is copy the value."""

    node: fx.Node
    path: str
    kind: str
    only_copies: bool


def _modules_ending_at(captured: Captured, network: nn.Module) -> dict[fx.Node, list[tuple[str, str]]]:
    """For each node, list the modules, outermost first, that run once and whose last operation it is."""
    modules = dict(network.named_modules(remove_duplicate=False))
    last: dict[str, _Ending] = {}
    calls: dict[nn.Module | None, set[str]] = {}
    for node in captured.graph.nodes:
        if node not in captured.dependent:
            continue
        own = node.meta.get("nn_module_stack") or {}
        for stack in (own, *node.meta.get("copied_in", ())):
            for call, (path, kind) in stack.items():
                calls.setdefault(modules.get(path), set()).add(call)
                if call not in last or last[call].node is not node:
                    last[call] = _Ending(node, path, kind, stack is not own)
    ending: dict[fx.Node, list[_Ending]] = {}
    for end in last.values():
        if end.path and len(calls[modules.get(end.path)]) == 1:
            ending.setdefault(end.node, []).append(end)
    return {
        node: [(end.path, end.kind) for end in sorted(ends, key=lambda end: (end.only_copies, end.path.count(".")))]
        for node, ends in ending.items()
    }


def _sample_shape(node: fx.Node) -> tuple[int, ...] | None:
    """Return the shape without the batch; ``None`` if the first axis is not the batch or the rank is unsupported."""
    if not batch_first(node):
        return None
    sizes: list[Any] = list(node.meta["val"].shape[1:])
    return tuple(sizes) if 1 <= len(sizes) <= 3 and all(isinstance(size, int) for size in sizes) else None


def _channel_axis(node: fx.Node, rank: int) -> int:
    """Return the axis that the network treats as channels: judged by the readers of the tensor, then its origin."""
    if rank == 2:
        return 1
    default = 1 if rank == 4 else 2
    return _search(node, rank, forward=True) or _search(node, rank, forward=False) or default


def _search(start: fx.Node, rank: int, forward: bool) -> int | None:
    """Follow the tensor through operations that keep or permute its axes to one that defines the channel axis.

    ``axes[j]`` is the axis of ``start`` that axis ``j`` of the current tensor holds.
    """
    queue = [(start, tuple(range(rank)))]
    seen = {start}
    while queue:
        node, axes = queue.pop(0)
        for reader in list(node.users) if forward else [node]:
            if not forward or (reader.args and reader.args[0] is node):
                if reader.target in _AXIS_ONE:
                    return axes[1]
                if reader.target in _AXIS_LAST:
                    return axes[-1]
        for near in list(node.users) if forward else node.all_input_nodes:
            moved = _move(axes, near if forward else node, forward)
            size = _sample_shape(near)
            if near in seen or size is None or len(size) + 1 != rank:
                continue
            if all(size[j - 1] == start.meta["val"].shape[moved[j]] for j in range(1, rank)):
                seen.add(near)
                queue.append((near, moved))
    return None


def _move(axes: tuple[int, ...], node: fx.Node, forward: bool) -> tuple[int, ...]:
    """Return the axes after ``node`` if it permutes them, read from input to output or backwards."""
    order = list(range(len(axes)))
    args: Any = node.args
    if node.target is aten.permute.default and len(args[1]) == len(axes):
        order = [axis % len(axes) for axis in args[1]]
    elif node.target is aten.transpose.int:
        first, second = (axis % len(axes) for axis in args[1:3])
        order[first], order[second] = order[second], order[first]
    if forward:
        return tuple(axes[axis] for axis in order)
    moved = [0] * len(axes)
    for here, there in enumerate(order):
        moved[there] = axes[here]
    return tuple(moved)
