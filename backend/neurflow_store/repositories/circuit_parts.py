"""Queries about the parts of a circuit's edges and groups: semantic groups, links between them, and patches."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from neurflow_store.errors import NotFound
from neurflow_store.repositories.columns import AnyRow
from neurflow_store.tables import Edge, Neuron, SemanticGroup


def edge(session: Session, circuit_id: str, source: str, target: str) -> AnyRow:
    """Return an edge with all its columns.

    Raises:
        NotFound: the circuit does not exist, or has no such edge.
    """
    found = session.execute(
        select(Edge.source, Edge.target, Edge.weight, Edge.positive, Edge.negative, Edge.links, Edge.patches).where(
            Edge.circuit_id == circuit_id, Edge.source == source, Edge.target == target
        )
    ).one_or_none()
    if found is None:
        raise NotFound(f"circuit {circuit_id!r} has no edge from {source!r} to {target!r}")
    return found


def links_of(session: Session, circuit_id: str, group_id: str) -> Sequence[AnyRow]:
    """Return the links of all edges at either end of a group, edge by edge."""
    return session.execute(
        select(Edge.source, Edge.target, Edge.links).where(
            Edge.circuit_id == circuit_id, or_(Edge.source == group_id, Edge.target == group_id)
        )
    ).all()


def parts_of(session: Session, circuit_id: str, group_id: str) -> Sequence[AnyRow]:
    """Return the semantic groups of a neuron group, each with its neuron, by channel and part."""
    mine = (
        (Neuron.circuit_id == SemanticGroup.circuit_id)
        & (Neuron.layer == SemanticGroup.layer)
        & (Neuron.channel == SemanticGroup.channel)
    )
    return session.execute(
        select(
            SemanticGroup.channel,
            Neuron.activation,
            SemanticGroup.part,
            SemanticGroup.silhouette,
            SemanticGroup.patches,
        )
        .join(Neuron, mine)
        .where(SemanticGroup.circuit_id == circuit_id, SemanticGroup.group_id == group_id)
        .order_by(SemanticGroup.channel, SemanticGroup.part)
    ).all()
