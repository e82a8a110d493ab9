"""The walk from the class down: which neurons are traced, resuming, progress and errors."""

from __future__ import annotations

import copy
import dataclasses
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from neurflow.method.activations import Table, activation_tables, concept
from neurflow.method.checkpoint import Checkpoint
from neurflow.method.feature_maps import FeatureMaps
from neurflow.method.patches import PatchImage, PatchSet
from neurflow.method.walk import TracedNeuron, Walk
from neurflow.network.graph import NetworkGraph
from neurflow.network.ladder import choose_layers
from neurflow.network.layers import Ladder
from neurflow.network.networks import Network
from neurflow.progress import Progress, silent
from neurflow.result.circuit import Circuit
from neurflow.result.file_format import comparable
from neurflow.terms.errors import Cancelled
from neurflow.terms.parameters import MIB, Resources, TraceParameters
from neurflow.tracing import trace
from tests.engine import planted, twin
from tests.engine.planted import Pictures

CPU = torch.device("cpu")
LAYERS = ("edges", "patterns", "parts")
SETTINGS = TraceParameters(images=6, top_k=8, tau=3, crops=(1.0, 0.5), layers=LAYERS, held_out=2)


@dataclasses.dataclass(frozen=True)
class Prepared:
    """A planted network with its layers, patches and activations."""

    network: Network
    pictures: Pictures
    ladder: Ladder
    patches: PatchSet
    tables: tuple[Table, ...]

    def walk(self, parameters: TraceParameters = SETTINGS, cache_bytes: int = MIB) -> Walk:
        maps = FeatureMaps(self.ladder, self.patches, CPU, 16, cache_bytes)
        return Walk(self.ladder, self.tables, maps, parameters, 0)


@cache
def _prepared(style: str = "plain") -> Prepared:
    truth, pictures = planted.plant(style, 0), planted.draw(0, 8)
    graph = NetworkGraph(truth.network.module, planted.SIZE)
    ladder = Ladder(graph, choose_layers(graph, LAYERS), "mean")
    size = truth.network.preprocessing
    images = [PatchImage.of(ref.id, pictures.load(ref), size, SETTINGS.crops) for ref in pictures.images]
    patches = PatchSet(images, size, SETTINGS.crops)
    return Prepared(truth.network, pictures, ladder, patches, activation_tables(ladder, patches, CPU, 16, silent))


def _run(walk: Walk, **given: Any) -> dict[int, tuple[TracedNeuron, ...]]:
    layers = walk.layers(
        given.get("finished", {}), given.get("progress", silent), given.get("on_layer", lambda *layer: None)
    )
    return dict(layers)


# Which neurons are traced


@pytest.mark.parametrize("tau", [1, 3], ids="tau{}".format)
def test_each_layer_traces_the_union_of_the_core_sets_above(tau: int) -> None:
    found = _run(_prepared().walk(dataclasses.replace(SETTINGS, tau=tau)))
    assert sorted(found) == [0, 1, 2, 3]
    assert [neuron.channel for neuron in found[3]] == [0]
    for layer in (3, 2, 1):
        assert all(len(neuron.core) == tau for neuron in found[layer])
        union = {channel for neuron in found[layer] for channel in neuron.core}
        assert [neuron.channel for neuron in found[layer - 1]] == sorted(union)
    assert all(neuron.core == () and neuron.error is None and neuron.nodes is None for neuron in found[0])


def test_a_concept_holds_the_highest_activations_and_the_earlier_patch_among_equals() -> None:
    activations = np.array([-5.0, 1.0, -0.5, 1.0, 3.0, -0.5], dtype=np.float32)
    assert concept(activations, 4).tolist() == [4, 1, 3, 2]
    assert concept(activations, 6).tolist() == [4, 1, 3, 2, 5, 0]


