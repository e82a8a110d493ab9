"""Cut a captured network into slices: from the image or a layer up to other layers.

1. Copy the operations between two cut points; as these are cuts, no other operation is needed.
2. Fold each eval-mode batch norm into the preceding convolution, unless something else reads that convolution.
3. Store convolution weights channels-last, the fastest layout on CPU and GPU.

A slice's parameters are its own or share memory with the network; the network itself is never changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, fx

from neurflow.network.capture import Captured

aten = torch.ops.aten


@dataclass(frozen=True)
class Subgraph:
    """Operations from ``inputs`` to ``outputs``, with the tensors that the ``get_attr`` nodes name."""

    graph: fx.Graph
    tensors: dict[str, Tensor]
    inputs: tuple[fx.Node, ...]
    outputs: tuple[fx.Node, ...]

    def program(self) -> Program:
        """Return a runnable program."""
        return Program(self)


class Program:
    """Runs a subgraph node by node and drops each value after its last use.

    Cheap to create, while compiling a generated module takes longer than running a single neuron.
    """

    def __init__(self, subgraph: Subgraph) -> None:
        self._inputs = subgraph.inputs
        self._outputs = subgraph.outputs
        self._constants = {n: subgraph.tensors[str(n.target)] for n in subgraph.graph.nodes if n.op == "get_attr"}
        operations = [node for node in subgraph.graph.nodes if node.op == "call_function"]
        last = {old: i for i, node in enumerate(operations) for old in node.all_input_nodes}
        kept = {*self._outputs, *self._constants}
        self._steps: list[tuple[fx.Node, list[fx.Node]]] = [
            (node, [old for old in set(node.all_input_nodes) if last[old] == i and old not in kept])
            for i, node in enumerate(operations)
        ]

    def __call__(self, *inputs: Tensor) -> tuple[Tensor, ...]:
        """Compute the outputs from the inputs."""
        values: dict[fx.Node, Any] = dict(self._constants)
        values.update(zip(self._inputs, inputs, strict=True))
        for node, done in self._steps:
            operation: Any = node.target
            args = fx.node.map_arg(node.args, values.__getitem__)
            kwargs = fx.node.map_arg(node.kwargs, values.__getitem__)
            values[node] = operation(*args, **kwargs)
            for old in done:
                del values[old]
        return tuple(values[node] for node in self._outputs)


@dataclass
class Slicer:
    """Cuts a captured network into slices. Folded weights are computed once and shared by all slices."""

    captured: Captured
    fold: bool = True
    _folded: dict[fx.Node, tuple[Tensor, Tensor]] = field(default_factory=dict)

    def between(self, lower: fx.Node | None, uppers: Sequence[fx.Node]) -> Subgraph:
        """Return the part of the network from ``lower`` (``None``: the image) up to each of ``uppers``.

        Args:
            lower: a cut of the captured graph below all of ``uppers``.
            uppers: nodes of the captured graph.
        """
        start = lower or self.captured.source
        needed = _needed(start, uppers, self.captured)
        builder = _Builder(self, start, set(uppers))
        for node in self.captured.graph.nodes:
            if node in needed:
                builder.add(node)
        outputs = tuple(builder.new[node] for node in uppers)
        builder.graph.output(outputs)
        builder.graph.eliminate_dead_code()
        builder.graph.lint()
        used = {str(node.target) for node in builder.graph.nodes if node.op == "get_attr"}
        tensors = {name: tensor for name, tensor in builder.tensors.items() if name in used}
        return Subgraph(builder.graph, tensors, (builder.new[start],), outputs)

    def folded(self, norm: fx.Node) -> tuple[Tensor, Tensor]:
        """Return weight and bias of the convolution before ``norm``, with ``norm`` folded in."""
        if norm not in self._folded:
            self._folded[norm] = _fold(norm, self.captured.tensors)
        return self._folded[norm]


def is_tensor(node: fx.Node) -> bool:
    """Return whether the node's value is one tensor (and not a size)."""
    return isinstance(node.meta.get("val"), Tensor)


def holds_values(node: fx.Node) -> bool:
    """Return whether the node's value is one or more tensors, such as the parts of a split (and not a size)."""
    return isinstance(node.meta.get("val"), Tensor | list | tuple)


