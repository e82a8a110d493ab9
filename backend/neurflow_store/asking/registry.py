"""Networks and data sets: registered by their names, looked at by workers, deleted when no circuit needs them.

The same request again gives the same row. Where its inspection failed or was cancelled, it is tried again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeVar

from pydantic import ValidationError
from sqlalchemy.orm import Session

from neurflow_store.asking.content_key import dataset_key, network_key
from neurflow_store.asking.network_options import NetworkOptions
from neurflow_store.asking.specs import checked_dataset_spec, checked_network_spec
from neurflow_store.clock import now
from neurflow_store.errors import BadValue, Conflict
from neurflow_store.ids import slug
from neurflow_store.installation.settings import Settings
from neurflow_store.jobs.latest import begun_anew, state_of, unfinished
from neurflow_store.jobs.queue import Announcer, enqueue, find
from neurflow_store.names import checked_name
from neurflow_store.repositories import artifacts
from neurflow_store.repositories.circuits import count_circuits
from neurflow_store.repositories.evaluations import delete_evaluations, find_evaluation
from neurflow_store.repositories.requests import by_key, drop_jobs, free_id, kept, locked, one_at_a_time
from neurflow_store.tables import Dataset, Evaluation, JobKind, Network
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
    request_id: str | None = None,
) -> Network:
    """A network that workers can load, and the job that looks at it.

    Args:
        session: of ``Database.writing()``.
        announcer: who announces the job.
        spec: ``demo/photos``, ``torchvision/NAME[:WEIGHTS]`` or ``timm/NAME``.
        name: for people; by default from ``spec``. A network that is known keeps its own.
        weights: the artifact of a safetensors file to take instead of the network's own weights.
        options: what else to take instead; see :class:`neurflow_store.asking.network_options.NetworkOptions`.
        request_id: of the HTTP request, for the logs.

    Raises:
        BadValue: a value is none that is allowed.
        NotFound: there is no stored file ``weights``.
    """
    spec = checked_network_spec(spec)
    said = _options(options)
    chosen = checked_name(name) if name is not None else spec.partition("/")[2].partition(":")[0]
    if weights is not None:
        artifacts.keep(session, weights)
    one_at_a_time(session, Network)
    key = own_key(session, Network, network_key(spec, weights, said))
    network = by_key(session, Network, key)
    if network is not None:
        begun_anew(session, announcer, network, JobKind.INSPECT_NETWORK, request_id=request_id)
        return network
    id = free_id(session, Network, chosen)
    job = enqueue(session, announcer, JobKind.INSPECT_NETWORK, id, request_id=request_id)
    network = Network(
        id=id, name=chosen, spec=spec, weights=weights, options=said, key=key, job_id=job.id, created_at=now()
    )
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
    request_id: str | None = None,
) -> Dataset:
    """A data set that workers can load, and the job that looks at it.

    Args:
        session: of ``Database.writing()``.
        announcer: who announces the job.
        settings: for ``data_roots``.
        spec: ``demo/photos``, ``torchvision/NAME`` or ``folder/PATH``; not asked for where there is an archive.
        name: for people; by default from ``spec``. A data set that is known keeps its own.
        archive: the artifact of an archive of class folders, that ``archives.check_archive`` let by.
        request_id: of the HTTP request, for the logs.

    Raises:
        BadValue: a value is none that is allowed.
        NotFound: there is no stored file ``archive``.
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
        begun_anew(session, announcer, dataset, JobKind.INSPECT_DATASET, request_id=request_id)
        return dataset
    id = free_id(session, Dataset, chosen)
    job = enqueue(session, announcer, JobKind.INSPECT_DATASET, id, request_id=request_id)
    dataset = Dataset(id=id, name=chosen, spec=spec, archive=archive, key=key, job_id=job.id, created_at=now())
    session.add(dataset)
    session.flush()
    return dataset


def reinspect_network(
    session: Session, announcer: Announcer, network_id: str, request_id: str | None = None
) -> Network:
    """Has a network looked at again. What is known of it stays until that is done.

    Raises:
        NotFound: there is no such network.
        Conflict: it is being looked at.
    """
    return _reinspect(session, announcer, locked(session, Network, network_id), JobKind.INSPECT_NETWORK, request_id)


def reinspect_dataset(
    session: Session, announcer: Announcer, dataset_id: str, request_id: str | None = None
) -> Dataset:
    """Has a data set looked at again. What is known of it stays until that is done.

    Raises:
        NotFound: there is no such data set.
        Conflict: it is being looked at.
    """
    return _reinspect(session, announcer, locked(session, Dataset, dataset_id), JobKind.INSPECT_DATASET, request_id)


def rename_network(session: Session, network_id: str, name: str) -> Network:
    """Gives a network another name; its id stays.

    Raises:
        BadValue: the name cannot be used.
        NotFound: there is no such network.
    """
    network = locked(session, Network, network_id)
    network.name = checked_name(name)
    session.flush()
    return network


def rename_dataset(session: Session, dataset_id: str, name: str) -> Dataset:
    """Gives a data set another name; its id stays.

    Raises:
        BadValue: the name cannot be used.
        NotFound: there is no such data set.
    """
    dataset = locked(session, Dataset, dataset_id)
    dataset.name = checked_name(name)
    session.flush()
    return dataset


