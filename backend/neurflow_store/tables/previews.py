"""The finished layers of circuits in progress."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from neurflow_store.tables.base import Base, Digest


class CircuitPreview(Base):
    """A layer of a circuit in progress, with its groups and their edges to the layer above.

    ``content`` is ``{"layer": {"position", "name", "channels", "shape", "tile"}, "groups": [...], "edges": [...]}``. A
    group has the keys of ``GET /api/v1/circuits/{id}``, and ``picture`` is the artifact of its nearest exemplar or
    ``None``. ``sprite`` is that of all the layer's exemplars, as in ``circuit_layers``. Layers are written from the top
    down, and deleted when the result is saved or the circuit is requested again.
    """

    __tablename__ = "circuit_previews"

    circuit_id: Mapped[str] = mapped_column(ForeignKey("circuits.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    sprite: Mapped[str | None] = mapped_column(Digest)
    content: Mapped[dict[str, Any]]
