"""Sign in and out. Each sign-in starts a new session and ends the old one, which an attacker may have planted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.orm import Session

from neurflow_server.auth import passwords
from neurflow_server.auth.oidc import Identity, Provider
from neurflow_server.auth.setup import Auth
from neurflow_store.errors import BadValue, Conflict, NotLoggedIn
from neurflow_store.installation.database import Database
from neurflow_store.names import checked_name
from neurflow_store.tables import Role, User
from neurflow_store.users import activity, credentials, users

WRONG: Final = "name or password is wrong, or the account is disabled"


@dataclass(frozen=True)
class Visit:
    """Where a sign-in comes from: ``session`` is that of the browser's cookie, if it has one."""

    address: str
    agent: str
    session: str | None
    request_id: str


def log_in(auth: Auth, database: Database, login: str, password: str, visit: Visit) -> str:
    """Sign a user in; return the secret of a new session.

    Raises:
        TooMany: there were too many attempts.
        NotLoggedIn: name or password is wrong, or the account is disabled: the message does not say which.
    """
    typed = users.folded(login)
    auth.limits.count_login(typed, visit.address)
    with database.reading() as session:
        found = users.find_login(session, typed)
        known = None if found is None else found.password_hash
    right = passwords.verified(known, password)
    with database.writing() as session:
        user = None if found is None else session.get(User, found.id)
        if user is not None and right and user.disabled_at is None and user.password_hash == known:
            auth.limits.forget_login(typed)
            if known is not None and passwords.outdated(known):
                user.password_hash = passwords.rehashed(password)
            return _begin_session(session, auth, user, visit)
        # The name may be a mistyped password: only existing names are logged.
        who = None if user is None else user.id
        activity.note(session, "login.failed", user_id=who, request_id=visit.request_id, address=visit.address)
    raise NotLoggedIn(WRONG)


def log_in_by_provider(
    auth: Auth,
    provider: Provider,
    database: Database,
    begun: Mapping[str, str] | None,
    query: Mapping[str, str],
    visit: Visit,
) -> str:
    """Sign in a user through the provider, creating the account if it is new; return the secret of a new session.

    Raises:
        TooMany: there were too many attempts.
        NotLoggedIn: the provider refused the sign-in, or the account is disabled.
        Forbidden: the user's e-mail address is in none of the allowed domains.
    """
    auth.limits.count_callback(visit.address)
    identity = provider.finish(begun, query)
    with database.writing() as session:
        user = users.find_subject(session, identity.issuer, identity.subject)
        if user is None:
            user = _add_user(session, auth, identity)
            activity.note(
                session, "user.create", user_id=user.id, subject=("user", user.id), request_id=visit.request_id
            )
        if user.disabled_at is None:
            return _begin_session(session, auth, user, visit)
        activity.note(session, "login.failed", user_id=user.id, request_id=visit.request_id, address=visit.address)
    raise NotLoggedIn("the account is disabled: ask an administrator of this installation")


def log_out(database: Database, secret: str, request_id: str) -> None:
    """End a session."""
    with database.writing() as session:
        user_id = credentials.end_session(session, secret)
        if user_id is not None:
            activity.note(session, "logout", user_id=user_id, request_id=request_id)


def _begin_session(session: Session, auth: Auth, user: User, visit: Visit) -> str:
    if visit.session is not None:
        credentials.end_session(session, visit.session)
    activity.note(session, "login", user_id=user.id, request_id=visit.request_id, address=visit.address)
    return credentials.begin_session(session, user, auth.settings.session_seconds, visit.agent)


def _add_user(session: Session, auth: Auth, identity: Identity) -> User:
    """Create a user from the provider's identity. Even the first one does not become an administrator."""
    name = "".join(letter for letter in identity.name if letter.isprintable())[:200]
    try:
        name = checked_name(name)
    except BadValue:
        name = "Somebody"
    role = Role(auth.settings.oidc_role)
    who: dict[str, Any] = {"name": name, "role": role, "issuer": identity.issuer, "subject": identity.subject}
    try:
        return users.add_user(session, **who, email=identity.email)
    except (BadValue, Conflict):
        # Another user has this address: they are not the same person, but the new one may still sign in.
        return users.add_user(session, **who)
