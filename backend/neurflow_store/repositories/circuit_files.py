"""The files of a circuit that lie in the artifact store: which pictures belong to its exemplars and images."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from neurflow_store.tables import CircuitImage, Exemplar


def exemplar_pictures(session: Session, circuit_id: str) -> dict[tuple[str, int], str]:
    """The digest of each exemplar's picture, by its group's id and its rank there."""
    rows = session.execute(
        select(Exemplar.group_id, Exemplar.rank, Exemplar.picture).where(Exemplar.circuit_id == circuit_id)
    )
    return {(group, rank): picture for group, rank, picture in rows}


def image_pictures(session: Session, circuit_id: str) -> dict[int, str]:
    """The digests of the traced images' pictures by position, where they are known."""
    rows = session.execute(
        select(CircuitImage.position, CircuitImage.picture)
        .where(CircuitImage.circuit_id == circuit_id, CircuitImage.picture.is_not(None))
        .order_by(CircuitImage.position)
    )
    return {position: picture for position, picture in rows if picture is not None}
