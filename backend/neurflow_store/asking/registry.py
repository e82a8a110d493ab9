"""Networks and data sets: register, inspect, map labels, evaluate, delete when no circuit uses them.

The same request gives the same row. If its inspection failed or was cancelled, it is queued again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeVar

from pydantic import ValidationError
from sqlalchemy.orm import Session

from neurflow_store.asking.analyses import delete_of_dataset
from neurflow_store.asking.content_key import dataset_key, network_key
from neurflow_store.asking.network_options import NetworkOptions
from neurflow_store.asking.specs import checked_dataset_spec, checked_network_spec
from neurflow_store.clock import database_now, now
from neurflow_store.errors import BadValue, Conflict
from neurflow_store.ids import slug
from neurflow_store.installation.settings import Settings
from neurflow_store.jobs.latest import queue_again, state_of, unfinished
from neurflow_store.jobs.queue import Announcer, enqueue, find
from neurflow_store.names import checked_name
from neurflow_store.reach import Reach
from neurflow_store.repositories import artifacts
from neurflow_store.repositories.circuits import count_circuits
from neurflow_store.repositories.evaluations import delete_evaluations, find_evaluation
from neurflow_store.repositories.requests import by_key, delete_jobs, free_id, locked, one_at_a_time, protected
from neurflow_store.tables import Dataset, Evaluation, JobKind, Network
from neurflow_store.users.spaces import DEFAULT_VISIBILITY, VisibilityChoice
from neurflow_store.visibility import own_key

_Owner = TypeVar("_Owner", Network, Dataset)
_WORD: Final = {Network: "network", Dataset: "data set"}


def register_network(
    session: Session,
    announcer: Announcer,
    *,
    spec: str,
    name: str | None = None,
    weights: str | None = None,
    options: NetworkOptions | Mapping[str, Any] | None = None,
    visible: VisibilityChoice = DEFAULT_VISIBILITY,
    request_id: str | None = None,
) -> Network:
    """Register a network that workers can load, and queue its inspection.

    Args:
        session: of ``Database.writing()``.
        announcer: announces the job.
        spec: ``demo/photos``, ``torchvision/NAME[:WEIGHTS]`` or ``timm/NAME``.
        name: display name; by default from ``spec``. A registered network keeps its name.
        weights: the artifact of a safetensors file, to use instead of the network's own weights.
        options: other overrides; see :class:`neurflow_store.asking.network_options.NetworkOptions`.
        visible: who can see a new network. A registered network keeps its visibility.
        request_id: id of the HTTP request, for the logs.

    Raises:
        BadValue: a value is invalid.
        NotFound: the stored file ``weights`` does not exist.
    """
    spec, stored = checked_network_spec(spec), _options(options)
    chosen = checked_name(name) if name is not None else spec.partition("/")[2].partition(":")[0]
    if weights is not None:
        artifacts.keep(session, weights)
    one_at_a_time(session, Network)
    key = own_key(session, Network, network_key(spec, weights, stored))
    network = by_key(session, Network, key)
    if network is not None:
        queue_again(session, announcer, network, JobKind.INSPECT_NETWORK, request_id=request_id)
        return network
    id = free_id(session, Network, chosen)
    job = enqueue(session, announcer, JobKind.INSPECT_NETWORK, id, request_id=request_id)
    row = {"name": chosen, "spec": spec, "weights": weights, "options": stored, "key": key, **visible.columns}
    network = Network(id=id, job_id=job.id, created_at=now(), **row)
    session.add(network)
    session.flush()
    return network


def register_dataset(
    session: Session,
    announcer: Announcer,
    settings: Settings,
    *,
    spec: str = "",
    name: str | None = None,
    archive: str | None = None,
    visible: VisibilityChoice = DEFAULT_VISIBILITY,
    request_id: str | None = None,
) -> Dataset:
    """Register a data set that workers can load, and queue its inspection.

    Args:
        session: of ``Database.writing()``.
        announcer: announces the job.
        settings: for ``data_roots``.
        spec: ``demo/photos``, ``torchvision/NAME`` or ``folder/PATH``; ignored if there is an archive.
        name: display name; by default from ``spec``. A registered data set keeps its name.
        archive: the artifact of an archive of class folders that has passed ``archives.check_archive``.
        visible: who can see a new data set. A registered data set keeps its visibility.
        request_id: id of the HTTP request, for the logs.

    Raises:
        BadValue: a value is invalid.
        NotFound: the stored file ``archive`` does not exist.
    """
    chosen = None if name is None else checked_name(name)
    if archive is not None:
        artifacts.keep(session, archive)
        chosen = chosen or "upload"
        spec = f"upload/{slug(chosen)}"
    else:
        spec = checked_dataset_spec(spec, settings)
        chosen = chosen or checked_name(spec.rstrip("/").rpartition("/")[2][:200])
    one_at_a_time(session, Dataset)
    key = own_key(session, Dataset, dataset_key(spec, archive))
    dataset = by_key(session, Dataset, key)
    if dataset is not None:
        queue_again(session, announcer, dataset, JobKind.INSPECT_DATASET, request_id=request_id)
        return dataset
    id = free_id(session, Dataset, chosen)
    job = enqueue(session, announcer, JobKind.INSPECT_DATASET, id, request_id=request_id)
    row = {"name": chosen, "spec": spec, "archive": archive, "key": key, **visible.columns}
    dataset = Dataset(id=id, job_id=job.id, created_at=now(), **row)
    session.add(dataset)
    session.flush()
    return dataset


def reinspect_network(
    session: Session, announcer: Announcer, network_id: str, request_id: str | None = None
) -> Network:
    """Inspect a network again. Its current data stays until that is done.

    Raises:
        NotFound: the network does not exist.
        Conflict: it is already being inspected.
    """
    return _reinspect(session, announcer, locked(session, Network, network_id), JobKind.INSPECT_NETWORK, request_id)


def reinspect_dataset(
    session: Session, announcer: Announcer, dataset_id: str, request_id: str | None = None
) -> Dataset:
    """Inspect a data set again. Its current data stays until that is done.

    Raises:
        NotFound: the data set does not exist.
        Conflict: it is already being inspected.
    """
    return _reinspect(session, announcer, locked(session, Dataset, dataset_id), JobKind.INSPECT_DATASET, request_id)


def rename_network(session: Session, network_id: str, name: str) -> Network:
    """Rename a network; its id stays.

    Raises:
        BadValue: the name is invalid.
        NotFound: the network does not exist.
    """
    network = locked(session, Network, network_id)
    network.name = checked_name(name)
    session.flush()
    return network


def rename_dataset(session: Session, dataset_id: str, name: str) -> Dataset:
    """Rename a data set; its id stays.

    Raises:
        BadValue: the name is invalid.
        NotFound: the data set does not exist.
    """
    dataset = locked(session, Dataset, dataset_id)
    dataset.name = checked_name(name)
    session.flush()
    return dataset


def map_labels(session: Session, dataset_id: str, class_map: Mapping[str, str]) -> Dataset:
    """Set a data set's class map, replacing the old one. Existing circuits are unchanged.

    Args:
        session: of ``Database.writing()``.
        dataset_id: the data set's id.
        class_map: a class name for each label that differs from it.

    Raises:
        BadValue: the data set has no such label, or a class name is empty.
        NotFound: the data set does not exist.
        Conflict: it has not been inspected yet, so its labels are unknown.
    """
    dataset = locked(session, Dataset, dataset_id)
    require_inspected(session, dataset)
    # Labels that were mapped before may stay: files of a folder come and go.
    known = {entry["name"] for entry in dataset.classes} | set(dataset.class_map)
    for label, name in class_map.items():
        if label not in known:
            raise BadValue(f"class_map: the data set has no label {label[:100]!r}: use one of its labels")
        if not name.strip():
            raise BadValue(f"class_map: the label {label[:100]!r} has no class name: enter one, or omit the label")
    dataset.class_map = {label: name.strip() for label, name in sorted(class_map.items())}
    session.flush()
    return dataset


def delete_network(session: Session, network_id: str) -> None:
    """Delete a network and its evaluations. Workers lose their jobs for it.

    Raises:
        NotFound: the network does not exist.
        Conflict: circuits use it.
    """
    _delete(session, locked(session, Network, network_id), JobKind.INSPECT_NETWORK)


def delete_dataset(session: Session, dataset_id: str) -> None:
    """Delete a data set, its pictures and evaluations, and the analyses of its images if not everyone can see it.

    Raises:
        NotFound: the data set does not exist.
        Conflict: circuits use it.
    """
    dataset = locked(session, Dataset, dataset_id)
    if not Reach.of_row(dataset).everyone:
        delete_of_dataset(session, dataset_id)
    _delete(session, dataset, JobKind.INSPECT_DATASET)


def request_evaluation(
    session: Session, announcer: Announcer, network_id: str, dataset_id: str, request_id: str | None = None
) -> Evaluation:
    """Return the evaluation of a network on a data set's browsable images, and queue its job if needed.

    It is needed once for each inspection, and after each change of the class map.

    Raises:
        NotFound: the network or data set does not exist.
        Conflict: one of them has not been inspected yet.
    """
    network, dataset = protected(session, Network, network_id), protected(session, Dataset, dataset_id)
    require_inspected(session, network)
    require_inspected(session, dataset)
    one_at_a_time(session, Evaluation)
    evaluation = find_evaluation(session, network_id, dataset_id)
    if evaluation is not None:
        inspected = [find(session, owner.job_id).finished_at for owner in (network, dataset)]
        since = max((time for time in inspected if time is not None), default=None)
        since = since if evaluation.class_map == dataset.class_map else database_now(session)
        queue_again(session, announcer, evaluation, JobKind.EVALUATE, request_id=request_id, since=since)
        return evaluation
    id = free_id(session, Evaluation, f"{slug(network.name, 15)}-{slug(dataset.name, 15)}")
    job = enqueue(session, announcer, JobKind.EVALUATE, id, request_id=request_id)
    evaluation = Evaluation(id=id, network_id=network_id, dataset_id=dataset_id, job_id=job.id, created_at=now())
    session.add(evaluation)
    session.flush()
    return evaluation


def require_inspected(session: Session, owner: Network | Dataset) -> str:
    """Return the digest of a network or data set.

    Raises:
        Conflict: it has not been inspected yet; with the state of its job.
    """
    if owner.digest is None:
        raise Conflict(f"{_WORD[type(owner)]} {owner.id!r} has not been inspected yet: {state_of(session, owner)}")
    return owner.digest


def _reinspect(session: Session, announcer: Announcer, owner: _Owner, kind: JobKind, request_id: str | None) -> _Owner:
    if unfinished(session, owner):
        raise Conflict(f"{_WORD[type(owner)]} {owner.id!r} is already being inspected: wait for the job, or cancel it")
    owner.job_id = enqueue(session, announcer, kind, owner.id, request_id=request_id).id
    session.flush()
    return owner


def _delete(session: Session, owner: Network | Dataset, kind: JobKind) -> None:
    if count := count_circuits(session, owner):
        circuits = "a circuit uses it: delete it" if count == 1 else f"{count} circuits use it: delete them"
        raise Conflict(f"{_WORD[type(owner)]} {owner.id!r} cannot be deleted, {circuits} first")
    evaluations = delete_evaluations(session, owner)
    session.delete(owner)
    delete_jobs(session, [kind], [owner.id])
    delete_jobs(session, [JobKind.EVALUATE], evaluations)


def _options(options: NetworkOptions | Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the options as stored: only those that were given."""
    try:
        stored = options if isinstance(options, NetworkOptions) else NetworkOptions.model_validate(dict(options or {}))
    except ValidationError as error:
        problem = error.errors()[0]
        raise BadValue(f"options.{'.'.join(map(str, problem['loc']))}: {problem['msg']}") from None
    return stored.model_dump(mode="json", exclude_none=True)
