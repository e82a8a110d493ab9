"""The columns of a circuit's card, as one query, with whether the user may change the circuit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any, Final

from sqlalchemy import ColumnElement, String, bindparam, case, false, literal, select, true
from sqlalchemy.orm import Session

from neurflow_store.repositories.columns import JOB_COLUMNS, AnySelect
from neurflow_store.tables import Circuit, Dataset, Job, Network, Space, User
from neurflow_store.visibility import edits, manages, narrowed_to


def _part_columns(table: type[Network] | type[Dataset], kind: str) -> Sequence[Any]:
    """Return the columns that a card shows of what its circuit is made of."""
    columns: dict[str, Any] = {
        "name": table.name,
        "visibility": table.visibility,
        "space_id": table.space_id,
        "owner_id": table.owner_id,
    }
    return [column.label(f"{kind}_{name}") for name, column in columns.items()]


_CARD: Final = (
    Circuit.id,
    Circuit.name,
    Circuit.class_name,
    Circuit.network_id,
    *_part_columns(Network, "network"),
    Circuit.dataset_id,
    *_part_columns(Dataset, "dataset"),
    Circuit.created_at,
    Circuit.computed_at,
    Circuit.layer_count,
    Circuit.group_count,
    Circuit.edge_count,
    Circuit.neuron_count,
    Circuit.cover,
    Circuit.visibility,
    Circuit.owner_id,
    User.name.label("owner_name"),
    Circuit.space_id,
    Space.name.label("space_name"),
    *JOB_COLUMNS,
)
_HEAD: Final = (*_CARD, Circuit.parameters, Circuit.result, Circuit.engine_version)


def _with_names(*columns: Any) -> AnySelect:
    return (
        select(*columns)
        .select_from(Circuit)
        .join(Job, Job.id == Circuit.job_id)
        .outerjoin(Network, Network.id == Circuit.network_id)
        .outerjoin(Dataset, Dataset.id == Circuit.dataset_id)
        .outerjoin(User, User.id == Circuit.owner_id)
        .outerjoin(Space, Space.id == Circuit.space_id)
    )


class MayChange(Enum):
    """Which of the visible circuits a user may change."""

    ALL = "all"
    NONE = "none"
    MANAGED = "managed"
    """Those that :func:`neurflow_store.visibility.manages` selects."""


def may_change(session: Session) -> MayChange:
    """Return which circuits the session's user may change."""
    if not edits(session):
        return MayChange.NONE
    return MayChange.ALL if narrowed_to(session) is None else MayChange.MANAGED


def statement_values(session: Session) -> dict[str, Any]:
    """Return the parameters that a statement of ``CARDS`` or ``HEADS`` needs."""
    return {} if may_change(session) is not MayChange.MANAGED else {"viewer": narrowed_to(session)}


_MANAGED: Final = manages(Circuit, bindparam("viewer", type_=String))
_MAY: Final[Mapping[MayChange, ColumnElement[bool]]] = {
    MayChange.ALL: literal(True),
    MayChange.NONE: literal(False),
    MayChange.MANAGED: case((_MANAGED, true()), else_=false()),
}
# Built once: building them takes longer than running them.
CARDS: Final = {may: _with_names(*_CARD, column.label("may_change")) for may, column in _MAY.items()}
"""Statements for the columns of a card."""
HEADS: Final = {may: _with_names(*_HEAD, column.label("may_change")) for may, column in _MAY.items()}
"""The same with the other columns of a circuit."""
