"""Trace a circuit: from a network, a data set and a class to a circuit of neuron groups.

1. Capture the network's graph and choose the layers.
2. Select images that the network predicts as the class and cut them into patches.
3. Record the pooled activation of every neuron on every patch.
4. Walk down from the class: core neurons, semantic groups, edges between neurons. After each layer, group its neurons
   and link the groups to those above.
5. Measure the groups' importance.

The network is never changed, even if an exception occurs: a captured copy of its graph runs instead.

References: "NeurFlow: Interpreting Neural Networks through Neuron Groups and Functional Interactions" (ICLR 2025).
"""

from __future__ import annotations

import copy
import dataclasses
import importlib.metadata
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import PIL.Image
import torch
from numpy.typing import NDArray

from neurflow.data.images import Dataset
from neurflow.device import batch_rows, choose_device, exact
from neurflow.method.activations import Table, activation_tables, check_finite
from neurflow.method.adjust import adjust_parameters
from neurflow.method.assemble import Assembly, FinishedLayer, Parts
from neurflow.method.checkpoint import Checkpoint
from neurflow.method.feature_maps import FeatureMaps
from neurflow.method.importance import logit_drops
from neurflow.method.patches import PatchSet, to_input
from neurflow.method.selection import Selection, select_images
from neurflow.method.walk import Walk
from neurflow.network.graph import NetworkGraph
from neurflow.network.ladder import choose_layers
from neurflow.network.layers import Ladder
from neurflow.network.networks import Network
from neurflow.progress import Progress, silent
from neurflow.result.circuit import (
    FORMAT,
    FORMAT_VERSION,
    Circuit,
    DataInfo,
    ImageInfo,
    NetworkInfo,
    Report,
    TargetClass,
    Timing,
)
from neurflow.result.file_format import save_circuit
from neurflow.terms.class_matching import Classes
from neurflow.terms.label_matching import NOTHING_MAPPED, check_class_map, used_class_map
from neurflow.terms.parameters import Resources, TraceParameters

LayerDone = Callable[[FinishedLayer], None]
"""Called with each layer whose groups and edges are final."""


@dataclass(frozen=True)
class Trace:
    """A finished trace: the circuit, and exemplar pictures by :attr:`neurflow.result.circuit.Exemplar.file`."""

    circuit: Circuit
    pictures: Mapping[str, PIL.Image.Image]

    def save(self, out: Path) -> None:
        """Save the circuit as a new folder (``docs/file-format.md``).

        Raises:
            OutputError: the folder exists.
            StorageError: the disk is full or not writable. No partial folder is left.
        """
        save_circuit(self.circuit, self.pictures, out)


def trace(
    network: Network,
    data: Dataset,
    class_name: str,
    parameters: TraceParameters | None = None,
    resources: Resources | None = None,
    progress: Progress = silent,
    checkpoint: Checkpoint | None = None,
    resume: bool = False,
    layer_done: LayerDone | None = None,
    class_map: Mapping[str, str] = NOTHING_MAPPED,
) -> Trace:
    """Trace the circuit of a class.

    Args:
        network: a network from :func:`neurflow.load_network`.
        data: a data set from :func:`neurflow.load_dataset`.
        class_name: one of ``network.classes``, or ``"#7"`` for the output at index 7.
        parameters: what to compute; by default as in the paper.
        resources: device, batch size and memory.
        progress: called after each piece of work; an exception that it raises stops the trace.
        checkpoint: where to save finished layers; without it nothing is written.
        resume: continue from the state in ``checkpoint``.
        layer_done: called with each layer once its groups and edges are final, from the top down, including resumed
            ones. An exception that it raises stops the trace.
        class_map: classes for labels of ``data`` that have other names, as in ``{"kitty": "cat"}``.

    Raises:
        InputError: the request is invalid; its subclasses say how.
        NumericalError: an activation or attribution is NaN or infinite.
        StorageError: the checkpoint cannot be written.
    """
    parameters, resources = parameters or TraceParameters(), resources or Resources()
    classes = Classes(network.classes)
    class_index = classes.find(class_name)
    labels = {ref.label for ref in data.images if ref.label is not None}
    check_class_map(class_map, labels, classes)
    used = used_class_map(labels, classes, class_map, class_index)
    device = choose_device(resources.device)
    with exact(device):
        run = _Run(network, data, class_index, used, parameters, resources, device, progress)
        return run.run(checkpoint, resume, layer_done or (lambda layer: None))


