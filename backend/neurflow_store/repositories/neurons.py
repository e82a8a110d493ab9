"""Queries about single neurons of a circuit."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from neurflow_store.errors import NotFound
from neurflow_store.repositories.columns import AnyRow
from neurflow_store.tables import CircuitLayer, Neuron, SemanticGroup


def neuron(session: Session, circuit_id: str, layer: str, channel: int) -> AnyRow:
    """Return a neuron with its layer's position and name, and the name of the layer below.

    Raises:
        NotFound: the circuit does not exist, or has no such neuron.
    """
    lower = aliased(CircuitLayer)
    below = select(lower.name).where(lower.circuit_id == Neuron.circuit_id, lower.position == Neuron.layer - 1)
    found = session.execute(
        select(
            Neuron.layer.label("position"),
            CircuitLayer.name.label("layer"),
            Neuron.channel,
            Neuron.activation,
            Neuron.completeness,
            Neuron.nodes,
            Neuron.core,
            below.scalar_subquery().label("below"),
        )
        .join(CircuitLayer, (CircuitLayer.circuit_id == Neuron.circuit_id) & (CircuitLayer.position == Neuron.layer))
        .where(Neuron.circuit_id == circuit_id, CircuitLayer.name == layer, Neuron.channel == channel)
    ).one_or_none()
    if found is None:
        raise NotFound(f"circuit {circuit_id!r} has no neuron {channel} in layer {layer!r}")
    return found


def semantic_groups(session: Session, circuit_id: str, position: int, channel: int) -> Sequence[SemanticGroup]:
    """Return the semantic groups of a neuron, in order."""
    return session.scalars(
        select(SemanticGroup)
        .where(
            SemanticGroup.circuit_id == circuit_id,
            SemanticGroup.layer == position,
            SemanticGroup.channel == channel,
        )
        .order_by(SemanticGroup.part)
    ).all()
