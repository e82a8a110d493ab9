"""Queries about circuits for galleries and overviews: one query for each call, for any number of rows."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from sqlalchemy import ColumnElement, String, and_, bindparam, func, or_, select
from sqlalchemy.orm import Session, aliased

from neurflow_store.errors import NotFound
from neurflow_store.repositories.circuit_cards import CARDS, HEADS, MayChange, may_change, statement_values
from neurflow_store.repositories.columns import AnyRow, AnySelect
from neurflow_store.repositories.json_rows import json_rows
from neurflow_store.repositories.paging import Order, Slice, read_rows
from neurflow_store.tables import (
    Circuit,
    CircuitImage,
    CircuitLayer,
    CircuitPatch,
    Dataset,
    Edge,
    Exemplar,
    Group,
    Job,
    JobState,
    Network,
    Visibility,
)
from neurflow_store.tables.groups import GROUP_FIGURES
from neurflow_store.visibility import EVERYTHING

_COLUMNS: Final = {
    "created_at": (Circuit.created_at, Circuit.id),
    "name": (Circuit.name, Circuit.id),
    "class": (Circuit.class_name, Circuit.id),
}
_ORDERS: Final = {
    (sort, descending): Order(f"{sort}-{'desc' if descending else 'asc'}", columns, descending)
    for sort, columns in _COLUMNS.items()
    for descending in (False, True)
}

_CONDITIONS: Final[dict[str, ColumnElement[bool]]] = {
    "text": or_(
        Circuit.name.icontains(bindparam("text", type_=String), escape="/"),
        Circuit.class_name.icontains(bindparam("text", type_=String), escape="/"),
    ),
    # Joined as the user sees them: nobody learns which circuits were made of what they cannot see.
    "network": and_(Circuit.network_id == bindparam("network"), Network.id == Circuit.network_id),
    "dataset": and_(Circuit.dataset_id == bindparam("dataset"), Dataset.id == Circuit.dataset_id),
    "class_name": Circuit.class_name == bindparam("class_name"),
    "states": Job.state.in_(bindparam("states", expanding=True)),
    "owner": Circuit.owner_id == bindparam("owner"),
    "space": Circuit.space_id == bindparam("space"),
}
_MINE: Final = bindparam("circuit", type_=String)
_LAYERS: Final = (
    select(
        CircuitLayer.position,
        CircuitLayer.name,
        CircuitLayer.channels,
        CircuitLayer.shape,
        CircuitLayer.sprite,
        CircuitLayer.tile,
    )
    .where(CircuitLayer.circuit_id == _MINE)
    .order_by(CircuitLayer.position)
)
_NEAREST: Final = aliased(Exemplar)
_GROUPS: Final = (
    select(
        Group.id,
        CircuitLayer.name.label("layer"),
        Group.number,
        Group.neurons,
        *GROUP_FIGURES,
        select(func.count())
        .select_from(Exemplar)
        .where(Exemplar.circuit_id == _MINE, Exemplar.group_id == Group.id)
        .scalar_subquery()
        .label("exemplars"),
        (bindparam("address", type_=String) + func.substr(_NEAREST.picture, len("sha256:") + 1)).label("picture"),
    )
    .select_from(Group)
    .join(CircuitLayer, (CircuitLayer.circuit_id == _MINE) & (CircuitLayer.position == Group.layer))
    .outerjoin(_NEAREST, (_NEAREST.circuit_id == _MINE) & (_NEAREST.group_id == Group.id) & (_NEAREST.rank == 0))
    .where(Group.circuit_id == _MINE)
    .order_by(Group.layer, Group.number)
)
_EDGES: Final = (
    select(Edge.source, Edge.target, Edge.weight).where(Edge.circuit_id == _MINE).order_by(Edge.source, Edge.target)
)
_PATCHES: Final = (
    select(
        CircuitPatch.position,
        CircuitPatch.image,
        CircuitImage.name,
        CircuitImage.width,
        CircuitImage.height,
        CircuitImage.picture,
        CircuitPatch.left,
        CircuitPatch.top,
        CircuitPatch.right,
        CircuitPatch.bottom,
    )
    .join(CircuitImage, (CircuitImage.circuit_id == _MINE) & (CircuitImage.position == CircuitPatch.image))
    .where(CircuitPatch.circuit_id == _MINE, CircuitPatch.position.in_(bindparam("positions", expanding=True)))
)
# Both databases accept this many values in a statement; nearly always one statement is enough.
_AT_ONCE: Final = 10_000


@dataclass(frozen=True)
class Wanted:
    """Filters of a gallery; ``None`` and empty mean all. ``text`` is searched in the name and the class."""

    text: str | None = None
    network: str | None = None
    dataset: str | None = None
    class_name: str | None = None
    states: Sequence[JobState] = ()
    owner: str | None = None
    space: str | None = None

    def values(self) -> dict[str, Any]:
        """Return the filters by the names in ``_CONDITIONS``."""
        text = self.text and re.sub(r"([%_/])", r"/\1", self.text)
        asked: dict[str, Any] = {"text": text, "network": self.network, "dataset": self.dataset}
        asked |= {"class_name": self.class_name, "states": list(self.states)}
        asked |= {"owner": self.owner, "space": self.space}
        return {name: value for name, value in asked.items() if value not in (None, "", [])}


def cards(
    session: Session, wanted: Wanted, sort: str, descending: bool, cursor: str | None, limit: int
) -> Slice[AnyRow]:
    """Return a page of circuits with the columns of their cards.

    Raises:
        BadValue: the cursor does not belong to this order.
    """
    values = wanted.values()
    statement = _filtered(tuple(values), may_change(session))
    return read_rows(session, statement, _ORDERS[sort, descending], cursor, limit, values | statement_values(session))


def card(session: Session, circuit_id: str) -> AnyRow:
    """Return the card of one circuit.

    Raises:
        NotFound: the circuit does not exist.
    """
    return _one(session, CARDS[may_change(session)], circuit_id)


def cards_of(session: Session, circuit_ids: Sequence[str]) -> Sequence[AnyRow]:
    """Return the cards of some circuits, in the order of ``circuit_ids``."""
    statement = CARDS[may_change(session)].where(Circuit.id.in_(set(circuit_ids)))
    rows = session.execute(statement, statement_values(session))
    by_id = {row.id: row for row in rows}
    return [by_id[id] for id in circuit_ids]


def head(session: Session, circuit_id: str) -> AnyRow:
    """Return all columns of a circuit, without its parts.

    Raises:
        NotFound: the circuit does not exist.
    """
    return _one(session, HEADS[may_change(session)], circuit_id)


def require(session: Session, circuit_id: str) -> None:
    """Check that a circuit exists.

    Raises:
        NotFound: it does not.
    """
    if session.scalar(select(Circuit.id).where(Circuit.id == circuit_id)) is None:
        raise NotFound(f"no circuit {circuit_id!r}")


def visibility(session: Session, circuit_id: str) -> Visibility:
    """Return who can see a circuit.

    Raises:
        NotFound: the circuit does not exist.
    """
    found = session.scalar(select(Circuit.visibility).where(Circuit.id == circuit_id))
    if found is None:
        raise NotFound(f"no circuit {circuit_id!r}")
    return found


def layers(session: Session, circuit_id: str) -> Sequence[AnyRow]:
    """Return a circuit's layers from low to high; none without a result."""
    return session.execute(_LAYERS, {"circuit": circuit_id}).all()


