"""Sharing: named views and links to them, labels of groups, notes, and the changes of these."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from neurflow_store.tables.base import Base, words


class NoteSubject(StrEnum):
    """The subject of a note."""

    CIRCUIT = "circuit"
    GROUP = "group"
    EDGE = "edge"


class ChangeKind(StrEnum):
    """The kind of a change, for those who follow a circuit."""

    LABEL = "label"
    NOTE = "note"
    RESULT = "result"
    """It was computed again."""
    ACCESS = "access"
    """The link ``about`` was revoked; if ``about`` is empty, the circuit's visibility changed."""


class View(Base):
    """A named state of the explorer. ``state`` is the query of its address, in version ``state_version``.

    ``forked_from`` is the view that it was copied from, as long as that exists.
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
    """A link to a view: ``digest`` is the SHA-256 of its token. ``anonymous`` if it works without an account."""

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
    """A group's label; ``name`` is empty after it was removed. ``version`` increases with each change.

    From ``orphaned_at`` on, the group and its ``group_id`` are gone: ``former`` holds its id and its neurons.
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
    """A past or present text of a label, since when, and who wrote it."""

    __tablename__ = "label_changes"

    label_id: Mapped[int] = mapped_column(ForeignKey("labels.id", ondelete="CASCADE"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(String(2000))
    user_id: Mapped[str | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    user_name: Mapped[str] = mapped_column(String(200))
    changed_at: Mapped[datetime]


class Note(Base):
    """A note, or an answer to the note ``thread_id``. ``text`` is Markdown, as written.

    ``group_id`` is set for a note on a group, ``source`` and ``target`` for one on an edge; answers repeat them. From
    ``orphaned_at`` on, the group or edge is gone: ``former`` holds the neurons of each group that it named. A deleted
    note with answers stays without its text.
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
    """A change, in the order of each circuit's own ``number``; ``about`` is the id of a group or note. Old ones go.

    Writers lock the circuit's row, so whoever has read a number has also read all lower ones.
    """

    __tablename__ = "circuit_changes"

    circuit_id: Mapped[str] = mapped_column(ForeignKey("circuits.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[ChangeKind] = mapped_column(words(ChangeKind))
    about: Mapped[str] = mapped_column(String(220))
