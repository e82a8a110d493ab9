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

UPPER = ("layer3.0", "layer3.1", "layer4.0", "layer4.1", "fc")
LAYERS = ("layer2.0", "layer2.1", *UPPER)
SMALL: dict[str, Any] = {"images": 3, "top_k": 6, "tau": 3, "held_out": 0}
Cores = dict[tuple[str, int], set[int]]
Case = tuple[str, tuple[str, ...]]
"""A class, and the layers to trace."""


@pytest.fixture(
    scope="module",
    params=[("coffee", UPPER), *(pytest.param((name, LAYERS), marks=pytest.mark.slow) for name in ("coffee", "cat"))],
    ids=lambda case: f"{case[0]} in {len(case[1])} layers",
)
def case(request: pytest.FixtureRequest) -> Case:
    chosen: Case = request.param
    return chosen


@pytest.fixture(scope="module")
def textbook(case: Case) -> Cores:
    target, layers = case
    network, photos = neurflow.load_network("demo/photos"), neurflow.load_dataset("demo/photos")
    parameters = neurflow.TraceParameters(**SMALL, layers=layers)
    index = network.classes.index(target)
    chosen = select_images(network, photos, index, parameters, choose_device("cpu"), 16, silent)
    patches = PatchSet([c.image for c in chosen.traced], network.preprocessing, parameters.crops)
    stages = demo_stages(network.module, lowest=layers[0])
    method = Textbook(stages, parameters.tau, parameters.top_k)
    return method.core_sets(patches.batch(range(len(patches))), index)


def engine(case: Case, **changes: Any) -> Cores:
    target, layers = case
    network, photos = neurflow.load_network("demo/photos"), neurflow.load_dataset("demo/photos")
    parameters = neurflow.TraceParameters(**SMALL, layers=layers, **changes)
    circuit = neurflow.trace(network, photos, target, parameters).circuit
    return {(n.layer, n.channel): {c.channel for c in n.core} for n in circuit.neurons if n.core}


def test_with_equal_nodes_every_core_set_equals_the_textbook_s(case: Case, textbook: Cores) -> None:
    assert engine(case, nodes=STEPS, max_nodes=STEPS) == textbook


def test_with_adaptive_nodes_almost_all_core_sets_equal_the_textbook_s(case: Case, textbook: Cores) -> None:
    cores = engine(case)
    shared = [neuron for neuron in cores if neuron in textbook]
    assert len(shared) >= 0.95 * len(textbook)
    assert mean(len(cores[n] & textbook[n]) / len(cores[n] | textbook[n]) for n in shared) >= 0.98
