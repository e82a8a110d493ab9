"""Narrow a slice to one neuron: a single output channel, pooled to ``φ_a``.

Starting at the slice's output, the narrowing passes through every operation that treats channels independently
(nonlinearities, sums, batch norms, pooling), drops the branches of a concatenation that do not contain the channel, and
ends at the last linear map, of which it keeps one row. After an operation that mixes channels in an unknown way, it
selects the channel from the full result: always correct, only slower.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import torch
from torch import Tensor, fx

from neurflow.network.row_convolution import row_convolution
from neurflow.network.slices import Subgraph, is_tensor

aten = torch.ops.aten
Tokens = Literal["mean", "class"]

_ELEMENTWISE = {
    getattr(aten, name).default
    for name in ("relu", "gelu", "silu", "hardswish", "hardsigmoid", "hardtanh", "sigmoid", "tanh", "elu", "leaky_relu")
} | {aten.mish.default, aten.neg.default, aten.exp.default, aten.clamp.default, aten.clamp_min.default}
_ELEMENTWISE |= {aten.mul.Scalar, aten.add.Scalar, aten.rsub.Scalar, aten.pow.Tensor_Scalar}
_BINARY = {aten.add.Tensor, aten.sub.Tensor, aten.mul.Tensor, aten.div.Tensor}
_SPATIAL = {aten.max_pool2d.default, aten.avg_pool2d.default, aten.adaptive_avg_pool2d.default}


def single_neuron(slice_: Subgraph, channel: int, channel_axis: int, tokens: Tokens = "mean") -> Subgraph:
    """Reduce a slice to one neuron's pooled activation.

    Args:
        slice_: a graph with one input ``x`` and one output ``y``.
        channel: channel of ``y``, ``0 ≤ channel < channels``.
        channel_axis: axis of the channels in ``y``.
        tokens: pooling of ``(N, T, C)``.

    Returns:
        The graph from ``x`` to ``φ_a``, ``(N,)``.
    """
    return _Narrowing(slice_).run(channel, channel_axis, tokens)


def pool(activation: Tensor, channel_axis: int, tokens: Tokens = "mean") -> Tensor:
    """Pool a layer's activation to ``(N, C)``: the mean over space or tokens, or the class token.

    Args:
        activation: ``(N, C, H, W)``, ``(N, H, W, C)``, ``(N, T, C)`` or ``(N, C)``.
        channel_axis: axis of the channels, at least 1.
        tokens: used for ``(N, T, C)`` only; the class token is the first.
    """
    if activation.dim() == 3 and tokens == "class":
        return activation.select(3 - channel_axis, 0)
    axes = [axis for axis in range(1, activation.dim()) if axis != channel_axis]
    return activation.mean(axes) if axes else activation


class _Narrowing:
    def __init__(self, slice_: Subgraph) -> None:
        self.old = slice_
        self.graph = fx.Graph()
        self.tensors: dict[str, Tensor] = {}
        self.whole: dict[fx.Node, fx.Node] = {}
        self.cut: dict[tuple[fx.Node, int, int], fx.Node] = {}
        (source,) = slice_.inputs
        placeholder = self.graph.placeholder("x")
        placeholder.meta.update(source.meta)
        self.whole[source] = placeholder

    def run(self, channel: int, axis: int, tokens: Tokens) -> Subgraph:
        (result,) = self.old.outputs
        narrowed = self.narrow(result, axis, channel)
        rank = result.meta["val"].dim()
        if rank == 3 and tokens == "class":
            narrowed = self.call(result, aten.narrow.default, (narrowed, 3 - axis, 0, 1))
        pooled = self.call(result, aten.mean.dim, (narrowed, list(range(1, rank))))
        self.graph.output((pooled,))
        return Subgraph(self.graph, self.tensors, (self.whole[self.old.inputs[0]],), (pooled,))

    def narrow(self, node: fx.Node, axis: int, channel: int) -> fx.Node:
        """Copy ``node`` with only ``channel`` left on ``axis``, whose size becomes one."""
        key = (node, axis, channel)
        if key not in self.cut:
            rule = self.rule(node, axis)
            self.cut[key] = rule(node, axis, channel) if rule else self.select(node, axis, channel)
            self.cut[key].meta["narrowed"] = axis
        return self.cut[key]

    def rule(self, node: fx.Node, axis: int) -> Callable[[fx.Node, int, int], fx.Node] | None:
        target = node.target
        if target in _ELEMENTWISE or (target in _SPATIAL and axis == 1):
            return self.through_first
        if target in _BINARY:
            return self.through_binary
        if target is aten.batch_norm.default and axis == 1:
            return self.through_parameters
        if target is aten.cat.default:
            return self.through_cat
        if target is aten.permute.default:
            return self.through_permute
        if target is aten.conv2d.default and axis == 1 and _groups(node) == 1:
            return self.through_rows
        if target is aten.linear.default and axis == node.meta["val"].dim() - 1:
            return self.through_rows
        return None

    def select(self, node: fx.Node, axis: int, channel: int) -> fx.Node:
        if node.op == "get_attr":
            return self.constant(node, self.old.tensors[str(node.target)].narrow(axis, channel, 1))
        return self.call(node, aten.narrow.default, (self.copy(node), axis, channel, 1))

    def through_first(self, node: fx.Node, axis: int, channel: int) -> fx.Node:
        (first, *rest) = node.args
        assert isinstance(first, fx.Node)
        return self.call(node, node.target, (self.narrow(first, axis, channel), *rest), node.kwargs)

    def through_binary(self, node: fx.Node, axis: int, channel: int) -> fx.Node:
        rank = node.meta["val"].dim()
        args: list[Any] = []
        for arg in node.args:
            if isinstance(arg, fx.Node) and is_tensor(arg):
                value = arg.meta["val"]
                own = axis - (rank - value.dim())
                varies = own >= 0 and value.shape[own] != 1
                args.append(self.narrow(arg, own, channel) if varies else self.copy(arg))
            else:
                args.append(self.copy(arg) if isinstance(arg, fx.Node) else arg)
        return self.call(node, node.target, tuple(args), node.kwargs)

    def through_parameters(self, node: fx.Node, axis: int, channel: int) -> fx.Node:
        args = [
            self.narrow(a, 1 if i == 0 else 0, channel) if isinstance(a, fx.Node) else a
            for i, a in enumerate(node.args)
        ]
        return self.call(node, node.target, tuple(args), node.kwargs)

    def through_rows(self, node: fx.Node, axis: int, channel: int) -> fx.Node:
        first, weight, *rest = node.args
        assert isinstance(first, fx.Node) and isinstance(weight, fx.Node)
        rows: list[Any] = [self.narrow(weight, 0, channel)]
        if rest:
            rows.append(self.narrow(rest[0], 0, channel) if isinstance(rest[0], fx.Node) else rest[0])
        if (padding := _plain_padding(node)) is not None:
            return self.call(node, row_convolution, (self.copy(first), rows[0], (*rows[1:], None)[0], padding))
        return self.call(node, node.target, (self.copy(first), *rows, *rest[1:]), node.kwargs)

    def through_cat(self, node: fx.Node, axis: int, channel: int) -> fx.Node:
        parts: Any = node.args[0]
        rank = node.meta["val"].dim()
        joined: Any = node.args[1] if len(node.args) > 1 else 0
        if joined % rank != axis:
            return self.call(node, node.target, ([self.narrow(p, axis, channel) for p in parts], joined))
        for part in parts:
            size = int(part.meta["val"].shape[axis])
            if channel < size:
                return self.narrow(part, axis, channel)
            channel -= size
        raise AssertionError("channel outside the concatenation")

    def through_permute(self, node: fx.Node, axis: int, channel: int) -> fx.Node:
        first: Any = node.args[0]
        dims: Any = node.args[1]
        return self.call(node, node.target, (self.narrow(first, dims[axis] % len(dims), channel), dims))

    def call(self, origin: fx.Node, target: Any, args: tuple[Any, ...], kwargs: Any = None) -> fx.Node:
        node = self.graph.call_function(target, args, dict(kwargs or {}))
        node.meta["val"] = origin.meta.get("val")
        return node

    def copy(self, node: fx.Node) -> fx.Node:
        """Copy ``node`` unchanged with all its inputs; iterative, because a slice may be deep."""
        stack = [node]
        while stack:
            current = stack[-1]
            missing = [old for old in current.all_input_nodes if old not in self.whole]
            if current in self.whole or not missing:
                stack.pop()
                if current not in self.whole:
                    self.whole[current] = self.copy_one(current)
            else:
                stack.extend(missing)
        return self.whole[node]

    def copy_one(self, node: fx.Node) -> fx.Node:
        if node.op == "get_attr":
            return self.constant(node, self.old.tensors[str(node.target)])
        return self.graph.node_copy(node, lambda old: self.whole[old])

    def constant(self, origin: fx.Node, value: Tensor) -> fx.Node:
        name = f"t{len(self.tensors)}"
        self.tensors[name] = value
        node = self.graph.get_attr(name)
        node.meta["val"] = value
        return node


def _plain_padding(node: fx.Node) -> tuple[int, int] | None:
    """Return the padding of a convolution with stride and dilation 1 and a kernel larger than 1×1, else ``None``."""
    arguments: dict[str, Any] = dict(zip(("stride", "padding", "dilation"), node.args[3:], strict=False))
    arguments.update(node.kwargs)
    weight: Any = node.args[1]
    if node.target is not aten.conv2d.default or weight.meta["val"].shape[2:].numel() == 1:
        return None
    if any(step != 1 for name in ("stride", "dilation") for step in arguments.get(name, [1])):
        return None
    padding = [int(size) for size in arguments.get("padding", [0])]
    return (padding[0], padding[-1])


def _groups(node: fx.Node) -> int:
    groups: Any = node.args[6] if len(node.args) > 6 else node.kwargs.get("groups", 1)
    return int(groups)
