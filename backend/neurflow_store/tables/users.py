"""Users: accounts, credentials, spaces. Secrets are stored only as digests."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from neurflow_store.tables.base import Base, words


class Role(StrEnum):
    """What a user may do, in the installation or in a space. Each role includes the previous one."""

    VIEWER = "viewer"
    EDITOR = "editor"
    ADMIN = "admin"

    @property
    def rank(self) -> int:
        """Rank of the role; higher may do more."""
        return _RANKS[self]


_RANKS: Final = {role: rank for rank, role in enumerate(Role)}


class Scope(StrEnum):
    """What an API token may do of what its owner may do."""

    READ = "read"
    WRITE = "write"
    ADMIN = "admin"

    @property
    def role(self) -> Role:
        """The highest role that the token can use."""
        return _ROLES[self]


_ROLES: Final = dict(zip(Scope, Role, strict=True))


class SpaceKind(StrEnum):
    """Whether a space is personal or a team's."""

    PERSONAL = "personal"
    TEAM = "team"


class User(Base):
    """A user with an account.

    ``login`` is the name of a local account in lower case; ``password_hash`` its argon2id hash. ``issuer`` and
    ``subject`` identify a user of an OpenID Connect provider; an e-mail address never does.
    """

    __tablename__ = "users"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    login: Mapped[str | None] = mapped_column(String(200), unique=True)
    email: Mapped[str | None] = mapped_column(String(254), unique=True)
    role: Mapped[Role] = mapped_column(words(Role))
    password_hash: Mapped[str | None] = mapped_column(String(300))
    issuer: Mapped[str | None] = mapped_column(String(500))
    subject: Mapped[str | None] = mapped_column(String(255))
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]
    last_seen_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("issuer", "subject"),
        Index("ix_users_created_at_id", "created_at", "id"),
    )


class UserSession(Base):
    """A signed-in browser: ``digest`` is the SHA-256 of its cookie's value."""

    __tablename__ = "sessions"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    agent: Mapped[str] = mapped_column(String(200))


class ApiToken(Base):
    """A token that a program signs in with: ``digest`` is the SHA-256 of its secret part."""

    __tablename__ = "api_tokens"

    id: Mapped[str] = mapped_column(String(20), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(200))
    digest: Mapped[str] = mapped_column(String(64))
    scope: Mapped[Scope] = mapped_column(words(Scope))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_api_tokens_user_id_created_at_id", "user_id", "created_at", "id"),)


class Space(Base):
    """A named set of users who share objects, or one user's own."""

    __tablename__ = "spaces"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[SpaceKind] = mapped_column(words(SpaceKind))
    created_at: Mapped[datetime] = mapped_column(index=True)


class SpaceMember(Base):
    """A user in a space, and their role there."""

    __tablename__ = "space_members"

    space_id: Mapped[str] = mapped_column(ForeignKey("spaces.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True)
    role: Mapped[Role] = mapped_column(words(Role))


class Activity(Base):
    """An entry of the activity log: ``user_id`` is not a foreign key, because the log outlives users and subjects."""

    __tablename__ = "activity"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    user_id: Mapped[str | None] = mapped_column(String(64))
    action: Mapped[str] = mapped_column(String(40))
    subject_kind: Mapped[str | None] = mapped_column(String(20))
    subject_id: Mapped[str | None] = mapped_column(String(64))
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)
    request_id: Mapped[str | None] = mapped_column(String(64))

    __table_args__ = (
        Index("ix_activity_at_id", "at", "id"),
        Index("ix_activity_user_id_at_id", "user_id", "at", "id"),
    )
