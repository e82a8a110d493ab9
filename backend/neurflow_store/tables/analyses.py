"""Analyses: images looked at through a circuit, with what was measured of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from neurflow_store.tables.base import Base


class Analysis(Base):
    """One image through one circuit. ``source`` is ``upload``, ``dataset`` or ``analysis``: where the image came from.

    From ``computed_at`` on, what the last finished look gave: ``reading`` as the API answers it, ``predicted`` and its
    ``probability``, and ``circuit_computed_at``, by which a circuit that was computed anew since is told. Who sees its
    circuit sees it; who asked for it owns it.
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
    """An analysis's image, which goes with its row: no copy of it is anywhere else.

    ``upload`` is the file as it came, until a worker has read it. From then on ``picture`` is the whole image for
    people, as WebP, and ``pixels`` what the network's crops are cut from, as PNG: the image's ``area``, in its own
    pixels ``[left, top, right, bottom]``, scaled down to what the smallest crop can show.
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
    """What was asked of a circuit's groups and an image, or a class. ``key`` is unique over all that it depends on.

    ``request`` is ``{"groups": [[id, factor]], "class_index", "class", "random_sets", "seed"}``; ``result`` as the API
    answers it.
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
