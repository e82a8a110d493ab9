"""What circuits, networks and data sets say of whose they are and who sees them."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from neurflow_store.tables.base import words


class Visibility(StrEnum):
    """Who sees something beside its owner and administrators."""

    PRIVATE = "private"
    """Nobody."""
    TEAM = "team"
    """The members of its space; all who have an account, where it is in none."""
    PUBLIC = "public"
    """All who have an account."""


class Owned:
    """The columns. A space that holds something cannot be deleted: what was for its members would be for all."""

    @declared_attr
    def owner_id(cls) -> Mapped[str | None]:  # noqa: N805 - as SQLAlchemy calls it
        return mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)

    @declared_attr
    def space_id(cls) -> Mapped[str | None]:  # noqa: N805
        return mapped_column(ForeignKey("spaces.id"), index=True)

    @declared_attr
    def visibility(cls) -> Mapped[Visibility]:  # noqa: N805
        return mapped_column(words(Visibility), server_default=Visibility.TEAM.value)
