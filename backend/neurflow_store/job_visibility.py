"""Who can see changed jobs: computed for many watchers at once, in one or two queries for each kind of job.

A job is visible to everyone who can see its subject (:mod:`neurflow_store.visibility`): its circuit, network or data
set; for an evaluation, both its network and its data set.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from neurflow_store.tables import (
    Analysis,
    Circuit,
    Dataset,
    Evaluation,
    Job,
    JobKind,
    Measurement,
    Network,
    SpaceMember,
    User,
    Visibility,
)

_AT_ONCE: Final = 500


def viewers_of(session: Session, jobs: Iterable[Job], watching: Collection[str]) -> dict[str, frozenset[str]]:
    """Return for each job id the users among those ``watching`` who can see the job."""
    kinds: dict[JobKind, list[str]] = {}
    for job in jobs:
        kinds.setdefault(job.kind, []).append(job.id)
    roots: dict[str, list[Any]] = {}
    for kind, ids in kinds.items():
        for statement in _roots(kind):
            for start in range(0, len(ids), _AT_ONCE):
                for row in session.execute(statement.where(Job.id.in_(ids[start : start + _AT_ONCE]))):
                    roots.setdefault(row.job, []).append(row)
    members = _members(session, {row.space_id for rows in roots.values() for row in rows if row.space_id is not None})
    everybody = frozenset(watching)
    return {
        job: frozenset.intersection(*(_viewers(row, everybody, members) for row in rows)) for job, rows in roots.items()
    }


def inactive_users(session: Session, watching: Collection[str]) -> set[str]:
    """Return which of those ``watching`` have been disabled or deleted since."""
    every = list(watching)
    parts = (every[start : start + _AT_ONCE] for start in range(0, len(every), _AT_ONCE))
    live = {
        id
        for part in parts
        for id in session.scalars(select(User.id).where(User.id.in_(part), User.disabled_at.is_(None)))
    }
    return set(every) - live


def _viewers(row: Any, everybody: frozenset[str], members: dict[str, set[str]]) -> frozenset[str]:
    if row.visibility is Visibility.PUBLIC or (row.visibility is Visibility.TEAM and row.space_id is None):
        return everybody
    shown = members.get(row.space_id, set()) if row.visibility is Visibility.TEAM else set()
    return everybody & (shown | {row.owner_id})


def _members(session: Session, spaces: set[str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
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
    return [_shared(Circuit).join(table, table.id == Job.subject).join(Circuit, Circuit.id == table.circuit_id)]


def _shared(table: Any) -> Any:
    return select(Job.id.label("job"), table.owner_id, table.space_id, table.visibility).select_from(Job)