@pytest.mark.parametrize("style", planted.STYLES)
def test_each_neuron_equals_the_slow_twin_s(style: str) -> None:
    prepared = _prepared(style)
    modules = [copy.deepcopy(module).double() for module in prepared.network.module.children()]
    maps = [prepared.patches.batch(range(len(prepared.patches))).double()]
    with torch.no_grad():
        for module in modules:
            maps.append(module(maps[-1]))
    for layer, neurons in _run(prepared.walk()).items():
        for neuron in neurons:
            own = [float(twin.pooled(maps[layer + 1][v : v + 1], neuron.channel, 1)) for v in range(len(maps[0]))]
            # Patches from one place of two pictures may look the same: the table decides which comes first.
            assert [own[v] for v in neuron.concept] == pytest.approx(sorted(own, reverse=True)[:8], abs=1e-5)
            assert neuron.activation == pytest.approx(np.mean([own[v] for v in neuron.concept]), abs=1e-5)
            assert sorted(v for part in neuron.parts for v in part.patches) == sorted(neuron.concept)
            if layer == 0:
                continue
            x = maps[layer][list(neuron.concept)]
            attributions = twin.integrated_gradients(modules[layer], x, neuron.channel, (1, 1), neuron.nodes or 0)
            scores = twin.scores(attributions)
            core = list(neuron.core)
            assert sorted(scores[core], reverse=True) == pytest.approx(sorted(scores, reverse=True)[:3], rel=1e-3)
            np.testing.assert_allclose(neuron.scores, scores[core], rtol=1e-3, atol=1e-5)
            for part in neuron.parts:
                rows = [neuron.concept.index(v) for v in part.patches]
                expected = twin.part_edge_weights(attributions, rows, core)
                np.testing.assert_allclose(part.weights, expected, atol=1e-3)
                carried = twin.part_patch_weights(attributions, rows, core)
                np.testing.assert_allclose(part.patch_weights(), carried, atol=1e-3)


@pytest.mark.parametrize("cache_bytes", [1, 200_000, 64 * MIB])
def test_the_memory_for_feature_maps_does_not_change_what_is_found(cache_bytes: int) -> None:
    expected, found = _run(_prepared().walk()), _run(_prepared().walk(cache_bytes=cache_bytes))
    for layer, neurons in expected.items():
        for one, other in zip(neurons, found[layer], strict=True):
            assert (one.channel, one.concept, one.core) == (other.channel, other.concept, other.core)
            np.testing.assert_allclose(one.scores, other.scores, rtol=1e-4, atol=1e-7)


# Resuming


@pytest.mark.parametrize("done", [1, 2, 3, 4], ids="layers{}".format)
@pytest.mark.parametrize("cache_bytes", [1, 100_000, MIB], ids="cache{}".format)
def test_a_resumed_walk_finds_the_same_to_the_last_bit(done: int, cache_bytes: int) -> None:
    whole = _run(_prepared().walk(cache_bytes=cache_bytes))
    finished = {layer: whole[layer] for layer in range(3, 3 - done, -1)}
    stages, layers = [], []
    resumed = _run(
        _prepared().walk(cache_bytes=cache_bytes),
        finished=finished,
        progress=lambda stage, done, total: stages.append(stage),
        on_layer=lambda layer, neurons: layers.append((layer, neurons)),
    )
    assert resumed == whole
    assert layers == [(layer, whole[layer]) for layer in range(3 - done, -1, -1)]
    assert list(dict.fromkeys(stages)) == [f"layer {LAYERS[layer]}" for layer, _ in layers]


@cache
def _bytes() -> bytes:
    """Result of a trace that was not interrupted."""
    prepared = _prepared()
    return comparable(trace(prepared.network, prepared.pictures, "quilt", SETTINGS, Resources(device="cpu")).circuit)


class _StopAt:
    """Return a callback that cancels when a stage is reached."""

    def __init__(self, stage: str) -> None:
        self.stage = stage

    def __call__(self, stage: str, done: int, total: int) -> None:
        if stage == self.stage:
            raise Cancelled(f"at {stage}")


