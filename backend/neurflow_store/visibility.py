"""Visibility rules, added to every query of a user's session so that no list can forget them.

1. A circuit, network or data set is visible to its owner. With the visibility *team* it is also visible to the members
   of its space, or to every user if it is in no space. If it is public, every user can see it.
2. An analysis or measurement is visible to everyone who can see its circuit and, if its image is from a data set, that
   data set; an evaluation to everyone who can see its network and its data set; a job to everyone who can see its
   subject.
3. The owner can change it, and so can the editors of its space unless it is private. An analysis can also be changed by
   everyone who can change its circuit.
4. Administrators, and the one user of an installation without accounts, see everything: their queries are unchanged.

:class:`ViewerSession` adds a table's condition wherever a query uses the table, also in joins. Add each new table that
not everyone may see to :func:`_conditions`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import BindParameter, ColumnElement, Engine, and_, event, false, or_, select
from sqlalchemy.orm import InstrumentedAttribute, ORMExecuteState, Session, UOWTransaction, with_loader_criteria
from sqlalchemy.orm.util import LoaderCriteriaOption

from neurflow_store.tables import (
    Analysis,
    AnalysisImage,
    Base,
    Circuit,
    Dataset,
    Evaluation,
    Job,
    JobKind,
    Measurement,
    Network,
    Role,
    SpaceMember,
    Visibility,
)

EVERYTHING: Final[Mapping[str, bool]] = {"everything": True}
"""Execution options for queries that must also count rows that the user cannot see, such as the ids already in use."""

UserId = str | BindParameter[str] | InstrumentedAttribute[str | None]
"""A user, or the column with a user's id of a table that the query selects from directly."""

_AT_ONCE: Final = 500
_EDITORS: Final = (Role.EDITOR, Role.ADMIN)
_OWNABLE: Final = (Analysis, Circuit, Dataset, Network)
_SUBJECTS: Final[dict[JobKind, type[Base]]] = {
    JobKind.TRACE: Circuit,
    JobKind.IMPORT: Circuit,
    JobKind.INSPECT_NETWORK: Network,
    JobKind.INSPECT_DATASET: Dataset,
    JobKind.EVALUATE: Evaluation,
    JobKind.ANALYSE: Analysis,
    JobKind.MEASURE: Measurement,
}


@dataclass(frozen=True)
class Viewer:
    """The user a session reads and writes for. The user owns what the session creates."""

    user_id: str
    sees_all: bool = False
    edits: bool = True
    """Whether the user's role allows changes."""


class ViewerSession(Session):
    """A session limited to what one user can see."""

    @property
    def viewer(self) -> Viewer:
        """The session's user."""
        found = self.info["viewer"]
        assert isinstance(found, Viewer)
        return found


def session_for(viewer: Viewer | None, engine: Engine) -> Session:
    """Return a session for ``viewer``, or a plain one if there are no accounts."""
    if viewer is None:
        return Session(engine, expire_on_commit=False)
    return ViewerSession(engine, expire_on_commit=False, info={"viewer": viewer})


def narrowed_to(session: Session) -> str | None:
    """Return the id of the user whose view the session is limited to; ``None`` if it sees everything."""
    return None if not isinstance(session, ViewerSession) or session.viewer.sees_all else session.viewer.user_id


def edits(session: Session) -> bool:
    """Return whether the role of the session's user allows changes."""
    return not isinstance(session, ViewerSession) or session.viewer.edits


def sees(table: type[Base], user_id: UserId) -> ColumnElement[bool]:
    """Return the condition that a user can see a row of ``table``."""
    if table is Job:
        return or_(*(and_(Job.kind == kind, Job.subject.in_(_seen(of, user_id))) for kind, of in _SUBJECTS.items()))
    return _conditions(user_id)[table]


def reaches_everyone(row: Any) -> ColumnElement[bool]:
    """Return the condition that every user can see a circuit, network or data set, whoever owns it."""
    return or_(row.visibility == Visibility.PUBLIC, and_(row.visibility == Visibility.TEAM, row.space_id.is_(None)))


def is_seen(session: Session, table: type[Base], id: str, viewer: Viewer | None) -> bool:
    """Return whether ``viewer`` can see a row of ``table``; ``session`` itself must not be limited to a user.

    ``None`` means that there are no accounts.
    """
    if viewer is None or viewer.sees_all:
        return True
    found = select(table.__table__.c.id).where(table.__table__.c.id == id, sees(table, viewer.user_id))
    return session.scalar(found) is not None


def manages(table: type[Base], user_id: UserId) -> ColumnElement[bool]:
    """Return the condition that a user, if an editor, may change and delete a row of ``table`` that they can see."""
    if table is Job:
        subjects = ((kind, of, of.__table__.c) for kind, of in _SUBJECTS.items())
        return or_(
            *(
                and_(Job.kind == kind, Job.subject.in_(select(columns.id).where(_managed(of, columns, user_id))))
                for kind, of, columns in subjects
            )
        )
    return _managed(table, table, user_id)


