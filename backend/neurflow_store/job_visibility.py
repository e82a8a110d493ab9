"""Who can see jobs and circuits: computed for many watchers at once, in one or two queries for each kind.

A job is visible to everyone who can see its subject (:mod:`neurflow_store.visibility`): its circuit, network or data
set; for an evaluation, both its network and its data set; for an image from a data set, both that and the circuit.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from neurflow_store.reach import Reach
from neurflow_store.tables import (
    Analysis,
    AnalysisImage,
    Circuit,
    Dataset,
    Evaluation,
    Job,
    JobKind,
    Measurement,
    Network,
    SpaceMember,
)

_AT_ONCE: Final = 500


def viewers_of(session: Session, jobs: Iterable[Any], watching: Collection[str]) -> dict[str, frozenset[str]]:
    """Return for each job id the users among those ``watching`` who can see the job.

    ``jobs`` are jobs, or rows with their ``id`` and ``kind``.
    """
    kinds: dict[JobKind, list[str]] = {}
    for job in jobs:
        kinds.setdefault(job.kind, []).append(job.id)
    roots: dict[str, list[Any]] = {}
    for kind, ids in kinds.items():
        for statement in _roots(kind):
            for start in range(0, len(ids), _AT_ONCE):
                for row in session.execute(statement.where(Job.id.in_(ids[start : start + _AT_ONCE]))):
                    roots.setdefault(row.about, []).append(row)
    return _viewers_of(session, roots, watching)


def viewers_of_circuits(session: Session, ids: Collection[str], watching: Collection[str]) -> dict[str, frozenset[str]]:
    """Return for each circuit id the users among those ``watching`` who can see the circuit."""
    every, roots = list(ids), dict[str, list[Any]]()
    owned = select(Circuit.id.label("about"), Circuit.owner_id, Circuit.space_id, Circuit.visibility)
    for start in range(0, len(every), _AT_ONCE):
        for row in session.execute(owned.where(Circuit.id.in_(every[start : start + _AT_ONCE]))):
            roots[row.about] = [row]
    return _viewers_of(session, roots, watching)


def _viewers_of(
    session: Session, roots: Mapping[str, list[Any]], watching: Collection[str]
) -> dict[str, frozenset[str]]:
    members = _members(session, {row.space_id for rows in roots.values() for row in rows if row.space_id is not None})
    everybody = frozenset(watching)
    return {
        id: frozenset.intersection(*(_viewers(row, everybody, members) for row in rows)) for id, rows in roots.items()
    }


def _viewers(row: Any, everybody: frozenset[str], members: Mapping[str | None, set[str]]) -> frozenset[str]:
    reach = Reach.of_row(row)
    return everybody if reach.everyone else everybody & (members.get(reach.space_id, set()) | {reach.owner_id})


def _members(session: Session, spaces: set[str]) -> dict[str | None, set[str]]:
    found: dict[str | None, set[str]] = {}
    if spaces:
        rows = select(SpaceMember.space_id, SpaceMember.user_id).where(SpaceMember.space_id.in_(spaces))
        for space, user in session.execute(rows):
            found.setdefault(space, set()).add(user)
    return found


def _roots(kind: JobKind) -> list[Any]:
    """Return the queries for the owned rows that jobs of this kind work on."""
    if kind in (JobKind.TRACE, JobKind.IMPORT):
        return [_shared(Circuit).join(Circuit, Circuit.id == Job.subject)]
    if kind is JobKind.INSPECT_NETWORK:
        return [_shared(Network).join(Network, Network.id == Job.subject)]
    if kind is JobKind.INSPECT_DATASET:
        return [_shared(Dataset).join(Dataset, Dataset.id == Job.subject)]
    if kind is JobKind.EVALUATE:
        both: tuple[tuple[Any, Any], ...] = ((Network, Evaluation.network_id), (Dataset, Evaluation.dataset_id))
        about = Evaluation.id == Job.subject
        return [_shared(table).join(Evaluation, about).join(table, table.id == column) for table, column in both]
    table: Any = Analysis if kind is JobKind.ANALYSE else Measurement
    image = AnalysisImage.analysis_id == (table.id if table is Analysis else table.analysis_id)
    return [
        _shared(Circuit).join(table, table.id == Job.subject).join(Circuit, Circuit.id == table.circuit_id),
        # Gives a row only for images from a data set.
        _shared(Dataset)
        .join(table, table.id == Job.subject)
        .join(AnalysisImage, image)
        .join(Dataset, Dataset.id == AnalysisImage.dataset_id),
    ]


def _shared(table: Any) -> Any:
    return select(Job.id.label("about"), table.owner_id, table.space_id, table.visibility).select_from(Job)
