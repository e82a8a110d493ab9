"""Neuron groups, their exemplars, and the edges between them."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, String
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column

from neurflow.terms.group_figures import NAMES
from neurflow_store.tables.base import Base, Digest

_IDS = ["groups.circuit_id", "groups.id"]


class Group(Base):
    """A neuron group. ``id`` is ``LAYER/NUMBER`` as in ``circuit.json``; ``layer`` is a position, low to high.

    ``neurons`` are channels. ``contribution`` is in [-1, 1], ``logit_drop`` in logits, ``held_out`` counts images.
    """

    __tablename__ = "groups"

    circuit_id: Mapped[str] = mapped_column(ForeignKey("circuits.id", ondelete="CASCADE"), primary_key=True)
    id: Mapped[str] = mapped_column(String(220), primary_key=True)
    layer: Mapped[int]
    number: Mapped[int]
    neurons: Mapped[list[Any]]
    silhouette: Mapped[float | None]
    contribution: Mapped[float]
    logit_drop: Mapped[float | None]
    held_out: Mapped[int]


GROUP_FIGURES: Final[tuple[InstrumentedAttribute[Any], ...]] = tuple(getattr(Group, name) for name in NAMES)
"""The columns of a group's figures, for queries that read all of them."""


class Exemplar(Base):
    """A patch near its group's centre, nearest first (``rank`` 0). ``picture`` is its artifact.

    ``heat_map`` is ``{"width", "height", "values", "highest"}``, or ``None`` if none was saved: the mean of the group's
    neurons' feature maps on the patch, row by row, 0 to 255 relative to ``highest``.
    """

    __tablename__ = "exemplars"

    circuit_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    group_id: Mapped[str] = mapped_column(String(220), primary_key=True)
    rank: Mapped[int] = mapped_column(primary_key=True)
    patch: Mapped[int]
    image: Mapped[str] = mapped_column(String(1000))
    left: Mapped[int]
    top: Mapped[int]
    right: Mapped[int]
    bottom: Mapped[int]
    activation: Mapped[float]
    picture: Mapped[str] = mapped_column(Digest, index=True)
    heat_map: Mapped[dict[str, Any] | None]

    __table_args__ = (ForeignKeyConstraint(["circuit_id", "group_id"], _IDS, ondelete="CASCADE"),)


class Edge(Base):
    """An edge from a group to one in the layer above: ``weight = positive + negative``.

    ``links`` is ``[[source channel, source part, target channel, target part, weight]]``, which add up to ``weight``;
    ``patches`` is ``[[patch, weight]]``, those that carry most of it. Both are ``None`` if none were saved.
    """

    __tablename__ = "edges"

    circuit_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    source: Mapped[str] = mapped_column(String(220), primary_key=True)
    target: Mapped[str] = mapped_column(String(220), primary_key=True)
    weight: Mapped[float]
    positive: Mapped[float]
    negative: Mapped[float]
    links: Mapped[list[Any] | None]
    patches: Mapped[list[Any] | None]

    __table_args__ = (
        ForeignKeyConstraint(["circuit_id", "source"], _IDS, ondelete="CASCADE", name="fk_edges_source"),
        ForeignKeyConstraint(["circuit_id", "target"], _IDS, ondelete="CASCADE", name="fk_edges_target"),
        Index("ix_edges_circuit_id_target", "circuit_id", "target"),
    )
