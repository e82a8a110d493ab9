"""Trace a circuit: from the rows of a network and a data set to the rows of their circuit.

1. Load both and check that they have not changed since they were inspected.
2. Trace, resuming after the last finished layer of an earlier attempt in ``work/jobs``; show each finished layer.
3. Store the pictures.
4. Return a function that replaces the earlier result's rows.
5. If the circuit was deleted meanwhile, remove the saved state: nobody can resume it.

The result is the same to the last bit as that of an undisturbed trace: the engine resumes a saved state only if
everything that the numbers depend on is the same, and starts over otherwise.
"""

from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path

import structlog
from sqlalchemy.orm import Session

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
from neurflow_store.errors import Conflict, NotFound
from neurflow_store.installation.database_errors import DATABASE_AWAY
from neurflow_store.repositories import results
from neurflow_store.repositories.requests import existing
from neurflow_worker.jobs.circuit_result import pictures_of, replace_with
from neurflow_worker.jobs.layer_previews import LayerPreviews
from neurflow_worker.jobs.pictures import WEBP, traced_image
from neurflow_worker.jobs.trace_plan import trace_plan
from neurflow_worker.library.loading import Changed
from neurflow_worker.running.context import JobContext, Outcome, SaveResult, WorkerContext
from neurflow_worker.running.interrupt import Interrupted
from neurflow_worker.running.progress import Progress
from neurflow_worker.running.saving import Saver

_log = structlog.stdlib.get_logger(__name__)
LOADING = "loading"
SAVING = "saving"


def run(job: JobContext) -> Outcome:
    """Run the job."""
    circuit_row, network_row, dataset_row = _rows(job)
    parameters = parameters_of(circuit_row)
    job.progress.follow(trace_plan(parameters, network_row.layers))
    job.progress(LOADING, 0, 1)
    network = job.worker.library.inspected_network(network_row)
    data = job.worker.library.inspected_dataset(dataset_row, lambda done, total: job.progress(LOADING, 0, 1))
    job.progress(LOADING, 1, 1)
    _check_unchanged(circuit_row, network_row, dataset_row)
    folder = job.worker.settings.work / "jobs" / f"{circuit_row.id}-{circuit_row.content_key}"
    remove = partial(shutil.rmtree, folder, ignore_errors=True)
    try:
        result = _trace(job, network, data, circuit_row, parameters, folder)
        with Saver(job.worker.store) as saver:
            write = _save(result, data, job.progress, saver, circuit_row.id)
    except (Exception, Interrupted):
        job.worker.interrupter.disarm()
        if _is_deleted(job.worker, circuit_row.id):
            remove()
        raise

    def write_or_remove(session: Session) -> None:
        try:
            write(session)
        except NotFound:
            remove()
            raise

    return Outcome(write_or_remove, remove)


def _is_deleted(worker: WorkerContext, circuit_id: str) -> bool:
    try:
        with worker.database.reading() as session:
            return not existing(session, tables.Circuit, [circuit_id])
    except DATABASE_AWAY:
        return False


def _check_unchanged(circuit: tables.Circuit, network: tables.Network, dataset: tables.Dataset) -> None:
    """Check that network, data set and engine are still those of the request, however long it was queued.

    Raises:
        Changed: the network, the data set or the engine has changed.
    """
    key = request_key(network, dataset, circuit.class_name, circuit.class_map, circuit.parameters)
    if key != circuit.content_key:
        raise Changed(
            f"the network, data set or engine has changed since circuit {circuit.id!r} was requested: compute it again"
        )


def parameters_of(circuit: tables.Circuit) -> TraceParameters:
    """Convert the parameters in a circuit's row to the engine's.

    Raises:
        ParameterError: a parameter is out of range.
    """
    values = dict(circuit.parameters)
    for name in ("crops", "layers"):
        if values.get(name) is not None:
            values[name] = tuple(values[name])
    return TraceParameters(**values)


class _Kept(Checkpoint):
    """A checkpoint that reports what it saves."""

    def __init__(self, folder: Path, progress: Progress) -> None:
        super().__init__(folder)
        self._progress = progress

    def save_tables(self, tables: tuple[Table, ...]) -> None:
        super().save_tables(tables)
        self._progress.keep()

    def save_layer(self, layer: int, neurons: tuple[TracedNeuron, ...]) -> None:
        super().save_layer(layer, neurons)
        self._progress.keep()


def _rows(job: JobContext) -> tuple[tables.Circuit, tables.Network, tables.Dataset]:
    with job.worker.database.reading() as session:
        circuit = results.subject(session, tables.Circuit, job.claim.subject)
        if circuit.network_id is None or circuit.dataset_id is None:
            raise Conflict(f"circuit {circuit.id!r} was imported: it has no network or data set to compute it from")
        network = results.subject(session, tables.Network, circuit.network_id)
        return circuit, network, results.subject(session, tables.Dataset, circuit.dataset_id)


def _trace(
    job: JobContext,
    network: Network,
    data: Dataset,
    requested: tables.Circuit,
    parameters: TraceParameters,
    folder: Path,
) -> Trace:
    resources = Resources(device=job.worker.settings.device)
    checkpoint = _Kept(folder, job.progress)
    traced = partial(
        trace,
        network,
        data,
        requested.class_name,
        parameters,
        resources,
        job.progress,
        checkpoint,
        resume=True,
        layer_done=LayerPreviews(job),
        class_map=requested.class_map,
    )
    try:
        return traced()
    except NumericalError:
        # A new attempt would end the same way.
        checkpoint.remove()
        raise
    except OutputError as error:
        _log.warning("the saved state of an earlier attempt does not fit; starting over", reason=str(error))
        checkpoint.remove()
    return traced()


def _save(result: Trace, data: Dataset, progress: Progress, saver: Saver, circuit_id: str) -> SaveResult:
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
            _log.warning("a traced image can no longer be read", reason=str(error))
    pictures = pictures_of(circuit, saver, exemplars, images, result.pictures, encode(circuit))
    progress(SAVING, total, total)
    return replace_with(circuit_id, circuit, pictures, saver)
