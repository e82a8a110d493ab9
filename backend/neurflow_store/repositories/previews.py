"""Circuits in progress: their finished layers, kept until the result is saved."""

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
    """Save a finished layer, replacing the one of an earlier attempt.

    Args:
        session: of ``Database.writing()``; the caller holds the circuit's job.
        circuit_id: the circuit's id.
        position: the layer's position, from 0, the lowest.
        sprite: digest of the picture of its exemplars.
        content: as described at :class:`~neurflow_store.tables.CircuitPreview`.
    """
    mine = (CircuitPreview.circuit_id == circuit_id) & (CircuitPreview.position == position)
    session.execute(delete(CircuitPreview).where(mine), execution_options={"synchronize_session": False})
    row = {"circuit_id": circuit_id, "position": position, "sprite": sprite, "content": dict(content)}
    session.execute(insert(CircuitPreview), [row])


def finished_layers(session: Session, circuit_id: str) -> Sequence[AnyRow]:
    """Return the finished layers of a circuit, from low to high."""
    return session.execute(
        select(CircuitPreview.position, CircuitPreview.sprite, CircuitPreview.content)
        .where(CircuitPreview.circuit_id == circuit_id)
        .order_by(CircuitPreview.position)
    ).all()


def drop(session: Session, circuit_id: str) -> None:
    """Delete the finished layers of a circuit: its result is saved, or it is computed again."""
    mine = CircuitPreview.circuit_id == circuit_id
    session.execute(delete(CircuitPreview).where(mine), execution_options={"synchronize_session": False})
