"""Networks and images at their limits: dead neurons, equal patches, too few of them, NaN weights."""

from __future__ import annotations

from typing import Any

import numpy as np
import PIL.Image
import pytest
import torch
from torch import Tensor, nn

from neurflow.data.images import ImageRef
from neurflow.network.networks import Network
from neurflow.network.preprocessing import Preprocessing
from neurflow.network.weights import digest
from neurflow.result.circuit import Circuit
from neurflow.result.circuit_checks import check
from neurflow.terms.errors import DataError, NumericalError
from neurflow.terms.parameters import Resources, TraceParameters
from neurflow.tracing import trace
from tests.engine.planted import Pictures

CPU = torch.device("cpu")
LAYERS = ("edges", "patterns", "parts")
SETTINGS = TraceParameters(images=6, top_k=8, tau=3, crops=(1.0, 0.5), layers=LAYERS, held_out=2)


# Degenerate networks and images


class Lower(nn.Module):
    """Four channels of a picture, of which the last is dead."""

    def __init__(self) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(3, 4, 1)
        with torch.no_grad():
            self.convolution.weight.copy_(
                torch.tensor([[1.0, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 0]])[:, :, None, None]
            )
            self.convolution.bias = nn.Parameter(torch.tensor([0.0, 0.0, 0.0, -1.0]))

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.convolution(x))


class Middle(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(4, 4, 1)
        with torch.no_grad():
            self.convolution.weight.copy_((torch.eye(4) + 0.1)[:, :, None, None])
            self.convolution.bias = nn.Parameter(torch.tensor([0.0, 0.1, 0.0, -9.0]))

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.convolution(x))


