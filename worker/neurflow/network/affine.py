"""Split a neuron's graph into an affine head and a tail.

Along the path ``t·x`` an affine operation need not run again at every point: ``h(t·x) = h(0) + t·(h(x) − h(0))``. The
same holds for its gradient: the integral can be taken at the head's outputs and carried to ``x`` once. The first linear
maps of a slice, which do most of its work, therefore cost one forward and one backward pass for any number of
integration nodes, and a slice that is affine throughout needs a single node.

Method: a node is affine if it applies a known affine map to affine inputs and constants and keeps the batch first. The
head ends at the *frontier*: the affine nodes that a non-affine node reads, and the result if it is affine.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, fx

from neurflow.network.row_convolution import row_convolution
from neurflow.network.slices import Subgraph, batch_first, holds_values

aten = torch.ops.aten

# Affine in the first argument if all others are constants.
_FIRST: set[Any] = {aten.conv1d.default, aten.conv2d.default, aten.linear.default, aten.batch_norm.default}
_FIRST |= {aten.mean.dim, aten.sum.dim_IntList, aten.avg_pool2d.default, aten.adaptive_avg_pool2d.default}
_FIRST |= {aten.reshape.default, aten.permute.default, aten.transpose.int, aten.squeeze.dim, aten.squeeze.dims}
_FIRST |= {aten.unsqueeze.default, aten.flatten.using_ints, aten.select.int, aten.slice.Tensor, aten.narrow.default}
_FIRST |= {row_convolution, aten.neg.default, aten.roll.default, aten.expand.default, aten.mul.Scalar, aten.rsub.Scalar}
_SUMS = {aten.add.Tensor, aten.sub.Tensor}


@dataclass(frozen=True)
class Split:
    """``x → z_1 … z_n`` (affine) and ``z_1 … z_n → φ``; ``linear`` if the tail only passes ``z_1`` on."""

    head: Subgraph
    tail: Subgraph
    linear: bool


def split_affine(neuron: Subgraph) -> Split:
    """Split a graph from ``x`` to ``φ_a`` at the frontier of its affine nodes."""
    (source,), (result,) = neuron.inputs, neuron.outputs
    dependent, affine = {source}, {source}
    for node in neuron.graph.nodes:
        if holds_values(node) and any(n in dependent for n in node.all_input_nodes):
            dependent.add(node)
            if batch_first(node) and _is_affine(node, dependent, affine):
                affine.add(node)
    frontier = [n for n in neuron.graph.nodes if n in affine and _is_frontier(n, result, dependent, affine)]
    frontier = frontier or [source]  # the neuron does not depend on the layer below
    head = _Part(neuron, (source,)).build(frontier)
    tail = _Part(neuron, tuple(frontier)).build([result])
    return Split(head, tail, result in affine)


def _is_affine(node: fx.Node, dependent: set[fx.Node], affine: set[fx.Node]) -> bool:
    if any(n in dependent and n not in affine for n in node.all_input_nodes):
        return False
    moving = [n for n in node.all_input_nodes if n in dependent]
    if node.target in _SUMS or node.target is aten.cat.default:
        return True
    if node.target is aten.mul.Tensor:
        return len(moving) == 1 and node.args[0] is not node.args[1]
    if node.target is aten.div.Tensor:
        return moving == [node.args[0]] and node.args[1] is not node.args[0]
    if node.target is aten.pad.default:
        mode: Any = node.args[2] if len(node.args) > 2 else node.kwargs.get("mode", "constant")
        return moving == [node.args[0]] and mode == "constant"
    return node.target in _FIRST and moving == [node.args[0]]


def _is_frontier(node: fx.Node, result: fx.Node, dependent: set[fx.Node], affine: set[fx.Node]) -> bool:
    return node is result or any(user in dependent and user not in affine for user in node.users)


class _Part:
    """Copies the part of a graph that ``outputs`` need, down to ``inputs``."""

    def __init__(self, whole: Subgraph, inputs: tuple[fx.Node, ...]) -> None:
        self.whole, self.inputs = whole, inputs
        self.graph = fx.Graph()
        self.tensors: dict[str, Tensor] = {}
        self.new: dict[fx.Node, fx.Node] = {}

    def build(self, outputs: list[fx.Node]) -> Subgraph:
        for i, node in enumerate(self.inputs):
            self.new[node] = self.graph.placeholder(f"z{i}")
            self.new[node].meta.update(node.meta)
        needed = self.needed(outputs)
        for node in self.whole.graph.nodes:
            if node in needed and node not in self.new:
                self.new[node] = self.copy(node)
        results = tuple(self.new[node] for node in outputs)
        self.graph.output(results)
        return Subgraph(self.graph, self.tensors, tuple(self.new[n] for n in self.inputs), results)

    def needed(self, outputs: list[fx.Node]) -> set[fx.Node]:
        needed: set[fx.Node] = set()
        queue = list(outputs)
        while queue:
            node = queue.pop()
            if node not in needed:
                needed.add(node)
                if node not in self.inputs and node.target is not aten.sym_size.int:
                    queue.extend(node.all_input_nodes)
        return needed

    def copy(self, node: fx.Node) -> fx.Node:
        if node.op == "get_attr":
            self.tensors[str(node.target)] = self.whole.tensors[str(node.target)]
        if node.target is aten.sym_size.int:
            return self.graph.call_function(aten.sym_size.int, (self.new[self.inputs[0]], 0))
        return self.graph.node_copy(node, lambda old: self.new[old])
