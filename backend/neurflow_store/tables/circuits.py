"""Circuits: the request, and the columns that a gallery shows. Their parts are in ``groups`` and ``neurons``.

Names and units are those of ``circuit.json`` (``docs/file-format.md``). Positions of layers, images and patches are
indices of its arrays.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from neurflow_store.tables.base import Base, Digest
from neurflow_store.tables.owned import Owned


class Circuit(Owned, Base):
    """A requested or imported circuit. Its state is that of its latest job, ``job_id``.

    ``content_key`` is unique over network digest, data set digest, class, class map, parameters and engine version: the
    same request is the same circuit. ``parameters`` are those of the request; ``class_map`` is the part of the data
    set's class map that determined the images of the class. The columns from ``computed_at`` on hold the last finished
    result, or ``None``: ``file`` is the artifact of its ``circuit.json``; ``result`` contains that file's ``network``,
    ``data``, ``target``, ``parameters``, ``report`` and ``timings``; ``cover`` the artifacts of some exemplars of the
    top layers, for a card. An imported circuit can lack ``network_id`` and ``dataset_id``.
    """

    __tablename__ = "circuits"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    network_id: Mapped[str | None] = mapped_column(ForeignKey("networks.id"), index=True)
    dataset_id: Mapped[str | None] = mapped_column(ForeignKey("datasets.id"), index=True)
    class_name: Mapped[str] = mapped_column(String(300), index=True)
    class_map: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    parameters: Mapped[dict[str, Any]]
    content_key: Mapped[str] = mapped_column(String(64), unique=True)
    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id"), index=True)
    created_at: Mapped[datetime]

    computed_at: Mapped[datetime | None]
    engine_version: Mapped[str | None] = mapped_column(String(50))
    file: Mapped[str | None] = mapped_column(Digest)
    result: Mapped[dict[str, Any] | None]
    layer_count: Mapped[int | None]
    group_count: Mapped[int | None]
    edge_count: Mapped[int | None]
    neuron_count: Mapped[int | None]
    cover: Mapped[list[Any]] = mapped_column(default=list)

    __table_args__ = (
        Index("ix_circuits_created_at_id", "created_at", "id"),
        Index("ix_circuits_name_id", "name", "id"),
    )


class CircuitLayer(Base):
    """A layer of a circuit, from low (position 0) to high.

    ``sprite`` is the artifact of one picture with the exemplars of all groups of the layer: one row for each group in
    the order of ``number``, one column for each exemplar in the order of ``rank``, each ``tile`` pixels square.
    """

    __tablename__ = "circuit_layers"

    circuit_id: Mapped[str] = mapped_column(ForeignKey("circuits.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    channels: Mapped[int]
    shape: Mapped[list[Any]]
    sprite: Mapped[str | None] = mapped_column(Digest)
    tile: Mapped[int | None]


class CircuitImage(Base):
    """A traced image. ``picture`` is its artifact, longest side at most 512 pixels, where known."""

    __tablename__ = "circuit_images"

    circuit_id: Mapped[str] = mapped_column(ForeignKey("circuits.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(1000))
    width: Mapped[int]
    height: Mapped[int]
    probability: Mapped[float]
    picture: Mapped[str | None] = mapped_column(Digest, index=True)


class CircuitPatch(Base):
    """A crop that a concept contains, in pixels of its image: ``left ≤ x < right``, ``top ≤ y < bottom``."""

    __tablename__ = "circuit_patches"

    circuit_id: Mapped[str] = mapped_column(ForeignKey("circuits.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    image: Mapped[int]
    left: Mapped[int]
    top: Mapped[int]
    right: Mapped[int]
    bottom: Mapped[int]
