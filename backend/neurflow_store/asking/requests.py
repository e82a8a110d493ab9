"""Circuits: request, compute again, rename, delete, import.

The same request gives the same circuit, by its content key, and one job however often it is sent. A circuit whose job
failed or was cancelled gets a new job.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from sqlalchemy.orm import Session

from neurflow_store.asking.content_key import import_key, request_key
from neurflow_store.asking.registry import require_inspected
from neurflow_store.asking.shared_classes import RequestedClass, SharedClasses
from neurflow_store.asking.trace_parameters import TraceParameters
from neurflow_store.clock import now
from neurflow_store.errors import BadValue, Conflict, NotFound
from neurflow_store.ids import PATTERN, slug
from neurflow_store.jobs.latest import queue_again, unfinished
from neurflow_store.jobs.queue import Announcer, enqueue
from neurflow_store.names import MOST, checked_name
from neurflow_store.repositories import analyses, artifacts, previews
from neurflow_store.repositories.requests import (
    by_key,
    circuits_by_key,
    delete_jobs,
    existing,
    free_id,
    locked,
    one_at_a_time,
    protected,
)
from neurflow_store.tables import Circuit, Dataset, JobKind, Network
from neurflow_store.users.spaces import DEFAULT_VISIBILITY, VisibilityChoice
from neurflow_store.visibility import own_key, own_keys

_MOST_ID: Final = 64
_KINDS: Final = (JobKind.TRACE, JobKind.IMPORT)


def request_circuit(
    session: Session,
    announcer: Announcer,
    *,
    network_id: str,
    dataset_id: str,
    class_name: str,
    parameters: TraceParameters,
    name: str | None = None,
    visible: VisibilityChoice = DEFAULT_VISIBILITY,
    request_id: str | None = None,
) -> tuple[Circuit, bool]:
    """Return the circuit of a class, and whether a job was queued for it.

    Args:
        session: of ``Database.writing()``.
        announcer: announces the job.
        network_id: the network's id.
        dataset_id: id of the data set with the images to trace.
        class_name: one of the network's classes, or ``#12`` for output 12.
        parameters: the trace's parameters.
        name: display name; by default the class's. An existing circuit keeps its name.
        visible: who can see a new circuit. An existing circuit keeps its visibility.
        request_id: id of the HTTP request, for the logs.

    Raises:
        NotFound: the network or data set does not exist.
        Conflict: one of them has not been inspected yet.
        BadValue: the network has no such class, no image is labelled with it, or the name is invalid.
    """
    chosen = None if name is None else checked_name(name)
    network, dataset = protected(session, Network, network_id), protected(session, Dataset, dataset_id)
    require_inspected(session, network)
    require_inspected(session, dataset)
    wanted = [_shared(network, dataset).requested(class_name)]
    return _request(session, announcer, network, dataset, wanted, parameters, chosen, visible, request_id)[0]


def request_batch(
    session: Session,
    announcer: Announcer,
    *,
    network_id: str,
    dataset_id: str,
    classes: Sequence[str] | None,
    parameters: TraceParameters,
    visible: VisibilityChoice = DEFAULT_VISIBILITY,
    request_id: str | None = None,
) -> list[tuple[Circuit, bool]]:
    """Return the circuits of several classes, each with whether a job was queued for it; all or none.

    Args:
        session: of ``Database.writing()``.
        announcer: announces the jobs.
        network_id: the network's id.
        dataset_id: id of the data set with the images to trace.
        classes: as in :func:`request_circuit`; duplicates are ignored. ``None`` for all classes that the data set's
            labels name, or all of the network's classes if the data set has no labels.
        parameters: the traces' parameters.
        visible: as in :func:`request_circuit`.
        request_id: id of the HTTP request, for the logs.

    Raises:
        NotFound: the network or data set does not exist.
        Conflict: one of them has not been inspected yet.
        BadValue: the network has no such class, no image is labelled with it, or the list is empty.
    """
    network, dataset = protected(session, Network, network_id), protected(session, Dataset, dataset_id)
    require_inspected(session, network)
    require_inspected(session, dataset)
    shared = _shared(network, dataset)
    wanted = (
        shared.all() if classes is None else list({one.output: one for one in map(shared.requested, classes)}.values())
    )
    if not wanted:
        raise BadValue("classes is empty: list at least one class")
    return _request(session, announcer, network, dataset, wanted, parameters, None, visible, request_id)


def recompute(session: Session, announcer: Announcer, circuit_id: str, request_id: str | None = None) -> Circuit:
    """Compute a circuit again. Its result stays until there is a new one.

    Raises:
        NotFound: the circuit does not exist.
        Conflict: it is being computed, was imported without its network and data set, would equal another circuit, or
            the user can no longer see its network or data set.
        BadValue: no image is labelled with its class any more.
    """
    one_at_a_time(session, Circuit)
    circuit = locked(session, Circuit, circuit_id)
    if circuit.network_id is None or circuit.dataset_id is None:
        raise Conflict(f"circuit {circuit_id!r} was imported: request it for a network and a data set registered here")
    if unfinished(session, circuit):
        raise Conflict(f"circuit {circuit_id!r} is already being computed: wait for the job, or cancel it")
    try:
        network = protected(session, Network, circuit.network_id)
        dataset = protected(session, Dataset, circuit.dataset_id)
    except NotFound:
        hidden = f"circuit {circuit_id!r} cannot be computed again: you cannot see its network or its data set any more"
        raise Conflict(f"{hidden}. Ask their owners, or an administrator") from None
    # It keeps its own class map, as it keeps its parameters.
    SharedClasses(network.classes, dataset.classes, circuit.class_map).requested(circuit.class_name)
    key = request_key(network, dataset, circuit.class_name, circuit.class_map, circuit.parameters)
    key = own_key(session, Circuit, key)
    same = by_key(session, Circuit, key)
    if same is not None and same is not circuit:
        raise Conflict(f"circuit {circuit_id!r} would now equal {same.id!r}: use that one")
    # If the network, data or engine changed, this circuit is now the one for such a request.
    circuit.content_key = key
    circuit.job_id = enqueue(session, announcer, JobKind.TRACE, circuit_id, request_id=request_id).id
    previews.drop(session, circuit_id)
    session.flush()
    return circuit


def rename(session: Session, circuit_id: str, name: str) -> Circuit:
    """Rename a circuit; its id stays.

    Raises:
        BadValue: the name is invalid.
        NotFound: the circuit does not exist.
    """
    circuit = locked(session, Circuit, circuit_id)
    circuit.name = checked_name(name)
    session.flush()
    return circuit


def delete(session: Session, circuit_id: str) -> None:
    """Delete a circuit with its parts, analyses and jobs. A worker that is computing it loses its lease and stops.

    Raises:
        NotFound: the circuit does not exist.
    """
    circuit = locked(session, Circuit, circuit_id)
    analysed, measured = analyses.of_circuit(session, circuit_id)
    session.delete(circuit)
    delete_jobs(session, _KINDS, [circuit_id])
    delete_jobs(session, [JobKind.ANALYSE], analysed)
    delete_jobs(session, [JobKind.MEASURE], measured)


def request_import(
    session: Session,
    announcer: Announcer,
    *,
    archive: str,
    id: str | None = None,
    name: str | None = None,
    file: str | None = None,
    visible: VisibilityChoice = DEFAULT_VISIBILITY,
    request_id: str | None = None,
) -> Circuit:
    """Create a circuit that was computed elsewhere, and queue its import. The same archive gives the same circuit.

    Args:
        session: of ``Database.writing()``.
        announcer: announces the job.
        archive: the artifact of the bundle.
        id: id of the exported circuit; kept if no other circuit has it here.
        name: display name; by default from the bundle.
        file: digest of its ``circuit.json``: a circuit with this id and file is already imported, and nothing is done.
        visible: as in :func:`request_circuit`.
        request_id: id of the HTTP request, for the logs.

    Raises:
        NotFound: the stored file ``archive`` does not exist.
        BadValue: the id or the name is invalid.
    """
    chosen = None if name is None else checked_name(name)
    if id is not None and (len(id) > _MOST_ID or re.fullmatch(PATTERN, id) is None):
        raise BadValue(f"id {id[:80]!r} is invalid: use at most {_MOST_ID} of a-z, 0-9 and hyphens, as in cat-7k2m9")
    artifacts.keep(session, archive)
    one_at_a_time(session, Circuit)
    same = None if id is None else session.get(Circuit, id, populate_existing=True)
    taken = id is not None and bool(existing(session, Circuit, [id]))
    if same is not None and file is not None and same.file == file:
        return same
    payload = {"archive": archive}
    key = own_key(session, Circuit, import_key(archive))
    known = by_key(session, Circuit, key)
    if known is not None:
        queue_again(session, announcer, known, JobKind.IMPORT, payload, request_id)
        return known
    new = id if id is not None and not taken else free_id(session, Circuit, _base(id, chosen))
    job = enqueue(session, announcer, JobKind.IMPORT, new, payload, request_id)
    circuit = Circuit(
        id=new,
        name=chosen or new,
        class_name="",
        parameters={},
        content_key=key,
        job_id=job.id,
        created_at=now(),
        **visible.columns,
    )
    session.add(circuit)
    session.flush()
    return circuit


def _request(
    session: Session,
    announcer: Announcer,
    network: Network,
    dataset: Dataset,
    wanted: Sequence[RequestedClass],
    parameters: TraceParameters,
    name: str | None,
    visible: VisibilityChoice,
    request_id: str | None,
) -> list[tuple[Circuit, bool]]:
    one_at_a_time(session, Circuit)
    keys = [request_key(network, dataset, one.name, one.class_map, parameters) for one in wanted]
    own = own_keys(session, Circuit, keys)
    known = circuits_by_key(session, own.values())
    circuits: list[tuple[Circuit, bool]] = []
    for asked, key in zip(wanted, keys, strict=True):
        circuit = known.get(own[key])
        if circuit is not None:
            begun = queue_again(session, announcer, circuit, JobKind.TRACE, request_id=request_id)
            if begun:
                previews.drop(session, circuit.id)
            circuits.append((circuit, begun))
            continue
        shown = name or asked.shown[:MOST]
        id = free_id(session, Circuit, shown)
        circuit = Circuit(
            id=id,
            name=shown,
            network_id=network.id,
            dataset_id=dataset.id,
            class_name=asked.name,
            class_map=dict(asked.class_map),
            parameters=parameters.model_dump(mode="json"),
            content_key=own[key],
            job_id=enqueue(session, announcer, JobKind.TRACE, id, request_id=request_id).id,
            created_at=now(),
            **visible.columns,
        )
        session.add(circuit)
        circuits.append((circuit, True))
    session.flush()
    return circuits


def _shared(network: Network, dataset: Dataset) -> SharedClasses:
    return SharedClasses(network.classes, dataset.classes, dataset.class_map)


def _base(id: str | None, name: str | None) -> str:
    """Return the beginning of a new id: the given one without its random end."""
    return slug(name or "imported") if id is None else id.rpartition("-")[0] or id