def own_key(session: Session, table: type[Circuit] | type[Network] | type[Dataset], key: str) -> str:
    """Return ``key``, or a key of the viewer's own if ``key`` belongs to a row that they cannot see.

    Everyone who can see the row gets it for the same request, and nobody learns about rows that others keep private.
    """
    return own_keys(session, table, [key])[key]


def own_keys(
    session: Session, table: type[Circuit] | type[Network] | type[Dataset], keys: Collection[str]
) -> dict[str, str]:
    """Do the same for many keys: map each one to the key to use."""
    user_id = narrowed_to(session)
    if user_id is None:
        return {key: key for key in keys}
    columns = table.__table__.c
    column = columns["content_key" if table is Circuit else "key"]
    wanted, hidden = sorted(set(keys)), set[str]()
    for start in range(0, len(wanted), _AT_ONCE):
        taken = select(column).where(column.in_(wanted[start : start + _AT_ONCE]))
        unseen = taken.where(columns.id.not_in(_seen(table, user_id)))
        hidden.update(session.connection().scalars(unseen))
    return {key: sha256(f"{key} {user_id}".encode()).hexdigest() if key in hidden else key for key in keys}


def _conditions(user_id: UserId) -> dict[type[Base], ColumnElement[bool]]:
    circuits = _seen(Circuit, user_id)
    return {
        Circuit: _sees_owned(Circuit, user_id),
        Network: _sees_owned(Network, user_id),
        Dataset: _sees_owned(Dataset, user_id),
        Analysis: and_(Analysis.circuit_id.in_(circuits), _sees_image(Analysis.id, user_id)),
        Measurement: and_(Measurement.circuit_id.in_(circuits), _sees_image(Measurement.analysis_id, user_id)),
        Evaluation: and_(
            Evaluation.network_id.in_(_seen(Network, user_id)), Evaluation.dataset_id.in_(_seen(Dataset, user_id))
        ),
    }


def _seen(table: type[Base], user_id: UserId) -> Any:
    """Select the ids of the rows of ``table`` that a user can see. Core columns get no further conditions."""
    columns = table.__table__.c
    if table in (Analysis, Measurement):
        image = _sees_image(columns.id if table is Analysis else columns.analysis_id, user_id)
        return select(columns.id).where(columns.circuit_id.in_(_seen(Circuit, user_id)), image)
    if table is Evaluation:
        both = columns.network_id.in_(_seen(Network, user_id)), columns.dataset_id.in_(_seen(Dataset, user_id))
        return select(columns.id).where(*both)
    return select(columns.id).where(_sees_owned(columns, user_id))


def _sees_image(analysis_id: Any, user_id: UserId) -> ColumnElement[bool]:
    """Return the condition that an analysis's image is from no data set, or from one that a user can see."""
    images = AnalysisImage.__table__.c
    hidden = select(images.analysis_id).where(images.dataset_id.not_in(_seen(Dataset, user_id)))
    return or_(analysis_id.is_(None), analysis_id.not_in(hidden))


def _sees_owned(row: Any, user_id: UserId) -> ColumnElement[bool]:
    members = SpaceMember.__table__.c
    spaces = select(members.space_id).where(members.user_id == user_id)
    team = and_(row.visibility == Visibility.TEAM, row.space_id.in_(spaces))
    return or_(row.owner_id == user_id, reaches_everyone(row), team)


def _managed(table: type[Base], row: Any, user_id: UserId) -> ColumnElement[bool]:
    if table in (Circuit, Network, Dataset):
        members = SpaceMember.__table__.c
        edited = select(members.space_id).where(members.user_id == user_id, members.role.in_(_EDITORS))
        shared = and_(row.visibility != Visibility.PRIVATE, row.space_id.in_(edited))
        return or_(row.owner_id == user_id, shared)

    def ids(of: type[Base]) -> Any:
        columns = of.__table__.c
        return select(columns.id).where(_managed(of, columns, user_id))

    if table is Analysis:
        return or_(row.owner_id == user_id, row.circuit_id.in_(ids(Circuit)))
    if table is Measurement:
        return or_(row.analysis_id.in_(ids(Analysis)), row.circuit_id.in_(ids(Circuit)))
    if table is Evaluation:
        return or_(row.network_id.in_(ids(Network)), row.dataset_id.in_(ids(Dataset)))
    return false()


@lru_cache(maxsize=1024)
def _criteria(user_id: str) -> tuple[LoaderCriteriaOption, ...]:
    found = _conditions(user_id).items()
    return tuple(with_loader_criteria(table, condition, include_aliases=True) for table, condition in found)


@event.listens_for(ViewerSession, "do_orm_execute")
def _narrow(state: ORMExecuteState) -> None:
    user_id = narrowed_to(state.session)
    everything = state.execution_options.get("everything", False)
    if user_id is None or not state.is_select or everything or state.is_column_load:
        return
    statement: Any = state.statement
    state.statement = statement.options(*_criteria(user_id))


@event.listens_for(ViewerSession, "before_flush")
def _own(session: ViewerSession, context: UOWTransaction, instances: Any) -> None:
    for row in session.new:
        if isinstance(row, _OWNABLE) and row.owner_id is None:
            row.owner_id = session.viewer.user_id