class _Run:
    """One trace from beginning to end."""

    def __init__(
        self,
        network: Network,
        data: Dataset,
        class_index: int,
        class_map: Mapping[str, str],
        parameters: TraceParameters,
        resources: Resources,
        device: torch.device,
        progress: Progress,
    ) -> None:
        if device.type != "cpu":
            network = dataclasses.replace(network, module=copy.deepcopy(network.module).to(device))
        self.network, self.data, self.class_index, self.class_map = network, data, class_index, class_map
        self.parameters, self.resources, self.device, self.progress = parameters, resources, device, progress
        self.warnings: list[str] = []
        self.seconds: dict[str, float] = {}

    def run(self, checkpoint: Checkpoint | None, resume: bool, layer_done: LayerDone) -> Trace:
        self.progress("graph", 0, 1)
        with self._timed("graph"):
            graph = NetworkGraph(self.network.module, self.network.preprocessing.input_size)
            points = choose_layers(graph, self.parameters.layers)
            ladder = Ladder(graph, points, self.parameters.tokens)
        self.progress("graph", 1, 1)
        batch_size = self.resources.batch_size or batch_rows(self.device, graph)
        with self._timed("images"):
            selection = select_images(
                self.network,
                self.data,
                self.class_index,
                self.parameters,
                self.device,
                batch_size,
                self.progress,
                lambda images: check_finite(ladder, ladder.all_pooled(images)),
                self.class_map,
            )
        preprocessing = self.network.preprocessing
        patches = PatchSet([c.image for c in selection.traced], preprocessing, self.parameters.crops)
        self.parameters, self.warnings = adjust_parameters(self.parameters, ladder, selection, len(patches))
        if checkpoint is not None:
            checkpoint.open(self._request(selection, batch_size), resume)
        with self._timed("activations"):
            maps = FeatureMaps(ladder, patches, self.device, batch_size, self.resources.cache_bytes)
            tables = self._tables(ladder, patches, batch_size, checkpoint, maps)
        assembly = Assembly(Walk(ladder, tables, maps, self.parameters, self.class_index), patches)
        self._walk(assembly, checkpoint, layer_done)

        def drops(groups: list[list[tuple[int, ...]]]) -> list[NDArray[np.float64]] | None:
            return self._drops(ladder, selection, groups, batch_size)

        with self._timed("groups"):
            parts = assembly.parts(len(selection.held_out), drops)
        return Trace(self._circuit(ladder, selection, parts), parts.pictures)

    def _walk(self, assembly: Assembly, checkpoint: Checkpoint | None, layer_done: LayerDone) -> None:
        """Walk down and extend the circuit by each layer."""
        layers = assembly.walk.layers(
            checkpoint.layers() if checkpoint else {},
            self.progress,
            checkpoint.save_layer if checkpoint else lambda layer, neurons: None,
        )
        count = loose = 0
        while True:
            with self._timed("walk"):
                walked = next(layers, None)
            if walked is None:
                break
            with self._timed("groups"):
                finished = assembly.add(*walked)
            count, loose = count + len(walked[1]), loose + sum(not neuron.settled for neuron in walked[1])
            layer_done(finished)
        if loose:
            self.warnings.append(
                f"{loose} of {count} core sets are not settled at {self.parameters.max_nodes} nodes: "
                "the neurons at their edge have almost equal scores"
            )

    def _request(self, selection: Selection, batch_size: int) -> dict[str, object]:
        """Return everything that the walk's numbers depend on, to the last bit."""
        return {
            "engine_version": engine_version(),
            "torch_version": torch.__version__,
            "network": self.network.digest,
            "preprocessing": dataclasses.asdict(self.network.preprocessing),
            "data": selection.digest,
            "class": self.class_index,
            "parameters": dataclasses.asdict(self.parameters),
            "device": str(self.device),
            "threads": torch.get_num_threads(),
            "batch_size": batch_size,
            "cache_bytes": self.resources.cache_bytes,
            "mixed_precision": self.resources.mixed_precision,
        }

    def _tables(
        self,
        ladder: Ladder,
        patches: PatchSet,
        batch_size: int,
        checkpoint: Checkpoint | None,
        maps: FeatureMaps,
    ) -> tuple[Table, ...]:
        half = self.resources.mixed_precision
        stored = checkpoint.tables(len(ladder)) if checkpoint else None
        if stored is not None:
            if not half:
                maps.refill()
            return stored
        filled = None if half else maps
        tables = activation_tables(ladder, patches, self.device, batch_size, self.progress, half, filled)
        if checkpoint:
            checkpoint.save_tables(tables)
        return tables

    def _drops(
        self, ladder: Ladder, selection: Selection, groups: list[list[tuple[int, ...]]], batch_size: int
    ) -> list[NDArray[np.float64]] | None:
        if not selection.held_out:
            return None
        size = self.network.preprocessing.input_size
        pictures = [chosen.image.patch(chosen.image.area, size) for chosen in selection.held_out]
        images = to_input(pictures, self.network.preprocessing).to(self.device)
        return logit_drops(ladder, images, self.class_index, groups, batch_size, self.progress)

    def _circuit(self, ladder: Ladder, selection: Selection, parts: Parts) -> Circuit:
        network, preprocessing = self.network, self.network.preprocessing
        return Circuit(
            format=FORMAT,
            format_version=FORMAT_VERSION,
            engine_version=engine_version(),
            network=NetworkInfo(
                network.spec,
                network.digest,
                preprocessing.input_size,
                preprocessing.resize,
                preprocessing.mean,
                preprocessing.std,
                network.classes,
            ),
            data=DataInfo(
                self.data.spec,
                selection.digest,
                tuple(chosen.image.id for chosen in selection.held_out),
                dict(self.class_map) or None,
            ),
            target=TargetClass(network.classes[self.class_index], self.class_index),
            parameters=self.parameters,
            layers=ladder.info,
            images=tuple(ImageInfo(c.image.id, c.image.width, c.image.height, c.probability) for c in selection.traced),
            patches=parts.patches,
            neurons=parts.neurons,
            groups=parts.groups,
            edges=parts.edges,
            report=Report(selection.skipped, tuple(self.warnings)),
            timings=tuple(Timing(stage, round(seconds, 3)) for stage, seconds in self.seconds.items()),
        )

    @contextmanager
    def _timed(self, stage: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self.seconds[stage] = self.seconds.get(stage, 0.0) + time.perf_counter() - start


def engine_version() -> str:
    """Return the version of the installed distribution."""
    return importlib.metadata.version("neurflow-explorer")
