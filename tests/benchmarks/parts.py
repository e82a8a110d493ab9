"""The parts of the benchmark, each in its own process: ``python -m tests.benchmarks.parts NAME``.

A part prints one line of JSON: seconds, peak memory in MB, and its core sets by ``layer/channel``.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

import neurflow
from neurflow.device import choose_device
from neurflow.method.patches import PatchSet, to_input
from neurflow.method.selection import select_images
from neurflow.progress import silent
from neurflow.result.circuit import Circuit
from tests.textbook import Textbook, demo_stages

CLASS = "cat"
SETTINGS = neurflow.TraceParameters(images=20, tau=8, top_k=20, held_out=0)
CONVERGED_NODES = 128
Result = dict[str, Any]


def textbook() -> Result:
    """Run the textbook on the demo network: the same images, patches and layers as the engine's default ladder."""
    return _textbook(None)


def textbook_in_batches() -> Result:
    """Run the textbook with captum set to a hundred rows at once, which suits the processor's cache better."""
    return _textbook(100)


def _textbook(batch_size: int | None) -> Result:
    network = neurflow.load_network("demo/photos")
    data = neurflow.load_dataset("demo/photos")
    target = network.classes.index(CLASS)
    start = time.perf_counter()
    selection = select_images(network, data, target, SETTINGS, choose_device("cpu"), 32, silent)
    patches = PatchSet([chosen.image for chosen in selection.traced], network.preprocessing, SETTINGS.crops)
    method = Textbook(demo_stages(network.module), SETTINGS.tau, SETTINGS.top_k, batch_size=batch_size)
    found = method.core_sets(patches.batch(range(len(patches))), target)
    seconds = time.perf_counter() - start
    cores = {f"{layer}/{channel}": sorted(core) for (layer, channel), core in found.items()}
    return {"seconds": seconds, "patches": len(patches), "cores": cores}


def engine() -> Result:
    """Run the engine on the same work: a whole trace with clustering and edges, without knock-outs."""
    return _demo(SETTINGS)


def converged() -> Result:
    """Run the engine's walk with every integral run to convergence."""
    return _demo(replace(SETTINGS, nodes=CONVERGED_NODES // 2, max_nodes=CONVERGED_NODES, margin=100))


def twice_the_images() -> Result:
    """Run the engine on twice the images."""
    return _demo(replace(SETTINGS, images=2 * SETTINGS.images))


def complete() -> Result:
    """Run a trace with the paper's settings and knock-outs, as a user gets it."""
    return _demo(neurflow.TraceParameters())


def resnet50() -> Result:
    """Run ResNet-50 at 224 px with random weights: 10 images, ``τ = 4``, ``k = 10``, the default ladder."""
    network = neurflow.load_network("torchvision/resnet50:random")
    photos = neurflow.load_dataset("demo/photos")
    with tempfile.TemporaryDirectory() as folder:
        # Random weights mean no class: the most frequent prediction is traced, over images without labels.
        pictures = [photos.load(ref).resize((224, 224)) for ref in photos.images[:: len(photos.images) // 30]]
        for i, picture in enumerate(pictures):
            picture.save(Path(folder) / f"{i:03d}.png")
        with torch.no_grad():
            predicted = network.module(to_input(pictures, network.preprocessing)).argmax(1)
        target = int(predicted.mode().values)
        parameters = neurflow.TraceParameters(images=10, tau=4, top_k=10, held_out=0)
        return _trace(network, neurflow.load_dataset(f"folder/{folder}"), f"#{target}", parameters)


def _demo(parameters: neurflow.TraceParameters) -> Result:
    return _trace(neurflow.load_network("demo/photos"), neurflow.load_dataset("demo/photos"), CLASS, parameters)


def _trace(network: Any, data: Any, target: str, parameters: neurflow.TraceParameters) -> Result:
    start = time.perf_counter()
    result = neurflow.trace(network, data, target, parameters, neurflow.Resources(device="cpu"))
    seconds = time.perf_counter() - start
    circuit: Circuit = result.circuit
    cores = {f"{n.layer}/{n.channel}": sorted(c.channel for c in n.core) for n in circuit.neurons if n.core}
    timings = {timing.stage: timing.seconds for timing in circuit.timings}
    return {"seconds": seconds, "cores": cores, "timings": timings, "neurons": len(circuit.neurons)}


PARTS: dict[str, Callable[[], Result]] = {
    part.__name__: part
    for part in (textbook, textbook_in_batches, engine, converged, twice_the_images, complete, resnet50)
}

if __name__ == "__main__":
    measured = PARTS[sys.argv[1]]()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({**measured, "peak_mb": peak}))
