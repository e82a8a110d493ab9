"""Owner, space and visibility of circuits, networks and data sets."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from neurflow_store.tables.base import words


class Visibility(StrEnum):
    """Who can see an object, in addition to its owner and administrators."""

    PRIVATE = "private"
    """Nobody else."""
    TEAM = "team"
    """The members of its space, or every user if it is in no space."""
    PUBLIC = "public"
    """Every user."""


class Owned:
    """The shared columns. Only an empty space can be deleted: its objects would become visible to every user."""

    @declared_attr
    def owner_id(cls) -> Mapped[str | None]:  # noqa: N805 - as SQLAlchemy calls it
        return mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)

    @declared_attr
    def space_id(cls) -> Mapped[str | None]:  # noqa: N805
        return mapped_column(ForeignKey("spaces.id"), index=True)

    @declared_attr
    def visibility(cls) -> Mapped[Visibility]:  # noqa: N805
        return mapped_column(words(Visibility), server_default=Visibility.TEAM.value)
