"""A trace from Python: nothing is written, the network is unchanged, and a callback can stop it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

import neurflow
from neurflow.data.images import Dataset
from neurflow.method.assemble import FinishedLayer
from neurflow.method.checkpoint import Checkpoint
from neurflow.method.selection import select_images
from neurflow.network.networks import Network
from neurflow.network.weights import digest
from neurflow.progress import silent
from neurflow.result.file_format import comparable
from neurflow.terms.errors import Cancelled, ClassError, DataError, DeviceError
from neurflow.terms.parameters import Resources, TraceParameters
from neurflow.tracing import Trace
from tests.engine.cli.workplace import NETWORK, write_pictures

SETTINGS = TraceParameters(images=5, top_k=6, tau=2, crops=(1.0, 0.5), layers=("relu1", "relu3"), held_out=2)
CPU = Resources(device="cpu")
STAGES = ["graph", "images", "activations", "layer fc", "layer relu3", "layer relu1", "importance"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tracing")
    (folder / "network.py").write_text(NETWORK)
    (folder / "classes.txt").write_text("warm\ncold\nnever\n")
    write_pictures(folder / "pictures")
    return folder


@pytest.fixture(scope="module")
def network(folder: Path) -> Network:
    spec = f"{folder / 'network.py'}:make"
    return neurflow.load_network(spec, classes=folder / "classes.txt", input_size=32, allow_code=True)


@pytest.fixture(scope="module")
def data(folder: Path) -> Dataset:
    return neurflow.load_dataset(f"folder/{folder / 'pictures'}")


@pytest.fixture(scope="module")
def whole(network: Network, data: Dataset) -> bytes:
    return comparable(neurflow.trace(network, data, "warm", SETTINGS, CPU).circuit)


@contextmanager
def untouched(network: Network) -> Iterator[None]:
    """Check that the block leaves weights, modes, hooks, gradients and outputs of a network unchanged."""
    images = torch.linspace(-2, 2, 2 * 3 * 32 * 32).reshape(2, 3, 32, 32)

    def state() -> list[object]:
        module = network.module
        with torch.no_grad():
            answer: Tensor = module(images)
        parts: list[object] = [
            digest(module),
            answer.numpy().tobytes(),
            torch.is_grad_enabled(),
            torch.get_num_threads(),
        ]
        for part in module.modules():
            parts += [part.training, len(part._forward_hooks), len(part._forward_pre_hooks), len(part._backward_hooks)]
        for parameter in module.parameters():
            parts += [id(parameter), parameter.requires_grad, parameter.grad is None, parameter._version]
        return parts

    before = state()
    yield
    assert state() == before


class Spy:
    """A callback that records the stages, and can raise at the start of one."""

    def __init__(self, stop: str | None = None) -> None:
        self.stop = stop
        self.calls: list[tuple[str, int, int]] = []

    def __call__(self, stage: str, done: int, total: int) -> None:
        self.calls.append((stage, done, total))
        if stage == self.stop:
            raise Cancelled("enough")

    @property
    def stages(self) -> list[str]:
        return list(dict.fromkeys(stage for stage, _, _ in self.calls))


def test_progress_counts_each_stage_from_zero_to_all(network: Network, data: Dataset) -> None:
    spy = Spy()
    with untouched(network):
        neurflow.trace(network, data, "warm", SETTINGS, CPU, progress=spy)
    assert spy.stages == STAGES
    for stage in STAGES:
        counts = [(done, total) for name, done, total in spy.calls if name == stage]
        assert counts[0][0] == 0
        assert counts[-1][0] == counts[-1][1]
        assert counts == sorted(counts)
        assert len({total for _, total in counts}) == 1


@pytest.mark.parametrize("stage", STAGES)
def test_a_cancelled_trace_resumes_with_the_same_result(
    network: Network, data: Dataset, whole: bytes, tmp_path: Path, stage: str
) -> None:
    checkpoint = Checkpoint(tmp_path / "state")
    with untouched(network), pytest.raises(Cancelled, match="enough"):
        neurflow.trace(network, data, "warm", SETTINGS, CPU, Spy(stage), checkpoint)
    assert checkpoint.exists() == (STAGES.index(stage) > 2)
    spy = Spy()
    result = neurflow.trace(network, data, "warm", SETTINGS, CPU, spy, checkpoint, resume=True)
    assert comparable(result.circuit) == whole
    assert stage in spy.stages


def test_the_same_seed_gives_the_same_circuit_and_another_seed_other_images(
    network: Network, data: Dataset, whole: bytes
) -> None:
    assert comparable(neurflow.trace(network, data, "#0", SETTINGS, CPU).circuit) == whole
    other = neurflow.trace(network, data, "warm", replace(SETTINGS, seed=1), CPU)
    assert comparable(other.circuit) != whole


def test_global_random_generators_are_not_changed(network: Network, data: Dataset, whole: bytes) -> None:
    torch.manual_seed(1)
    before = torch.get_rng_state()
    assert comparable(neurflow.trace(network, data, "warm", SETTINGS, CPU).circuit) == whole
    assert torch.equal(torch.get_rng_state(), before)


def test_a_circuit_is_saved_and_loaded_from_python(network: Network, data: Dataset, tmp_path: Path) -> None:
    result = neurflow.trace(network, data, "warm", SETTINGS, CPU)
    result.save(tmp_path / "warm")
    assert neurflow.load_circuit(tmp_path / "warm") == result.circuit


def test_held_out_images_are_listed_in_the_order_drawn(network: Network, data: Dataset) -> None:
    circuit = neurflow.trace(network, data, "warm", SETTINGS, CPU).circuit
    selection = select_images(network, data, 0, SETTINGS, torch.device("cpu"), 16, silent)
    assert circuit.data.held_out == tuple(chosen.image.id for chosen in selection.held_out)
    assert len(circuit.data.held_out) == SETTINGS.held_out
    assert circuit.data.digest == selection.digest
    without = neurflow.trace(network, data, "warm", replace(SETTINGS, held_out=0), CPU).circuit
    assert without.data.held_out == ()


def test_labels_are_mapped_to_the_class_and_the_circuit_records_them(network: Network, data: Dataset) -> None:
    settings = replace(SETTINGS, images=20, held_out=0)
    circuit = neurflow.trace(network, data, "warm", settings, CPU, class_map={"cold": "Warm", "never": "warm"}).circuit
    assert {image.id.partition("/")[0] for image in circuit.images} == {"warm", "cold", "never"}
    assert circuit.data.class_map == {"cold": "warm", "never": "warm"}


def test_a_mapping_to_another_class_changes_nothing(network: Network, data: Dataset, whole: bytes) -> None:
    assert (
        comparable(neurflow.trace(network, data, "warm", SETTINGS, CPU, class_map={"never": "cold"}).circuit) == whole
    )
    assert comparable(neurflow.trace(network, data, "warm", SETTINGS, CPU, class_map={"warm": "warm"}).circuit) == whole
    assert b'"class_map": null' in whole


def test_a_class_whose_label_is_mapped_to_another_has_no_image(network: Network, data: Dataset) -> None:
    with pytest.raises(DataError, match=r"no label of the data set means the class 'warm'.*--class-map"):
        neurflow.trace(network, data, "warm", SETTINGS, CPU, class_map={"warm": "cold"})


@pytest.mark.parametrize(("label", "name", "error"), [("warn", "cold", DataError), ("warm", "chilly", ClassError)])
def test_a_map_of_missing_labels_is_refused(
    network: Network, data: Dataset, label: str, name: str, error: type[Exception]
) -> None:
    with pytest.raises(error, match=f"class map {label}={name}"):
        neurflow.trace(network, data, "warm", SETTINGS, CPU, class_map={label: name})


@pytest.mark.parametrize("wanted", ["cold", "nobody"])
def test_a_refused_trace_leaves_the_network_unchanged(network: Network, data: Dataset, wanted: str) -> None:
    with untouched(network), pytest.raises(ClassError):
        neurflow.trace(network, data, wanted, SETTINGS, CPU)


def test_an_unavailable_device_is_refused(network: Network, data: Dataset) -> None:
    with pytest.raises(DeviceError, match="abacus"):
        neurflow.trace(network, data, "warm", SETTINGS, Resources(device="abacus"))


def test_training_mode_and_gradients_of_a_caller_stay(folder: Path, data: Dataset, network: Network) -> None:
    module: nn.Module = network.module
    frozen = [parameter.requires_grad for parameter in module.parameters()]
    first = next(module.parameters())
    first.requires_grad_(not frozen[0])
    try:
        with untouched(network):
            neurflow.trace(network, data, "warm", SETTINGS, CPU)
    finally:
        first.requires_grad_(frozen[0])


# Layers as they are finished


@pytest.fixture(scope="module")
def finished(network: Network, data: Dataset) -> tuple[list[FinishedLayer], Trace]:
    layers: list[FinishedLayer] = []
    return layers, neurflow.trace(network, data, "warm", SETTINGS, CPU, layer_done=layers.append)


def test_each_layer_is_reported_from_the_top_as_soon_as_it_is_done(network: Network, data: Dataset) -> None:
    told: list[str] = []
    neurflow.trace(
        network,
        data,
        "warm",
        SETTINGS,
        CPU,
        progress=lambda stage, done, total: told.append(stage) if done == 0 else None,
        layer_done=lambda layer: told.append(f"done {layer.position} {layer.info.name}"),
    )
    walked = ["layer fc", "done 2 fc", "layer relu3", "done 1 relu3", "layer relu1", "done 0 relu1", "importance"]
    assert told == [*STAGES[:3], *walked]


def test_a_finished_layer_equals_the_circuit_s_in_the_end(finished: tuple[list[FinishedLayer], Trace]) -> None:
    layers, result = finished
    circuit = result.circuit
    assert [edge for layer in layers for edge in layer.edges] != []
    known = {group.id: group for group in circuit.groups}
    edges = {(edge.source, edge.target): edge for edge in circuit.edges}
    for layer in layers:
        assert layer.info == circuit.layers[layer.position]
        assert [group.id for group in layer.groups] == [g.id for g in circuit.groups if g.layer == layer.info.name]
        for group in layer.groups:
            final = known[group.id]
            assert (group.neurons, group.silhouette) == (final.neurons, final.silhouette)
            assert group.importance == replace(final.importance, logit_drop=None, held_out=0)
            for one, other in zip(group.exemplars, final.exemplars, strict=True):
                assert (one.image, one.box, one.activation) == (other.image, other.box, other.activation)
                assert one.heat_map == other.heat_map
                assert layer.pictures[one.file].tobytes() == result.pictures[other.file].tobytes()
        for edge in layer.edges:
            end = edges.pop((edge.source, edge.target))
            assert (edge.weight, edge.positive, edge.negative) == (end.weight, end.positive, end.negative)
            assert edge.links == end.links
            assert [patch.weight for patch in edge.patches or ()] == [patch.weight for patch in end.patches or ()]
    assert not edges


def test_pictures_are_those_of_the_exemplars(finished: tuple[list[FinishedLayer], Trace]) -> None:
    layers, result = finished
    assert set(result.pictures) == {e.file for group in result.circuit.groups for e in group.exemplars}
    for layer in layers:
        assert set(layer.pictures) == {e.file for group in layer.groups for e in group.exemplars}


def test_resumed_layers_are_reported_again(
    network: Network, data: Dataset, finished: tuple[list[FinishedLayer], Trace], tmp_path: Path
) -> None:
    checkpoint, told = Checkpoint(tmp_path / "state"), list[FinishedLayer]()
    with pytest.raises(Cancelled):
        neurflow.trace(network, data, "warm", SETTINGS, CPU, Spy("layer relu1"), checkpoint, layer_done=told.append)
    assert [layer.position for layer in told] == [2, 1]
    neurflow.trace(network, data, "warm", SETTINGS, CPU, Spy(), checkpoint, resume=True, layer_done=told.append)
    assert [layer.position for layer in told] == [2, 1, 2, 1, 0]
    for layer, expected in zip(told[2:], finished[0], strict=True):
        assert (layer.groups, layer.edges) == (expected.groups, expected.edges)


def test_an_exception_from_layer_done_stops_the_trace(network: Network, data: Dataset) -> None:
    def refuse(layer: FinishedLayer) -> None:
        raise Cancelled("seen enough")

    with untouched(network), pytest.raises(Cancelled, match="seen enough"):
        neurflow.trace(network, data, "warm", SETTINGS, CPU, layer_done=refuse)
