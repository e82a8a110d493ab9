"""Neurons of a circuit and the semantic groups of their concepts."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from neurflow_store.tables.base import Base


class Neuron(Base):
    """A neuron. ``core`` is ``[{"channel", "score"}]`` by descending score; ``layer`` a position, low to high."""

    __tablename__ = "neurons"

    circuit_id: Mapped[str] = mapped_column(ForeignKey("circuits.id", ondelete="CASCADE"), primary_key=True)
    layer: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[int] = mapped_column(primary_key=True)
    activation: Mapped[float]
    completeness: Mapped[float | None]
    nodes: Mapped[int | None]
    core: Mapped[list[Any]]


class SemanticGroup(Base):
    """One part of a neuron's concept. ``patches`` are positions; ``weights`` is ``[{"channel", "weight"}]``."""

    __tablename__ = "semantic_groups"

    circuit_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    layer: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[int] = mapped_column(primary_key=True)
    part: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[str] = mapped_column(String(220))
    silhouette: Mapped[float | None]
    patches: Mapped[list[Any]]
    weights: Mapped[list[Any]]

    __table_args__ = (
        ForeignKeyConstraint(
            ["circuit_id", "layer", "channel"],
            ["neurons.circuit_id", "neurons.layer", "neurons.channel"],
            ondelete="CASCADE",
        ),
        Index("ix_semantic_groups_circuit_id_group_id", "circuit_id", "group_id"),
    )
