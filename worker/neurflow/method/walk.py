"""Walk down the layers from the class and trace the concept, core neurons and semantic groups of each neuron.

1. The top layer's only neuron is the class's own.
2. For each neuron of a layer, find its concept ``V_a``, its core neurons ``S_a`` in the layer below, and its semantic
   groups with their edge weights.
3. Continue in the layer below with the union of all ``S_a``. In the lowest layer, split concepts by the layer's own
   activations; there are no core neurons.

References: section 3 and algorithm 1 of the paper.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neurflow.device import working_set
from neurflow.method.activations import Table, concept
from neurflow.method.attribution import PathIntegral
from neurflow.method.core_neurons import CoreNeurons, find_core_neurons
from neurflow.method.feature_maps import FeatureMaps
from neurflow.method.semantic_groups import ConceptPart, split_concept
from neurflow.network.affine import split_affine
from neurflow.network.layers import Ladder
from neurflow.network.narrow import single_neuron
from neurflow.network.slices import Subgraph
from neurflow.progress import Progress
from neurflow.terms.errors import NumericalError
from neurflow.terms.parameters import TraceParameters


@dataclass(frozen=True)
class TracedNeuron:
    """A neuron found by the walk.

    Attributes:
        channel: channel in its layer.
        concept: ``V_a`` as indices into ``D``, highest activation first, ``(k,)``.
        activation: mean of ``φ_a`` over the concept.
        core: channels of ``S_a`` by descending score; empty in the lowest layer.
        scores: ``T(a, s)`` in the same order.
        parts: the semantic groups.
        error: relative error of the integral, ``None`` in the lowest layer.
        nodes: integration nodes used, ``None`` in the lowest layer.
        settled: whether the core set is settled.
    """

    channel: int
    concept: tuple[int, ...]
    activation: float
    core: tuple[int, ...]
    scores: tuple[float, ...]
    parts: tuple[ConceptPart, ...]
    error: float | None
    nodes: int | None
    settled: bool


@dataclass(frozen=True)
class Walk:
    """The inputs of a walk.

    Attributes:
        ladder: the layers.
        tables: pooled activations, ``(|D|, C_l)`` for each layer.
        maps: cache of the patches' feature maps.
        parameters: parameters of the trace.
        class_index: the neuron at the top.
    """

    ladder: Ladder
    tables: Sequence[Table]
    maps: FeatureMaps
    parameters: TraceParameters
    class_index: int

    def layers(
        self,
        finished: Mapping[int, Sequence[TracedNeuron]],
        progress: Progress,
        on_layer: Callable[[int, tuple[TracedNeuron, ...]], None],
    ) -> Iterator[tuple[int, tuple[TracedNeuron, ...]]]:
        """Yield each layer's index and neurons, from the top down; keeps none of them.

        Args:
            finished: layers already traced, from the top down without gaps; their results are reused.
            progress: called with stage ``"layer NAME"`` and the number of neurons done.
            on_layer: called with each newly finished layer.

        Raises:
            NumericalError: an attribution is NaN or infinite; names the layer.
        """
        wanted: tuple[int, ...] = (self.class_index,)
        for layer in range(len(self.ladder) - 1, -1, -1):
            concepts = {a: concept(self.tables[layer][:, a], self.parameters.top_k) for a in wanted}
            if layer in finished:
                for _ in self._prepared(layer, concepts):
                    """Restore the cache to its state after the finished layer."""
                neurons = tuple(finished[layer])
            else:
                neurons = self._layer(layer, concepts, progress)
                on_layer(layer, neurons)
            yield layer, neurons
            wanted = tuple(sorted({s for neuron in neurons for s in neuron.core}))

    def space(self, layer: int) -> Table:
        """Return the activations that represent a patch in ``layer``: of the layer below; of itself in the lowest."""
        return self.tables[max(layer - 1, 0)]

    def _layer(
        self, layer: int, concepts: Mapping[int, NDArray[np.int64]], progress: Progress
    ) -> tuple[TracedNeuron, ...]:
        stage = f"layer {self.ladder.points[layer].name}"
        progress(stage, 0, len(concepts))
        step = self.ladder.step(layer) if layer > 0 else None
        neurons: list[TracedNeuron] = []
        for group in self._prepared(layer, concepts):
            for channel in group:
                neurons.append(self._neuron(layer, channel, concepts[channel], step))
                progress(stage, len(neurons), len(concepts))
        return tuple(neurons)

    def _prepared(self, layer: int, concepts: Mapping[int, NDArray[np.int64]]) -> Iterator[list[int]]:
        """Yield neurons in batches whose maps of the layer below fit the budget, with these maps cached."""
        if layer == 0:
            yield list(concepts)
            return
        capacity = self.maps.capacity(layer - 1)
        group: list[int] = []
        patches: set[int] = set()
        for channel, indices in concepts.items():
            more = patches | {int(i) for i in indices}
            if group and len(more) > capacity:
                self.maps.prepare(layer - 1, sorted(patches))
                yield group
                group, more = [], {int(i) for i in indices}
            group.append(channel)
            patches = more
        self.maps.prepare(layer - 1, sorted(patches))
        yield group

    def _neuron(self, layer: int, channel: int, indices: NDArray[np.int64], step: Subgraph | None) -> TracedNeuron:
        core = self._core(layer, channel, indices, step) if step else None
        parts = split_concept(
            indices,
            self.space(layer)[indices],
            core.attributions if core else np.zeros((len(indices), 0)),
            self.parameters.max_semantic_groups,
            self.parameters.min_silhouette,
        )
        return TracedNeuron(
            channel=channel,
            concept=tuple(int(i) for i in indices),
            activation=float(self.tables[layer][indices, channel].mean(dtype=np.float64)),
            core=tuple(int(s) for s in core.channels) if core else (),
            scores=tuple(float(t) for t in core.scores) if core else (),
            parts=parts,
            error=core.error if core else None,
            nodes=core.nodes if core else None,
            settled=core.settled if core else True,
        )

    def _core(self, layer: int, channel: int, indices: NDArray[np.int64], step: Subgraph) -> CoreNeurons:
        above, below = self.ladder.points[layer], self.ladder.points[layer - 1]
        neuron = split_affine(single_neuron(step, channel, above.channel_axis, self.ladder.tokens))
        x = self.maps.get(layer - 1, indices.tolist())
        integral = PathIntegral(neuron, x, below.channel_axis, working_set(x.device))
        p = self.parameters
        core = find_core_neurons(integral, p.tau, p.nodes, p.max_nodes, p.completeness, p.margin)
        if not np.isfinite(core.attributions).all() or not np.isfinite(core.error):
            raise NumericalError(f"layer {above.name!r}: attributions of channel {channel} are NaN or infinite")
        return core
