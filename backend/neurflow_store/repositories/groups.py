"""Queries about single neuron groups of a circuit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import Session

from neurflow_store.errors import NotFound
from neurflow_store.repositories.columns import AnyRow
from neurflow_store.repositories.paging import Order, Slice, read_rows
from neurflow_store.tables import CircuitImage, CircuitLayer, CircuitPatch, Edge, Exemplar, Group, Neuron
from neurflow_store.tables.groups import GROUP_FIGURES


def group(session: Session, circuit_id: str, layer: str, number: int) -> AnyRow:
    """Return a group with its layer's position and the number of its exemplars.

    Raises:
        NotFound: the circuit does not exist, or has no such group.
    """
    mine = (Exemplar.circuit_id == Group.circuit_id) & (Exemplar.group_id == Group.id)
    exemplars = select(func.count()).where(mine).scalar_subquery()
    found = session.execute(
        select(
            Group.id,
            Group.layer.label("position"),
            CircuitLayer.name.label("layer"),
            Group.number,
            Group.neurons,
            *GROUP_FIGURES,
            exemplars.label("exemplars"),
        )
        .join(CircuitLayer, (CircuitLayer.circuit_id == Group.circuit_id) & (CircuitLayer.position == Group.layer))
        .where(Group.circuit_id == circuit_id, Group.id == f"{layer}/{number}")
    ).one_or_none()
    if found is None:
        raise NotFound(f"circuit {circuit_id!r} has no group {layer}/{number}")
    return found


def figures(row: AnyRow) -> dict[str, Any]:
    """Return a group's figures by name, from a row of :func:`group`."""
    return {column.key: getattr(row, column.key) for column in GROUP_FIGURES}


def ids(session: Session, circuit_id: str) -> Sequence[str]:
    """Return the ids of a circuit's groups."""
    return session.scalars(select(Group.id).where(Group.circuit_id == circuit_id)).all()


def edges_of(session: Session, circuit_id: str, group_id: str) -> Sequence[AnyRow]:
    """Return the edges into and out of a group, heaviest first, each with its ``other`` end and that end's picture."""
    incoming = Edge.target == group_id
    other = case((incoming, Edge.source), else_=Edge.target)
    nearest = (Exemplar.circuit_id == circuit_id) & (Exemplar.group_id == other) & (Exemplar.rank == 0)
    return session.execute(
        select(
            incoming.label("incoming"),
            other.label("other"),
            Edge.weight,
            Edge.positive,
            Edge.negative,
            Exemplar.picture,
        )
        .outerjoin(Exemplar, nearest)
        .where(Edge.circuit_id == circuit_id, or_(Edge.source == group_id, incoming))
        .order_by(func.abs(Edge.weight).desc(), other)
    ).all()


def neurons_of(session: Session, circuit_id: str, position: int, channels: Sequence[int]) -> Sequence[AnyRow]:
    """Return neurons of one layer by channel, ascending."""
    return session.execute(
        select(Neuron.channel, Neuron.activation, Neuron.completeness, Neuron.nodes)
        .where(Neuron.circuit_id == circuit_id, Neuron.layer == position, Neuron.channel.in_(channels))
        .order_by(Neuron.channel)
    ).all()


def exemplars(session: Session, circuit_id: str, group_id: str, cursor: str | None, limit: int) -> Slice[AnyRow]:
    """Return a page of a group's exemplars, nearest first, each with the image it was cut from.

    Raises:
        BadValue: the cursor does not belong to this list.
    """
    patch = (CircuitPatch.circuit_id == Exemplar.circuit_id) & (CircuitPatch.position == Exemplar.patch)
    image = (CircuitImage.circuit_id == Exemplar.circuit_id) & (CircuitImage.position == CircuitPatch.image)
    shown = (
        select(
            Exemplar.rank,
            Exemplar.patch,
            CircuitImage.name,
            Exemplar.left,
            Exemplar.top,
            Exemplar.right,
            Exemplar.bottom,
            Exemplar.activation,
            Exemplar.picture,
            Exemplar.heat_map,
            CircuitImage.position,
            CircuitImage.width,
            CircuitImage.height,
            CircuitImage.picture.label("image_picture"),
        )
        .join(CircuitPatch, patch)
        .join(CircuitImage, image)
        .where(Exemplar.circuit_id == circuit_id, Exemplar.group_id == group_id)
    )
    return read_rows(session, shown, Order("rank", (Exemplar.rank,)), cursor, limit)


def exemplar_pictures(session: Session, circuit_id: str) -> dict[tuple[str, int], str]:
    """Return the digest of each exemplar's picture by group id and rank."""
    rows = session.execute(
        select(Exemplar.group_id, Exemplar.rank, Exemplar.picture).where(Exemplar.circuit_id == circuit_id)
    )
    return {(group, rank): picture for group, rank, picture in rows}