def batch_first(node: fx.Node) -> bool:
    """Return whether the node's value is a tensor whose first axis is the batch, the only dynamic size."""
    size: Any = node.meta["val"].shape[0] if is_tensor(node) and node.meta["val"].dim() else 0
    return not isinstance(size, int) and str(size).isidentifier()


def _needed(start: fx.Node, uppers: Sequence[fx.Node], captured: Captured) -> set[fx.Node]:
    needed: set[fx.Node] = {start}
    queue = list(uppers)
    while queue:
        node = queue.pop()
        if node not in needed:
            needed.add(node)
            # The batch size is read from the slice's own input, not from the image.
            if node.target is not aten.sym_size.int:
                queue.extend(node.all_input_nodes)
    return needed


class _Builder:
    """Copies nodes of the captured graph, in order, into a slice's graph."""

    def __init__(self, slicer: Slicer, start: fx.Node, kept: set[fx.Node]) -> None:
        self.slicer, self.start, self.kept = slicer, start, kept
        self.graph = fx.Graph()
        self.tensors: dict[str, Tensor] = {}
        self.new: dict[fx.Node, fx.Node] = {}
        placeholder = self.graph.placeholder("x")
        placeholder.meta["val"] = start.meta["val"]
        self.new[start] = placeholder

    def add(self, node: fx.Node) -> None:
        if node is self.start:
            return
        if node.op == "get_attr":
            self.new[node] = self.constant(self.slicer.captured.tensors[str(node.target)], node)
        elif node.target is aten.sym_size.int:
            self.new[node] = self.graph.call_function(aten.sym_size.int, (self.new[self.start], 0))
        elif self.slicer.fold and _foldable(node, self.start, self.kept):
            self._add_folded(node)
        else:
            self.new[node] = self.graph.node_copy(node, lambda old: self.new[old])

    def _add_folded(self, norm: fx.Node) -> None:
        conv = norm.args[0]
        assert isinstance(conv, fx.Node)
        weight, bias = self.slicer.folded(norm)
        args: tuple[Any, ...] = (
            self.new[conv.all_input_nodes[0]],
            self.constant(weight, conv),
            self.constant(bias, conv),
            *conv.args[3:],
        )
        node = self.graph.call_function(aten.conv2d.default, args, dict(conv.kwargs))
        node.meta.update(norm.meta)
        self.new[norm] = node

    def constant(self, value: Tensor, origin: fx.Node) -> fx.Node:
        name = f"t{len(self.tensors)}"
        self.tensors[name] = value
        node = self.graph.get_attr(name)
        node.meta["val"] = value
        return node


def _foldable(norm: fx.Node, start: fx.Node, kept: set[fx.Node]) -> bool:
    if norm.target is not aten.batch_norm.default:
        return False
    conv = norm.args[0]
    return (
        isinstance(conv, fx.Node)
        and conv.target is aten.conv2d.default
        and conv is not start
        and conv not in kept
        and len(conv.users) == 1
        and all(old.op == "get_attr" for old in (*conv.all_input_nodes[1:], *norm.all_input_nodes[1:]))
    )


def _fold(norm: fx.Node, tensors: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
    def exact(node: Any) -> Tensor | None:
        """Convert to float64 on the CPU, because Apple's GPUs have no float64."""
        return tensors[str(node.target)].cpu().double() if isinstance(node, fx.Node) else None

    conv, gamma, beta, mean, variance = norm.args[:5]
    epsilon = norm.args[7]
    assert isinstance(conv, fx.Node) and isinstance(conv.args[1], fx.Node) and isinstance(epsilon, float)
    stored = tensors[str(conv.args[1].target)]
    weight, centre, spread = exact(conv.args[1]), exact(mean), exact(variance)
    assert weight is not None and centre is not None and spread is not None
    bias = exact(conv.args[2]) if len(conv.args) > 2 else None
    factor, offset = exact(gamma), exact(beta)
    scale = (spread + epsilon).rsqrt()
    scale = scale if factor is None else scale * factor
    shift = (-centre if bias is None else bias - centre) * scale
    shift = shift if offset is None else shift + offset
    folded = (weight * scale.reshape(-1, 1, 1, 1)).to(stored)
    return folded.contiguous(memory_format=torch.channels_last), shift.to(stored)