class Logits(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(4, 2)
        with torch.no_grad():
            self.linear.weight.copy_(torch.tensor([[1.0, -0.5, 0.5, 1.0], [0, 0, 0, 0]]))
            self.linear.bias.copy_(torch.tensor([0.0, -10.0]))

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.linear(x.mean((2, 3)))
        return logits


def _network(middle: nn.Module | None = None) -> Network:
    module = nn.Sequential()
    module.add_module("lower", Lower())
    module.add_module("middle", middle or Middle())
    module.add_module("logits", Logits())
    size = Preprocessing(8, 8, (0.0, 0.0, 0.0), (1.0, 1.0, 1.0))
    return Network("degenerate", module.eval(), ("first", "second"), size, digest(module))


def _noise(count: int) -> Pictures:
    generator = np.random.default_rng(0)
    pixels = generator.integers(256, size=(count, 16, 16, 3), dtype=np.uint8)
    return _as_pictures([PIL.Image.fromarray(picture) for picture in pixels])


def _as_pictures(pictures: list[PIL.Image.Image]) -> Pictures:
    named = {f"{number}.png": picture for number, picture in enumerate(pictures)}
    return Pictures(named, tuple(ImageRef(id, None) for id in named))


def _degenerate(
    network: Network | None = None, pictures: Pictures | None = None, class_name: str = "first", **changes: Any
) -> Circuit:
    options: dict[str, Any] = {"images": 3, "top_k": 10, "tau": 2, "layers": ("lower", "middle"), "held_out": 1}
    parameters = TraceParameters(**(options | changes))
    circuit = trace(
        network or _network(), pictures or _noise(5), class_name, parameters, Resources(device="cpu")
    ).circuit
    check(circuit)
    return circuit


def test_a_dead_neuron_has_no_edges() -> None:
    circuit = _degenerate(tau=4)
    for layer in ("lower", "middle"):
        (dead,) = (neuron for neuron in circuit.neurons if (neuron.layer, neuron.channel) == (layer, 3))
        assert dead.activation == 0
        assert all(core.score == 0 for core in dead.core)
        assert all(edge.weight == 0 for part in dead.semantic_groups for edge in part.weights)
    (top,) = (neuron for neuron in circuit.neurons if neuron.layer == "logits")
    assert [edge.weight for part in top.semantic_groups for edge in part.weights if edge.channel == 3] == [0.0] * len(
        top.semantic_groups
    )


@pytest.mark.parametrize("tau", [4, 100], ids="tau{}".format)
def test_a_tau_of_the_whole_width_walks_every_neuron_with_a_warning(tau: int) -> None:
    circuit = _degenerate(tau=tau)
    channels = [(neuron.layer, neuron.channel) for neuron in circuit.neurons]
    assert sorted(channels) == [
        (layer, c) for layer in ("logits", "lower", "middle") for c in range(4) if layer != "logits" or c == 0
    ]
    assert f"tau = {tau} includes every neuron of lower, middle" in circuit.report.warnings


def test_equal_patches_make_one_part_of_each_concept_and_one_exemplar_for_each_place() -> None:
    grey = _as_pictures([PIL.Image.new("RGB", (16, 16), (200, 100, 50))] * 3)
    circuit = _degenerate(pictures=grey, images=2, tau=4)
    for neuron in circuit.neurons:
        (part,) = neuron.semantic_groups
        assert part.silhouette is None
        patches = [circuit.patches[position] for position in part.patches]
        # Earlier patches come first among equals.
        assert [(p.image, p.box.left, p.box.top) for p in patches][:3] == [(0, 0, 0), (0, 0, 0), (0, 4, 0)]
    for layer in ("lower", "middle", "logits"):
        (group,) = (group for group in circuit.groups if group.layer == layer)
        assert group.silhouette is None


def test_a_concept_may_hold_every_patch() -> None:
    circuit = _degenerate(images=2, crops=(1.0, 0.5), top_k=20)
    assert len(circuit.patches) == 20
    assert all(sum(len(part.patches) for part in neuron.semantic_groups) == 20 for neuron in circuit.neurons)
    assert not any("top_k" in warning for warning in circuit.report.warnings)


def test_top_k_is_lowered_to_the_number_of_patches_with_a_warning() -> None:
    circuit = _degenerate(images=2, crops=(1.0, 0.5), top_k=21)
    assert circuit.parameters.top_k == 20
    assert "there are only 20 patches, fewer than top_k = 21: top_k is lowered to 20" in circuit.report.warnings


def test_a_single_image_is_enough_but_leaves_none_for_knock_outs() -> None:
    circuit = _degenerate(pictures=_noise(1))
    assert len(circuit.images) == 1
    assert all(g.importance.logit_drop is None and g.importance.held_out == 0 for g in circuit.groups)
    assert circuit.data.held_out == ()
    assert "no images are left to measure knock-outs: logit_drop is null" in circuit.report.warnings


def test_a_single_patch_is_refused() -> None:
    with pytest.raises(
        DataError, match="the images yield 1 patch, but a concept needs at least 2: add images or crops"
    ):
        _degenerate(pictures=_noise(1), crops=(1.0,))


def test_one_layer_below_the_logits_is_enough() -> None:
    circuit = _degenerate(layers=("middle",))
    assert [layer.name for layer in circuit.layers] == ["middle", "logits"]
    assert {(edge.source.partition("/")[0], edge.target) for edge in circuit.edges} == {("middle", "logits/1")}
    assert all(neuron.core == () for neuron in circuit.neurons if neuron.layer == "middle")


@pytest.mark.parametrize("layer", ["lower", "middle"])
@pytest.mark.parametrize("class_name", ["first", "second"])
@pytest.mark.parametrize("wrong", [float("nan"), float("inf")])
def test_nan_weights_are_an_error_that_names_the_lowest_layer(layer: str, class_name: str, wrong: float) -> None:
    network = _network()
    with torch.no_grad():
        network.module.get_submodule(layer).get_parameter("convolution.bias")[1] = wrong
    with pytest.raises(NumericalError, match=f"layer '{layer}' gives NaN or infinity"):
        _degenerate(network, class_name=class_name)


class RootMiddle(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.sqrt()


class RootLogits(Logits):
    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x.sqrt())


# A root's slope at zero is infinite: dead neurons below have attributions of zero times infinity. With a core of one
# the dead neuron is not in it, and yet the attributions cannot be trusted.
@pytest.mark.parametrize(("layer", "tau"), [("middle", 4), ("logits", 4), ("logits", 1)])
def test_nan_attributions_are_an_error_that_names_the_layer(layer: str, tau: int) -> None:
    network = _network(middle=RootMiddle()) if layer == "middle" else _network()
    if layer == "logits":
        network.module.add_module("logits", RootLogits())
    with pytest.raises(NumericalError, match=f"layer '{layer}': attributions of channel 0 are NaN or infinite"):
        _degenerate(network, tau=tau)
