"""The layers of one circuit and the programs that compute one from another."""

from __future__ import annotations

from functools import cached_property

from torch import Tensor, fx

from neurflow.network.graph import CutPoint, NetworkGraph
from neurflow.network.narrow import Tokens, pool
from neurflow.network.slices import Program, Slicer, Subgraph
from neurflow.result.circuit import LayerInfo


class Ladder:
    """Layers ``l_0 < … < l_L`` of a network, with programs that compute one from another.

    Attributes:
        points: the cut points, from low to high; the last one is the logits.
        tokens: pooling of ``(N, T, C)``.
    """

    def __init__(self, graph: NetworkGraph, points: tuple[CutPoint, ...], tokens: Tokens) -> None:
        self.points = points
        self.tokens = tokens
        self._slicer = Slicer(graph.captured)
        self._up: dict[int, Program] = {}

    def __len__(self) -> int:
        return len(self.points)

    @property
    def info(self) -> tuple[LayerInfo, ...]:
        """The layers as a circuit describes them."""
        return tuple(LayerInfo(p.name, p.channels, p.shape) for p in self.points)

    @cached_property
    def all_pooled(self) -> Program:
        """Maps images ``(N, 3, S, S)`` to the pooled activations ``(N, C_l)`` of every layer."""
        part = self._slicer.between(None, [point.node for point in self.points])
        return self._pooled(part, self.points).program()

    def maps_up_to(self, layer: int) -> Program:
        """Return the program from images to the feature maps of layers ``0 … layer``."""
        if layer not in self._up:
            nodes = [point.node for point in self.points[: layer + 1]]
            self._up[layer] = self._slicer.between(None, nodes).program()
        return self._up[layer]

    def step(self, upper: int) -> Subgraph:
        """Return the graph from the feature map of the layer below ``upper`` to that of ``upper``."""
        return self._slicer.between(self.points[upper - 1].node, [self.points[upper].node])

    def to_logits(self, layer: int) -> Program:
        """Return the program from the feature map of ``layer`` to the logits."""
        return self._slicer.between(self.points[layer].node, [self.points[-1].node]).program()

    def _pooled(self, part: Subgraph, points: tuple[CutPoint, ...]) -> Subgraph:
        pooled: list[fx.Node] = []
        for node, point in zip(part.outputs, points, strict=True):
            with part.graph.inserting_after(node):
                pooled.append(part.graph.call_function(pool, (node, point.channel_axis, self.tokens)))
        return Subgraph(part.graph, part.tensors, part.inputs, tuple(pooled))

    def pool(self, activation: Tensor, layer: int) -> Tensor:
        """Pool a feature map of ``layer`` to activations ``(N, C)``."""
        return pool(activation, self.points[layer].channel_axis, self.tokens)
