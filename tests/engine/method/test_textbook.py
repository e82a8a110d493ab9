"""The engine, compared with the textbook implementation, on the demo network with its trained weights."""

from __future__ import annotations

from statistics import mean
from typing import Any

import pytest

import neurflow
from neurflow.device import choose_device
from neurflow.method.patches import PatchSet
from neurflow.method.selection import select_images
from neurflow.progress import silent
from tests.textbook import STEPS, Textbook, demo_stages

LAYERS = ("layer2.0", "layer2.1", "layer3.0", "layer3.1", "layer4.0", "layer4.1", "fc")
SMALL: dict[str, Any] = {"images": 3, "top_k": 6, "tau": 3, "held_out": 0, "layers": LAYERS}
Cores = dict[tuple[str, int], set[int]]


@pytest.fixture(scope="module", params=["coffee", pytest.param("cat", marks=pytest.mark.slow)])
def target(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def textbook(target: str) -> Cores:
    network, photos = neurflow.load_network("demo/photos"), neurflow.load_dataset("demo/photos")
    parameters = neurflow.TraceParameters(**SMALL)
    index = network.classes.index(target)
    chosen = select_images(network, photos, index, parameters, choose_device("cpu"), 16, silent)
    patches = PatchSet([c.image for c in chosen.traced], network.preprocessing, parameters.crops)
    stages = demo_stages(network.module, lowest=LAYERS[0])
    method = Textbook(stages, parameters.tau, parameters.top_k)
    return method.core_sets(patches.batch(range(len(patches))), index)


def engine(target: str, **changes: Any) -> Cores:
    network, photos = neurflow.load_network("demo/photos"), neurflow.load_dataset("demo/photos")
    parameters = neurflow.TraceParameters(**SMALL, **changes)
    circuit = neurflow.trace(network, photos, target, parameters).circuit
    return {(n.layer, n.channel): {c.channel for c in n.core} for n in circuit.neurons if n.core}


def test_with_equal_nodes_every_core_set_equals_the_textbook_s(target: str, textbook: Cores) -> None:
    assert engine(target, nodes=STEPS, max_nodes=STEPS) == textbook


def test_with_adaptive_nodes_almost_all_core_sets_equal_the_textbook_s(target: str, textbook: Cores) -> None:
    cores = engine(target)
    shared = [neuron for neuron in cores if neuron in textbook]
    assert len(shared) >= 0.95 * len(textbook)
    assert mean(len(cores[n] & textbook[n]) / len(cores[n] | textbook[n]) for n in shared) >= 0.98