def map_labels(session: Session, dataset_id: str, class_map: Mapping[str, str]) -> Dataset:
    """Says which classes a data set's labels mean, in the place of what was said before. Circuits stay as they are.

    Args:
        session: of ``Database.writing()``.
        dataset_id: of the data set.
        class_map: a class name for each label that is called otherwise.

    Raises:
        BadValue: the data set has no such label, or a class name is empty.
        NotFound: there is no such data set.
        Conflict: it was not looked at yet, so that its labels are not known.
    """
    dataset = locked(session, Dataset, dataset_id)
    require_inspected(session, dataset)
    # What was mapped before may stay: files of a folder come and go.
    known = {entry["name"] for entry in dataset.classes} | set(dataset.class_map)
    for label, name in class_map.items():
        if label not in known:
            raise BadValue(f"class_map: the data set has no label {label[:100]!r}: map one of its own")
        if not name.strip():
            raise BadValue(f"class_map: the label {label[:100]!r} is mapped to nothing: name a class, or leave it out")
    dataset.class_map = {label: name.strip() for label, name in sorted(class_map.items())}
    session.flush()
    return dataset


def delete_network(session: Session, network_id: str) -> None:
    """Deletes a network and what was measured of it. Workers that are at it lose their jobs.

    Raises:
        NotFound: there is no such network.
        Conflict: circuits use it.
    """
    _delete(session, locked(session, Network, network_id), JobKind.INSPECT_NETWORK)


def delete_dataset(session: Session, dataset_id: str) -> None:
    """Deletes a data set, its pictures and what was measured over it. Workers that are at it lose their jobs.

    Raises:
        NotFound: there is no such data set.
        Conflict: circuits use it.
    """
    _delete(session, locked(session, Dataset, dataset_id), JobKind.INSPECT_DATASET)


def request_evaluation(
    session: Session, announcer: Announcer, network_id: str, dataset_id: str, request_id: str | None = None
) -> Evaluation:
    """What a network says of a data set's browsable images, and the job that finds it out.

    It is found out once for each inspection, and again once labels were mapped otherwise.

    Raises:
        NotFound: there is no such network or data set.
        Conflict: one of them was not looked at yet.
    """
    network, dataset = kept(session, Network, network_id), kept(session, Dataset, dataset_id)
    require_inspected(session, network)
    require_inspected(session, dataset)
    one_at_a_time(session, Evaluation)
    evaluation = find_evaluation(session, network_id, dataset_id)
    if evaluation is not None:
        inspected = [find(session, owner.job_id).finished_at for owner in (network, dataset)]
        since = max((time for time in inspected if time is not None), default=None)
        since = since if evaluation.class_map == dataset.class_map else now()
        begun_anew(session, announcer, evaluation, JobKind.EVALUATE, request_id=request_id, since=since)
        return evaluation
    id = free_id(session, Evaluation, f"{slug(network.name, 15)}-{slug(dataset.name, 15)}")
    job = enqueue(session, announcer, JobKind.EVALUATE, id, request_id=request_id)
    evaluation = Evaluation(id=id, network_id=network_id, dataset_id=dataset_id, job_id=job.id, created_at=now())
    session.add(evaluation)
    session.flush()
    return evaluation


def require_inspected(session: Session, owner: Network | Dataset) -> str:
    """The digest of a network or a data set.

    Raises:
        Conflict: it was not looked at yet, with how that stands.
    """
    if owner.digest is None:
        raise Conflict(f"{_WORD[type(owner)]} {owner.id!r} was not looked at yet: {state_of(session, owner)}")
    return owner.digest


def _reinspect(session: Session, announcer: Announcer, owner: _Owner, kind: JobKind, request_id: str | None) -> _Owner:
    if unfinished(session, owner):
        raise Conflict(f"{_WORD[type(owner)]} {owner.id!r} is being looked at: wait until that is done, or cancel it")
    owner.job_id = enqueue(session, announcer, kind, owner.id, request_id=request_id).id
    session.flush()
    return owner


def _delete(session: Session, owner: Network | Dataset, kind: JobKind) -> None:
    if count := count_circuits(session, owner):
        circuits = "a circuit uses it: delete that" if count == 1 else f"{count} circuits use it: delete them"
        raise Conflict(f"{_WORD[type(owner)]} {owner.id!r} cannot be deleted, {circuits} first")
    evaluations = delete_evaluations(session, owner)
    session.delete(owner)
    drop_jobs(session, [kind], [owner.id])
    drop_jobs(session, [JobKind.EVALUATE], evaluations)


def _options(options: NetworkOptions | Mapping[str, Any] | None) -> dict[str, Any]:
    """As they are stored: those alone that were given."""
    try:
        said = options if isinstance(options, NetworkOptions) else NetworkOptions.model_validate(dict(options or {}))
    except ValidationError as error:
        problem = error.errors()[0]
        place = ".".join(map(str, problem["loc"]))
        raise BadValue(f"options.{place}: {problem['msg']}") from None
    return said.model_dump(mode="json", exclude_none=True)
