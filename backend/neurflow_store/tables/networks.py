"""Registered networks, and the results of their inspection."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from neurflow_store.tables.base import Base, Digest
from neurflow_store.tables.owned import Owned


class Network(Owned, Base):
    """A network to trace circuits of.

    ``spec``, ``weights`` (the artifact of an uploaded safetensors file) and ``options`` (``classes``: names in output
    order; ``input_size``, ``mean``, ``std``, where given) define what to load; ``key`` is unique over these three. The
    columns from ``digest`` on are ``None`` or empty until the inspection ``job_id`` has succeeded. ``layers`` run from
    low to high: ``{"name", "kind", "channels", "shape", "default"}``, with ``default`` for layers that are traced by
    default.
    """

    __tablename__ = "networks"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    spec: Mapped[str] = mapped_column(String(300))
    weights: Mapped[str | None] = mapped_column(Digest)
    options: Mapped[dict[str, Any]] = mapped_column(default=dict)
    key: Mapped[str] = mapped_column(String(64), unique=True)
    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(index=True)

    digest: Mapped[str | None] = mapped_column(Digest)
    parameter_count: Mapped[int | None]
    input_size: Mapped[int | None]
    resize: Mapped[int | None]
    mean: Mapped[list[Any] | None]
    std: Mapped[list[Any] | None]
    classes: Mapped[list[Any]] = mapped_column(default=list)
    layers: Mapped[list[Any]] = mapped_column(default=list)
