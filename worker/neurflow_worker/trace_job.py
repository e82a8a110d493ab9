"""Computes a circuit: from the rows of a network and a data set to the rows of their circuit.

1. Load both, and make sure that they are what was inspected.
2. Trace, from the last finished layer where an earlier attempt left one in ``work/jobs``; show each that is finished.
3. Store the pictures.
4. Hand back what writes the rows in place of the former result.

The numbers are those of a trace that was never disturbed, to the last bit: the engine takes up its own state only where
all that they depend on is the same, and what does not fit is begun anew.
"""

from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path

import structlog

from neurflow.data.images import Dataset
from neurflow.method.activations import Table
from neurflow.method.checkpoint import Checkpoint
from neurflow.method.walk import TracedNeuron
from neurflow.network.networks import Network
from neurflow.result.circuit_json import encode
from neurflow.result.file_format import picture_bytes, validate_circuit
from neurflow.terms.errors import DataError, NumericalError, OutputError
from neurflow.terms.parameters import Resources, TraceParameters
from neurflow.tracing import Trace, trace
from neurflow_store import tables
from neurflow_store.asking.content_key import request_key
from neurflow_store.errors import Conflict
from neurflow_store.repositories import results
from neurflow_worker.circuit_result import pictures_of, replace_with
from neurflow_worker.job_interface import Outcome, Work, Write
from neurflow_worker.layer_previews import LayerPreviews
from neurflow_worker.loading import Changed
from neurflow_worker.pictures import WEBP, traced_image
from neurflow_worker.progress import Progress
from neurflow_worker.saving import Saver
from neurflow_worker.trace_plan import trace_plan

_log = structlog.stdlib.get_logger(__name__)
LOADING = "loading"
SAVING = "saving"


def run(work: Work) -> Outcome:
    """Does the job."""
    circuit_row, network_row, dataset_row = _rows(work)
    parameters = parameters_of(circuit_row)
    work.progress.follow(trace_plan(parameters, network_row.layers))
    work.progress(LOADING, 0, 1)
    network = work.bench.library.inspected_network(network_row)
    data = work.bench.library.inspected_dataset(dataset_row, lambda done, total: work.progress(LOADING, 0, 1))
    work.progress(LOADING, 1, 1)
    _check_asked_for(circuit_row, network_row, dataset_row)
    folder = work.bench.settings.work / "jobs" / f"{circuit_row.id}-{circuit_row.content_key}"
    result = _trace(work, network, data, circuit_row, parameters, folder)
    with Saver(work.bench.store) as saver:
        write = _save(result, data, work.progress, saver, circuit_row.id)
    return Outcome(write, partial(shutil.rmtree, folder, ignore_errors=True))


def _check_asked_for(circuit: tables.Circuit, network: tables.Network, dataset: tables.Dataset) -> None:
    """Whether what was loaded is what the circuit was asked of, however long it waited.

    Raises:
        Changed: the network, the data set or the engine is another since.
    """
    key = request_key(network, dataset, circuit.class_name, circuit.class_map, circuit.parameters)
    if key != circuit.content_key:
        raise Changed(
            f"circuit {circuit.id!r} was asked for with another network, data set or engine than there is now: "
            "have it computed again"
        )


def parameters_of(circuit: tables.Circuit) -> TraceParameters:
    """The engine's parameters, from a circuit's row.

    Raises:
        ParameterError: one is out of its range.
    """
    values = dict(circuit.parameters)
    for name in ("crops", "layers"):
        if values.get(name) is not None:
            values[name] = tuple(values[name])
    return TraceParameters(**values)


class _Kept(Checkpoint):
    """A checkpoint that tells of what it keeps."""

    def __init__(self, folder: Path, progress: Progress) -> None:
        super().__init__(folder)
        self._progress = progress

    def save_tables(self, tables: tuple[Table, ...]) -> None:
        super().save_tables(tables)
        self._progress.keep()

    def save_layer(self, layer: int, neurons: tuple[TracedNeuron, ...]) -> None:
        super().save_layer(layer, neurons)
        self._progress.keep()


def _rows(work: Work) -> tuple[tables.Circuit, tables.Network, tables.Dataset]:
    with work.bench.database.reading() as session:
        circuit = results.subject(session, tables.Circuit, work.held.subject)
        if circuit.network_id is None or circuit.dataset_id is None:
            raise Conflict(f"circuit {circuit.id!r} was imported: it has no network or data set to be computed from")
        network = results.subject(session, tables.Network, circuit.network_id)
        return circuit, network, results.subject(session, tables.Dataset, circuit.dataset_id)


def _trace(
    work: Work, network: Network, data: Dataset, asked: tables.Circuit, parameters: TraceParameters, folder: Path
) -> Trace:
    resources = Resources(device=work.bench.settings.device)
    checkpoint = _Kept(folder, work.progress)
    traced = partial(
        trace,
        network,
        data,
        asked.class_name,
        parameters,
        resources,
        work.progress,
        checkpoint,
        resume=True,
        layer_done=LayerPreviews(work),
        class_map=asked.class_map,
    )
    try:
        return traced()
    except NumericalError:
        # It would end so again.
        checkpoint.remove()
        raise
    except OutputError as error:
        _log.warning("what an earlier attempt left does not fit, the trace begins anew", reason=str(error))
        checkpoint.remove()
    return traced()


def _save(result: Trace, data: Dataset, progress: Progress, saver: Saver, circuit_id: str) -> Write:
    circuit = validate_circuit(result.circuit)
    refs = {ref.id: ref for ref in data.images}
    total = len(result.pictures) + len(circuit.images)
    exemplars: dict[str, str] = {}
    for done, (file, picture) in enumerate(result.pictures.items()):
        progress(SAVING, done, total)
        exemplars[file] = saver.put(picture_bytes(picture), WEBP)
    images: dict[int, str] = {}
    for position, info in enumerate(circuit.images):
        progress(SAVING, len(exemplars) + position, total)
        try:
            images[position] = saver.put(traced_image(data.load(refs[info.id])), WEBP)
        except DataError as error:
            _log.warning("a traced image cannot be read any more", reason=str(error))
    pictures = pictures_of(circuit, saver, exemplars, images, result.pictures, encode(circuit))
    progress(SAVING, total, total)
    return replace_with(circuit_id, circuit, pictures, saver)
