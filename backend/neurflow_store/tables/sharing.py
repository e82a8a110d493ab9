"""What people share: named views and the links to them, labels of groups, notes, and what changed of these."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from neurflow_store.tables.base import Base, words


class NoteSubject(StrEnum):
    """On what a note hangs."""

    CIRCUIT = "circuit"
    GROUP = "group"
    EDGE = "edge"


class ChangeKind(StrEnum):
    """What changed about a circuit for those who look at it."""

    LABEL = "label"
    NOTE = "note"
    RESULT = "result"
    """It was computed again."""
    ACCESS = "access"
    """Who comes by the link ``about`` may not look any more; where it is empty, others see the circuit than did."""


class View(Base):
    """A state of the explorer with a name. ``state`` is the query of its address, in version ``state_version``.

    ``forked_from`` is the view that it is a copy of, as long as that is there.
    """

    __tablename__ = "views"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(String(2000))
    circuit_id: Mapped[str] = mapped_column(ForeignKey("circuits.id", ondelete="CASCADE"))
    analysis_id: Mapped[str | None] = mapped_column(ForeignKey("analyses.id", ondelete="SET NULL"), index=True)
    state: Mapped[str] = mapped_column(Text)
    state_version: Mapped[int]
    owner_id: Mapped[str | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    forked_from: Mapped[str | None] = mapped_column(ForeignKey("views.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]

    __table_args__ = (
        Index("ix_views_circuit_id_created_at_id", "circuit_id", "created_at", "id"),
        Index("ix_views_owner_id_created_at_id", "owner_id", "created_at", "id"),
    )


class ViewPicture(Base):
    """A picture of a view, as WebP: at most 1200 × 630 pixels."""

    __tablename__ = "view_pictures"

    view_id: Mapped[str] = mapped_column(ForeignKey("views.id", ondelete="CASCADE"), primary_key=True)
    picture: Mapped[bytes] = mapped_column(LargeBinary)
    width: Mapped[int]
    height: Mapped[int]
    changed_at: Mapped[datetime]


class ShareLink(Base):
    """A link to a view: ``digest`` is the SHA-256 of its token. ``anonymous`` where no account is asked for."""

    __tablename__ = "share_links"

    id: Mapped[str] = mapped_column(String(20), primary_key=True)
    view_id: Mapped[str] = mapped_column(ForeignKey("views.id", ondelete="CASCADE"))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    may_comment: Mapped[bool]
    anonymous: Mapped[bool]
    owner_id: Mapped[str | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_share_links_view_id_created_at_id", "view_id", "created_at", "id"),)


class Label(Base):
    """What people call a group, with an empty ``name`` once that was taken away. ``version`` rises with each change.

    From ``orphaned_at`` on its group is gone, and ``group_id`` with it: ``former`` are its id and its neurons.
    """

    __tablename__ = "labels"

    id: Mapped[int] = mapped_column(primary_key=True)
    circuit_id: Mapped[str] = mapped_column(ForeignKey("circuits.id", ondelete="CASCADE"))
    group_id: Mapped[str | None] = mapped_column(String(220))
    name: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(String(2000))
    version: Mapped[int]
    user_id: Mapped[str | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    user_name: Mapped[str] = mapped_column(String(200))
    changed_at: Mapped[datetime]
    orphaned_at: Mapped[datetime | None]
    former: Mapped[dict[str, Any] | None]

    __table_args__ = (UniqueConstraint("circuit_id", "group_id"),)


class LabelChange(Base):
    """What a label was from a moment on, and who wrote it."""

    __tablename__ = "label_changes"

    label_id: Mapped[int] = mapped_column(ForeignKey("labels.id", ondelete="CASCADE"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(String(2000))
    user_id: Mapped[str | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    user_name: Mapped[str] = mapped_column(String(200))
    changed_at: Mapped[datetime]


class Note(Base):
    """A note, or an answer to the one that ``thread_id`` names. ``text`` is Markdown as it was written.

    ``group_id`` where it hangs on a group, ``source`` and ``target`` where on an edge; answers repeat it. From
    ``orphaned_at`` on that is gone: ``former`` are the neurons of each group that it named. One that was deleted and
    has answers stays without its text.
    """

    __tablename__ = "notes"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    circuit_id: Mapped[str] = mapped_column(ForeignKey("circuits.id", ondelete="CASCADE"))
    thread_id: Mapped[str | None] = mapped_column(ForeignKey("notes.id", ondelete="CASCADE"))
    subject: Mapped[NoteSubject] = mapped_column(words(NoteSubject))
    group_id: Mapped[str | None] = mapped_column(String(220))
    source: Mapped[str | None] = mapped_column(String(220))
    target: Mapped[str | None] = mapped_column(String(220))
    text: Mapped[str] = mapped_column(Text)
    author_id: Mapped[str | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    author_name: Mapped[str] = mapped_column(String(200))
    link_id: Mapped[str | None] = mapped_column(ForeignKey("share_links.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[str | None] = mapped_column(String(200))
    orphaned_at: Mapped[datetime | None]
    former: Mapped[dict[str, Any] | None]

    __table_args__ = (
        Index("ix_notes_circuit_id_created_at_id", "circuit_id", "created_at", "id"),
        Index("ix_notes_thread_id_created_at_id", "thread_id", "created_at", "id"),
    )


class CircuitChange(Base):
    """What changed, in the order of each circuit's own ``number``; ``about`` is a group's or a note's id. The last few.

    Who writes one holds the circuit's row: whoever has read one number has read all that are lower.
    """

    __tablename__ = "circuit_changes"

    circuit_id: Mapped[str] = mapped_column(ForeignKey("circuits.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[ChangeKind] = mapped_column(words(ChangeKind))
    about: Mapped[str] = mapped_column(String(220))
