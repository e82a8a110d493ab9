"""Credentials of browsers and programs: sessions and API tokens. Only digests are stored.

Both are 256 random bits and, unlike a password, cannot be guessed, so a plain SHA-256 is enough.
"""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from sqlalchemy import Select, delete, or_, select, update
from sqlalchemy.orm import Session

from neurflow_store.clock import now
from neurflow_store.errors import BadValue, NotFound
from neurflow_store.ids import new_id
from neurflow_store.names import checked_name
from neurflow_store.repositories.paging import Order, Slice, read_page
from neurflow_store.tables import ApiToken, Role, Scope, User, UserSession

_PREFIX: Final = "nf"
_TOKEN: Final = re.compile(r"nf_([a-z0-9]{10})_([A-Za-z0-9_-]{43})")
_AGENT: Final = re.compile(r"[^ -~]+")
_MOST_TOKENS: Final = 100
_AT_ONCE: Final = 500
_TOUCHED_SECONDS: Final = 60
_NEWEST: Final = Order("newest", (ApiToken.created_at, ApiToken.id), descending=True)


@dataclass(frozen=True)
class Credential:
    """The owner of a credential: ``session`` is the digest of a session, ``scope`` the scope of a token."""

    user: User
    session: str | None = None
    token: str | None = None
    scope: Scope | None = None
    stale: bool = False
    """Whether the time of last use should be updated."""


def digest(secret: str) -> str:
    """Return the digest that is stored for a secret."""
    return sha256(secret.encode()).hexdigest()


def begin_session(session: Session, user: User, seconds: float, agent: str) -> str:
    """Start a session and return its cookie's value. Deletes all expired sessions."""
    time = now()
    session.execute(delete(UserSession).where(UserSession.expires_at <= time))
    secret = secrets.token_urlsafe(32)
    expires = time + timedelta(seconds=seconds)
    summary = _AGENT.sub(" ", agent)[:200]
    row = UserSession(digest=digest(secret), user_id=user.id, created_at=time, expires_at=expires, agent=summary)
    session.add(row)
    user.last_seen_at = time
    session.flush()
    return secret


def end_session(session: Session, secret: str) -> str | None:
    """End a session and return its user's id."""
    row = session.get(UserSession, digest(secret))
    if row is None:
        return None
    session.delete(row)
    return row.user_id


def by_session(session: Session, secret: str) -> Credential | None:
    """Return the session's owner if the session is valid and the user is not disabled."""
    key = digest(secret)
    live = (UserSession.digest == key, UserSession.expires_at > now(), User.disabled_at.is_(None))
    user = session.scalar(select(User).join(UserSession, UserSession.user_id == User.id).where(*live))
    return None if user is None else Credential(user, session=key, stale=_stale(user.last_seen_at))


def by_token(session: Session, text: str) -> Credential | None:
    """Return the token's owner if the token is valid and the user is not disabled."""
    parts = _TOKEN.fullmatch(text)
    if parts is None:
        return None
    row = session.get(ApiToken, parts[1])
    # Compare also if there is no such token, in constant time, so that timing reveals nothing about the secret.
    same = hmac.compare_digest(digest(parts[2]), "" if row is None else row.digest)
    if (
        row is None
        or not same
        or row.revoked_at is not None
        or (row.expires_at is not None and row.expires_at <= now())
    ):
        return None
    user = session.get_one(User, row.user_id)
    if user.disabled_at is not None:
        return None
    return Credential(user, token=row.id, scope=row.scope, stale=_stale(row.last_used_at))


def present_roles(
    session: Session, sessions: Collection[str], tokens: Collection[str]
) -> dict[str | None, tuple[str, Role]]:
    """Return for each valid session, by digest, and each valid token, by id, its owner and the role that it allows."""
    time = now()
    found: dict[str | None, tuple[str, Role]] = {}
    browsers = select(UserSession.digest, User.id, User.role).join(User, User.id == UserSession.user_id)
    browsers = browsers.where(UserSession.expires_at > time, User.disabled_at.is_(None))
    for part in _parts(sessions):
        for digest, user_id, role in session.execute(browsers.where(UserSession.digest.in_(part))):
            found[digest] = user_id, role
    programs = select(ApiToken.id, User.id, User.role, ApiToken.scope).join(User, User.id == ApiToken.user_id)
    unexpired = or_(ApiToken.expires_at.is_(None), ApiToken.expires_at > time)
    programs = programs.where(ApiToken.revoked_at.is_(None), unexpired, User.disabled_at.is_(None))
    for part in _parts(tokens):
        for token_id, user_id, role, scope in session.execute(programs.where(ApiToken.id.in_(part))):
            found[token_id] = user_id, allowed_role(role, scope)
    return found


def allowed_role(role: Role, scope: Scope | None) -> Role:
    """Return the role that a credential of a user allows; ``scope`` is a token's."""
    return scope.role if scope is not None and scope.role.rank < role.rank else role


def record_activity(session: Session, known: Credential) -> None:
    """Record that a user was active. Once a minute is enough."""
    time = now()
    session.execute(update(User).where(User.id == known.user.id).values(last_seen_at=time))
    if known.token is not None:
        session.execute(update(ApiToken).where(ApiToken.id == known.token).values(last_used_at=time))


def make_token(session: Session, user_id: str, name: str, scope: Scope, days: int | None) -> tuple[ApiToken, str]:
    """Create a token and return it with its text, which cannot be read again.

    Raises:
        BadValue: the name is invalid, or the user has too many tokens.
    """
    shown, time = checked_name(name), now()
    if len(session.scalars(_tokens_of_user(user_id).limit(_MOST_TOKENS)).all()) == _MOST_TOKENS:
        raise BadValue(f"you have {_MOST_TOKENS} tokens: revoke some first")
    secret, id = secrets.token_urlsafe(32), new_id("", 10).rpartition("-")[2]
    expires = None if days is None else time + timedelta(days=days)
    row = ApiToken(id=id, user_id=user_id, name=shown, digest=digest(secret), scope=scope, created_at=time)
    row.expires_at = expires
    session.add(row)
    session.flush()
    return row, f"{_PREFIX}_{id}_{secret}"


def tokens(session: Session, user_id: str, cursor: str | None, limit: int) -> Slice[ApiToken]:
    """Return a page of a user's valid tokens, newest first."""
    return read_page(session, _tokens_of_user(user_id), _NEWEST, cursor, limit)


def revoke_tokens(session: Session, user_id: str, token_id: str | None = None) -> list[str]:
    """Revoke a user's token, or all of them, and return the ids.

    Raises:
        NotFound: the user has no token ``token_id``.
    """
    mine = [ApiToken.user_id == user_id, ApiToken.revoked_at.is_(None)]
    if token_id is not None:
        mine.append(ApiToken.id == token_id)
    rows, time = session.scalars(select(ApiToken).where(*mine)).all(), now()
    if token_id is not None and not rows:
        raise NotFound(f"no token {token_id[:80]!r}")
    for row in rows:
        row.revoked_at = time
    session.flush()
    return [row.id for row in rows]


def _parts(ids: Collection[str]) -> Iterator[list[str]]:
    every = list(ids)
    return (every[start : start + _AT_ONCE] for start in range(0, len(every), _AT_ONCE))


def _tokens_of_user(user_id: str) -> Select[tuple[ApiToken]]:
    mine: Select[tuple[ApiToken]] = select(ApiToken)
    return mine.where(ApiToken.user_id == user_id, ApiToken.revoked_at.is_(None))


def _stale(time: datetime | None) -> bool:
    return time is None or (now() - time).total_seconds() > _TOUCHED_SECONDS
