"""User accounts: create, change, disable, and find them at sign-in. Passwords arrive already hashed."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from neurflow_store.clock import now
from neurflow_store.errors import BadValue, Conflict, NotFound
from neurflow_store.ids import new_id
from neurflow_store.names import checked_name
from neurflow_store.repositories.requests import one_at_a_time
from neurflow_store.tables import Role, User, UserSession
from neurflow_store.users import credentials

_LOGIN: Final = re.compile(r"[^\W_][\w.@+-]{0,99}")
_EMAIL: Final = re.compile(r"[^\s@<>\"']{1,64}@[^\s@<>\"']+\.[^\s@<>\"'.]+")
_MOST_EMAIL: Final = 254


def folded(login: str) -> str:
    """Return a login in its normal form, so that spelling and case do not matter."""
    return unicodedata.normalize("NFKC", login).strip().casefold()


def add_user(
    session: Session,
    *,
    name: str,
    role: Role,
    login: str | None = None,
    email: str | None = None,
    password_hash: str | None = None,
    issuer: str | None = None,
    subject: str | None = None,
) -> User:
    """Create a user.

    Args:
        session: from ``Database.writing()``.
        name: display name.
        role: role in the installation.
        login: login name, for a local account.
        email: e-mail address; also accepted as the login.
        password_hash: for a local account.
        issuer: the OpenID Connect provider that signs the user in.
        subject: the provider's id for the user.

    Raises:
        BadValue: a value is invalid.
        Conflict: another user has the login or the e-mail address.
    """
    shown = checked_name(name)
    one_at_a_time(session, User)
    known = None if login is None else _checked_login(login)
    reached = None if not email else _checked_email(email)
    for word, value in (("login", known), ("e-mail address", reached)):
        if value is not None and find_login(session, value) is not None:
            raise Conflict(f"another user has the {word} {value[:100]!r}: choose a different one")
    user = User(id=_free_id(session, known or shown), name=shown, login=known, email=reached, role=role)
    user.password_hash, user.issuer, user.subject, user.created_at = password_hash, issuer, subject, now()
    session.add(user)
    session.flush()
    return user


def find_login(session: Session, typed: str) -> User | None:
    """Find the user by what was entered as login."""
    plain = folded(typed)[:_MOST_EMAIL].replace("\0", "")
    return session.scalar(select(User).where(or_(User.login == plain, User.email == plain)).limit(1))


def named(session: Session, name: str) -> User:
    """Return the user with a login, e-mail address or id.

    Raises:
        NotFound: there is none.
    """
    found = find_login(session, name) or session.get(User, name)
    if found is None:
        raise NotFound(f"no user {name[:80]!r}: `neurflow users list` lists all users")
    return found


def find_subject(session: Session, issuer: str, subject: str) -> User | None:
    """Find the user by a provider's id."""
    return session.scalar(select(User).where(User.issuer == issuer, User.subject == subject))


def require(session: Session, user_id: str) -> User:
    """Return a user by id.

    Raises:
        NotFound: the user does not exist.
    """
    user = session.get(User, user_id, populate_existing=True)
    if user is None:
        raise NotFound(f"no user {user_id[:80]!r}")
    return user


def change_role(session: Session, user_id: str, role: Role) -> User:
    """Change a user's role.

    Raises:
        NotFound: the user does not exist.
        Conflict: the user is the last administrator.
    """
    one_at_a_time(session, User)
    user = require(session, user_id)
    if role is not Role.ADMIN:
        _keep_an_admin(session, user)
    user.role = role
    session.flush()
    return user


def set_disabled(session: Session, user_id: str, disabled: bool) -> User:
    """Disable a user, end their sessions and revoke their API tokens; or enable them again, without these.

    Raises:
        NotFound: the user does not exist.
        Conflict: the user is the last administrator.
    """
    one_at_a_time(session, User)
    user = require(session, user_id)
    if disabled:
        _keep_an_admin(session, user)
        end_sessions(session, user_id)
    if disabled or user.disabled_at is not None:
        # Also when a user is enabled again: those who were disabled by an earlier version still have theirs.
        credentials.revoke_tokens(session, user_id)
    user.disabled_at = now() if disabled else None
    session.flush()
    return user


def set_password(session: Session, user_id: str, password_hash: str, keep: str | None = None) -> User:
    """Set the password of a local account and end its sessions, except the one with the digest ``keep``.

    Raises:
        NotFound: the user does not exist.
        Conflict: the user signs in through a provider, which manages their password.
    """
    user = require(session, user_id)
    if user.login is None:
        raise Conflict(f"user {user_id!r} signs in through an OpenID Connect provider: change the password there")
    user.password_hash = password_hash
    end_sessions(session, user_id, keep)
    session.flush()
    return user


def end_sessions(session: Session, user_id: str, keep: str | None = None) -> None:
    """Sign a user out everywhere, except in the session with the digest ``keep``."""
    session.execute(delete(UserSession).where(UserSession.user_id == user_id, UserSession.digest != (keep or "")))


def _keep_an_admin(session: Session, user: User) -> None:
    others = select(func.count()).where(User.role == Role.ADMIN, User.disabled_at.is_(None), User.id != user.id)
    if user.role is Role.ADMIN and user.disabled_at is None and not session.scalar(others):
        raise Conflict(f"user {user.id!r} is the last administrator: make another user an administrator first")


def _checked_login(login: str) -> str:
    plain = folded(login)
    if _LOGIN.fullmatch(plain) is None:
        raise BadValue(f"login {login[:100]!r} is invalid: use at most 100 letters, digits and . @ + - _")
    return plain


def _checked_email(email: str) -> str:
    plain = folded(email)
    if len(plain) > _MOST_EMAIL or _EMAIL.fullmatch(plain) is None:
        raise BadValue(f"{email[:100]!r} is not an e-mail address")
    return plain


def _free_id(session: Session, name: str) -> str:
    length = 5
    while session.get(User, id := new_id(name.partition("@")[0], length)) is not None:
        length += 1
    return id
