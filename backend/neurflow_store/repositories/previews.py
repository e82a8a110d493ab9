"""Circuits that are being computed: their finished layers, kept until the result is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from neurflow_store.repositories.columns import AnyRow
from neurflow_store.tables import CircuitPreview


def save_layer(
    session: Session, circuit_id: str, position: int, sprite: str | None, content: Mapping[str, Any]
) -> None:
    """Keeps a finished layer, in the place of what an earlier attempt kept of it.

    Args:
        session: of ``Database.writing()``; the caller holds the circuit's job.
        circuit_id: whose layer it is.
        position: of the layer, from 0, the lowest.
        sprite: digest of the picture of its exemplars.
        content: as :class:`~neurflow_store.tables.CircuitPreview` says.
    """
    mine = (CircuitPreview.circuit_id == circuit_id) & (CircuitPreview.position == position)
    session.execute(delete(CircuitPreview).where(mine), execution_options={"synchronize_session": False})
    row = {"circuit_id": circuit_id, "position": position, "sprite": sprite, "content": dict(content)}
    session.execute(insert(CircuitPreview), [row])


def finished_layers(session: Session, circuit_id: str) -> Sequence[AnyRow]:
    """What is kept of a circuit, from the lowest layer that is finished to the highest."""
    return session.execute(
        select(CircuitPreview.position, CircuitPreview.sprite, CircuitPreview.content)
        .where(CircuitPreview.circuit_id == circuit_id)
        .order_by(CircuitPreview.position)
    ).all()


def drop(session: Session, circuit_id: str) -> None:
    """Drops what is kept of a circuit: there is its result, or it is computed anew."""
    mine = CircuitPreview.circuit_id == circuit_id
    session.execute(delete(CircuitPreview).where(mine), execution_options={"synchronize_session": False})