@pytest.mark.parametrize("stage", ["activations", "layer patterns", "importance"])
def test_a_resumed_trace_gives_the_same_bytes(stage: str, tmp_path: Path) -> None:
    prepared, resources = _prepared(), Resources(device="cpu")
    checkpoint = Checkpoint.beside(tmp_path / "out")
    with pytest.raises(Cancelled):
        trace(prepared.network, prepared.pictures, "quilt", SETTINGS, resources, _StopAt(stage), checkpoint)
    resumed = trace(
        prepared.network, prepared.pictures, "quilt", SETTINGS, resources, checkpoint=checkpoint, resume=True
    )
    assert comparable(resumed.circuit) == _bytes()


# Progress and interruption


class _Recorder:
    def __init__(self) -> None:
        self.calls: dict[str, list[tuple[int, int]]] = defaultdict(list)

    def __call__(self, stage: str, done: int, total: int) -> None:
        self.calls[stage].append((done, total))


def _trace(progress: Progress = silent) -> Circuit:
    prepared = _prepared()
    return trace(prepared.network, prepared.pictures, "quilt", SETTINGS, Resources(device="cpu"), progress).circuit


def test_each_stage_rises_from_zero_to_its_total() -> None:
    recorder = _Recorder()
    circuit = _trace(recorder)
    layers = [f"layer {name}" for name in ("fc", *LAYERS[::-1])]
    assert [stage for stage in recorder.calls if stage.startswith("layer ")] == layers
    assert {"images", "activations"} <= set(recorder.calls)
    for stage, calls in recorder.calls.items():
        done = [part for part, _ in calls]
        (total,) = {whole for _, whole in calls}
        assert done == sorted(done) and (done[0], done[-1]) == (0, total)
        if stage.startswith("layer "):
            assert total == sum(f"layer {neuron.layer}" == stage for neuron in circuit.neurons)


@dataclasses.dataclass(frozen=True)
class _State:
    """Return everything that a trace might leave behind in a network."""

    tensors: dict[str, tuple[bytes, bool, Tensor | None, int]]
    modules: list[tuple[str, bool, int]]

    @classmethod
    def of(cls, module: nn.Module) -> _State:
        tensors = {
            name: (value.detach().numpy().tobytes(), value.requires_grad, value.grad, value.data_ptr())
            for name, value in (*module.named_parameters(), *module.named_buffers())
        }
        hooks = [
            (name, part.training, len(part._forward_hooks) + len(part._forward_pre_hooks) + len(part._backward_hooks))
            for name, part in module.named_modules()
        ]
        return cls(tensors, hooks)


STAGES = ("graph", "images", "activations", "layer fc", "layer patterns", "layer edges", "importance")


@pytest.mark.parametrize(
    ("at", "error"),
    [*((stage, Cancelled) for stage in STAGES), ("layer parts", KeyboardInterrupt), ("images", ZeroDivisionError)],
)
def test_an_exception_from_progress_propagates_and_leaves_the_network_unchanged(
    at: str, error: type[BaseException]
) -> None:
    module = _prepared().network.module
    before, gradients = _State.of(module), torch.is_grad_enabled()

    def stop(stage: str, done: int, total: int) -> None:
        if stage == at and done == total:
            raise error(at)

    with pytest.raises(error, match=at):
        _trace(stop)
    assert _State.of(module) == before
    assert torch.is_grad_enabled() is gradients


def test_a_trace_leaves_the_network_unchanged_and_is_reproducible() -> None:
    network = _prepared().network
    x = torch.rand(2, 3, planted.SIZE, planted.SIZE, generator=torch.Generator().manual_seed(0))
    before, logits = _State.of(network.module), network.module(x)
    circuit = _trace()
    assert _State.of(network.module) == before
    assert torch.equal(network.module(x), logits)
    assert comparable(circuit) == _bytes()