def groups_json(session: Session, circuit_id: str, address: str) -> str:
    """Return a JSON array of a circuit's groups, layer by layer.

    Args:
        session: of ``Database.reading()``.
        circuit_id: the circuit's id.
        address: address under which files are served by digest; ``picture`` is that of the nearest exemplar.
    """
    return json_rows(session, _GROUPS, circuit=circuit_id, address=address)


def edges_json(session: Session, circuit_id: str) -> str:
    """Return a JSON array of a circuit's edges by source and target, without positive and negative parts."""
    return json_rows(session, _EDGES, circuit=circuit_id)


def edges(session: Session, circuit_id: str, cursor: str | None, limit: int) -> Slice[AnyRow]:
    """Return a page of a circuit's edges by source and target.

    Raises:
        BadValue: the cursor does not belong to this list.
    """
    shown = select(Edge.source, Edge.target, Edge.weight, Edge.positive, Edge.negative)
    order = Order("edge", (Edge.source, Edge.target))
    return read_rows(session, shown.where(Edge.circuit_id == circuit_id), order, cursor, limit)


def images(session: Session, circuit_id: str, cursor: str | None, limit: int) -> Slice[AnyRow]:
    """Return a page of the traced images, by position.

    Raises:
        BadValue: the cursor does not belong to this list.
    """
    shown = select(
        CircuitImage.position,
        CircuitImage.name,
        CircuitImage.width,
        CircuitImage.height,
        CircuitImage.probability,
        CircuitImage.picture,
    ).where(CircuitImage.circuit_id == circuit_id)
    return read_rows(session, shown, Order("position", (CircuitImage.position,)), cursor, limit)


def patches(session: Session, circuit_id: str, positions: Sequence[int]) -> Mapping[int, AnyRow]:
    """Return patches by position, each with its image's name, size and stored picture."""
    found: dict[int, AnyRow] = {}
    for start in range(0, len(positions), _AT_ONCE):
        rows = session.execute(_PATCHES, {"circuit": circuit_id, "positions": positions[start : start + _AT_ONCE]})
        found.update({row.position: row for row in rows})
    return found


def count_circuits(session: Session, owner: Network | Dataset) -> int:
    """Count the circuits of a network or data set."""
    column = Circuit.network_id if isinstance(owner, Network) else Circuit.dataset_id
    return session.scalar(select(func.count()).where(column == owner.id), execution_options=EVERYTHING) or 0


def image_pictures(session: Session, circuit_id: str) -> dict[int, str]:
    """Return the digests of the traced images' pictures by position, where known."""
    rows = session.execute(
        select(CircuitImage.position, CircuitImage.picture)
        .where(CircuitImage.circuit_id == circuit_id, CircuitImage.picture.is_not(None))
        .order_by(CircuitImage.position)
    )
    return {position: picture for position, picture in rows if picture is not None}


def _one(session: Session, statement: AnySelect, circuit_id: str) -> AnyRow:
    found = session.execute(statement.where(Circuit.id == circuit_id), statement_values(session)).one_or_none()
    if found is None:
        raise NotFound(f"no circuit {circuit_id!r}")
    return found


@cache
def _filtered(names: tuple[str, ...], may: MayChange) -> AnySelect:
    return CARDS[may].where(*(_CONDITIONS[name] for name in names))
