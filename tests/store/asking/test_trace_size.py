"""The estimated size of a trace, compared with the engine's own sizes."""

from __future__ import annotations

from typing import Any

import pytest

from neurflow.method.patches import windows as engine_windows
from neurflow.result.circuit import Box
from neurflow.terms.parameters import TraceParameters as EngineParameters
from neurflow_store.asking.trace_parameters import TraceParameters
from neurflow_store.asking.trace_size import circuit_layers, trace_size, windows

LADDER: list[dict[str, Any]] = [
    {"name": name, "channels": channels, "default": name != "bn1"}
    for name, channels in (("bn1", 8), ("layer1", 24), ("layer2", 96), ("layer3", 512), ("fc", 16))
]


@pytest.mark.parametrize("crops", [(1.0,), (1.0, 0.5, 0.25), (0.1,), (0.05, 0.3), (0.9, 0.35, 0.7)])
def test_the_number_of_patches_equals_the_engine_s(crops: tuple[float, ...]) -> None:
    assert windows(crops) == len(engine_windows(Box(0, 0, 1000, 1000), crops))


def test_the_store_s_and_the_engine_s_parameters_give_the_same_size() -> None:
    layers = ("layer1", "layer3")
    ours = trace_size(TraceParameters(images=7, layers=layers), LADDER)
    assert ours == trace_size(EngineParameters(images=7, layers=layers), LADDER)


def test_layers_are_the_requested_ones_and_the_logits() -> None:
    assert circuit_layers(TraceParameters(), LADDER) == ["layer1", "layer2", "layer3", "fc"]
    for asked in (("bn1", "layer2"), ("bn1", "layer2", "fc")):
        assert circuit_layers(TraceParameters(layers=asked), LADDER) == ["bn1", "layer2", "fc"]


def test_neurons_multiply_downwards_up_to_the_channels_of_a_layer() -> None:
    assert trace_size(TraceParameters(), LADDER).neurons == (24, 64, 16, 1)
    assert trace_size(TraceParameters(tau=2), LADDER).neurons == (8, 4, 2, 1)
    assert trace_size(TraceParameters(tau=4096), LADDER).neurons == (24, 96, 512, 1)
    unknown = trace_size(TraceParameters(layers=("a", "b")), LADDER)
    assert (unknown.layers, unknown.neurons) == (("a", "b", "fc"), (64, 16, 1))


def test_stages_are_in_the_order_of_the_work() -> None:
    size = trace_size(TraceParameters(images=10, top_k=20, held_out=5, crops=(1.0, 0.5)), LADDER, most_images=4)
    assert (size.images, size.patches) == (4, 40)
    found = {stage.name: (stage.units, stage.each) for stage in size.stages}
    assert list(found) == [
        "loading",
        "graph",
        "images",
        "activations",
        "layer fc",
        "layer layer3",
        "layer layer2",
        "layer layer1",
        "importance",
        "saving",
    ]
    assert found["activations"] == (40.0, 1.0)
    assert found["layer layer2"] == (64 * 10.0, 10.0)
    assert found["layer layer1"] == (24 * 2.0, 2.0), "the lowest has no integral"
    assert {stage.kind for stage in size.stages} == {"fixed", "pass", "layer"}
