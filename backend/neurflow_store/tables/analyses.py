"""Analyses of images in a circuit, and their measurements."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from neurflow_store.tables.base import Base


class Analysis(Base):
    """One image in one circuit. ``source`` is ``upload``, ``dataset`` or ``analysis``: where the image came from.

    The columns from ``computed_at`` on hold the last finished result: ``reading`` as the API returns it, ``predicted``
    and its ``probability``, and ``circuit_computed_at``, which shows whether the circuit was computed again since.
    Everyone who can see the circuit can see the analysis; the user who requested it owns it.
    """

    __tablename__ = "analyses"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    circuit_id: Mapped[str] = mapped_column(ForeignKey("circuits.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(200))
    source: Mapped[str] = mapped_column(String(20))
    label: Mapped[str | None] = mapped_column(String(300))
    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id"), index=True)
    created_at: Mapped[datetime]

    owner_id: Mapped[str | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)

    computed_at: Mapped[datetime | None]
    circuit_computed_at: Mapped[datetime | None]
    width: Mapped[int | None]
    height: Mapped[int | None]
    predicted: Mapped[str | None] = mapped_column(String(300))
    probability: Mapped[float | None]
    reading: Mapped[dict[str, Any] | None]

    __table_args__ = (
        Index("ix_analyses_circuit_id_created_at_id", "circuit_id", "created_at", "id"),
        Index("ix_analyses_created_at_id", "created_at", "id"),
    )


class AnalysisImage(Base):
    """An analysis's image, deleted together with its row: there is no other copy.

    ``upload`` is the original file until a worker has read it. Then ``picture`` is the whole image to show, as WebP,
    and ``pixels`` the source of the network's crops, as PNG: the image's ``area``, in its own pixels ``[left, top,
    right, bottom]``, scaled down to the resolution that the smallest crop needs.
    """

    __tablename__ = "analysis_images"

    analysis_id: Mapped[str] = mapped_column(ForeignKey("analyses.id", ondelete="CASCADE"), primary_key=True)
    dataset_id: Mapped[str | None] = mapped_column(ForeignKey("datasets.id", ondelete="SET NULL"), index=True)
    name: Mapped[str | None] = mapped_column(String(1000))
    upload: Mapped[bytes | None] = mapped_column(LargeBinary)
    picture: Mapped[bytes | None] = mapped_column(LargeBinary)
    pixels: Mapped[bytes | None] = mapped_column(LargeBinary)
    width: Mapped[int | None]
    height: Mapped[int | None]
    area: Mapped[list[Any] | None]


class Measurement(Base):
    """A measurement of a circuit's groups for an image or a class. ``key`` is unique over everything it depends on.

    ``request`` is ``{"groups": [[id, factor]], "class_index", "class", "random_sets", "seed"}``; ``result`` as the API
    returns it.
    """

    __tablename__ = "measurements"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    circuit_id: Mapped[str] = mapped_column(ForeignKey("circuits.id", ondelete="CASCADE"), index=True)
    analysis_id: Mapped[str | None] = mapped_column(ForeignKey("analyses.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(64), unique=True)
    request: Mapped[dict[str, Any]]
    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id"), index=True)
    created_at: Mapped[datetime]
    result: Mapped[dict[str, Any] | None]

    __table_args__ = (Index("ix_measurements_analysis_id_created_at_id", "analysis_id", "created_at", "id"),)
