"""Show and change users and their tokens."""

from __future__ import annotations

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from neurflow_server.auth import passwords
from neurflow_server.auth.requester import Requester
from neurflow_server.schemas.fields import Page
from neurflow_server.schemas.users import (
    NewToken,
    PasswordChange,
    TokenIn,
    TokenOut,
    UserChange,
    UserIn,
    UserOut,
    UserPassword,
)
from neurflow_store.errors import BadValue, Conflict
from neurflow_store.repositories.paging import Order, read_page
from neurflow_store.tables import User
from neurflow_store.users import activity, credentials, users

_OLDEST = Order("oldest", (User.created_at, User.id))


def page(session: Session, cursor: str | None, limit: int) -> Page[UserOut]:
    """Return a page of all users, oldest first."""
    everybody: Select[tuple[User]] = select(User)
    rows = read_page(session, everybody, _OLDEST, cursor, limit)
    return Page[UserOut](items=[shown(user) for user in rows.items], next=rows.next)


def add(session: Session, by: Requester, wanted: UserIn, request_id: str | None) -> UserPassword:
    """Create a local account, with a generated password unless one was given."""
    made = None if wanted.password is not None else passwords.generated()
    user = users.add_user(
        session,
        name=wanted.name or wanted.login,
        login=wanted.login,
        email=wanted.email,
        role=wanted.role,
        password_hash=passwords.hashed(wanted.password or made or "", wanted.login, wanted.email or ""),
    )
    _note(session, by, "user.create", user, request_id, role=user.role)
    return UserPassword(user=shown(user), password=made)


def change(session: Session, by: Requester, user_id: str, wanted: UserChange, request_id: str | None) -> UserOut:
    """Change a user's role, or disable or enable them."""
    user = users.require(session, user_id)
    if wanted.role is not None:
        user = users.change_role(session, user_id, wanted.role)
        _note(session, by, "user.role", user, request_id, role=wanted.role)
    if wanted.disabled is not None:
        user = users.set_disabled(session, user_id, wanted.disabled)
        _note(session, by, "user.disable" if wanted.disabled else "user.enable", user, request_id)
    return shown(user)


def reset(session: Session, by: Requester, user_id: str, request_id: str | None) -> UserPassword:
    """Reset the password of a local account, which ends its sessions and revokes its tokens."""
    made = passwords.generated()
    user = users.set_password(session, user_id, passwords.hashed(made))
    credentials.revoke_tokens(session, user_id)
    _note(session, by, "user.reset", user, request_id)
    return UserPassword(user=shown(user), password=made)


def change_password(session: Session, requester: Requester, wanted: PasswordChange, request_id: str) -> None:
    """Change one's own password, which ends all other sessions, and all tokens if that is wanted.

    Raises:
        Conflict: the user has no password here.
        BadValue: the current password is wrong, or the new one is invalid.
    """
    user = users.require(session, own_id(requester))
    if user.password_hash is None:
        raise Conflict("you sign in through an OpenID Connect provider: change the password there")
    if not passwords.verified(user.password_hash, wanted.current):
        raise BadValue("current is not your current password: enter it again")
    made = passwords.hashed(wanted.new, user.login or "", user.email or "", user.name)
    users.set_password(session, user.id, made, keep=requester.session)
    if wanted.revoke_tokens:
        _revoke(session, requester, user.id, None, request_id)
    _note(session, requester, "user.password", user, request_id)


def tokens(session: Session, requester: Requester, cursor: str | None, limit: int) -> Page[TokenOut]:
    """Return a page of one's own tokens."""
    return Page[TokenOut].model_validate(credentials.tokens(session, own_id(requester), cursor, limit))


def make_token(session: Session, requester: Requester, wanted: TokenIn, request_id: str) -> NewToken:
    """Create a token of one's own.

    Raises:
        BadValue: it would allow more than its owner's role.
    """
    if wanted.scope.role.rank > requester.role.rank:
        raise BadValue(f"scope is {wanted.scope}, but your role is {requester.role}: choose a scope that it includes")
    row, text = credentials.make_token(session, own_id(requester), wanted.name, wanted.scope, wanted.days)
    subject = "token", row.id
    activity.note(
        session, "token.create", user_id=requester.id, subject=subject, request_id=request_id, scope=row.scope
    )
    return NewToken(**TokenOut.model_validate(row).model_dump(), token=text)


def revoke_token(session: Session, requester: Requester, token_id: str, request_id: str) -> None:
    """Revoke a token of one's own."""
    _revoke(session, requester, own_id(requester), token_id, request_id)


def tokens_of(session: Session, user_id: str, cursor: str | None, limit: int) -> Page[TokenOut]:
    """Return a page of a user's tokens, for administrators.

    Raises:
        NotFound: the user does not exist.
    """
    users.require(session, user_id)
    return Page[TokenOut].model_validate(credentials.tokens(session, user_id, cursor, limit))


def revoke_tokens_of(
    session: Session, by: Requester, user_id: str, token_id: str | None, request_id: str | None
) -> None:
    """Revoke a token of any user, or all of them, for administrators.

    Raises:
        NotFound: the user does not exist, or has no such token.
    """
    users.require(session, user_id)
    _revoke(session, by, user_id, token_id, request_id)


def own_id(requester: Requester) -> str:
    """Return the user's id.

    Raises:
        Conflict: there are no accounts.
    """
    if requester.id is None:
        raise Conflict("this installation has no accounts: set NEURFLOW_AUTH=accounts, and add users")
    return requester.id


def shown(user: User) -> UserOut:
    """Return a user as others see them."""
    return UserOut(
        id=user.id,
        name=user.name,
        login=user.login,
        email=user.email,
        role=user.role,
        by_provider=user.issuer is not None,
        disabled=user.disabled_at is not None,
        created_at=user.created_at,
        last_seen_at=user.last_seen_at,
    )


def _revoke(session: Session, by: Requester, user_id: str, token_id: str | None, request_id: str | None) -> None:
    detail = {} if by.id == user_id else {"user": user_id}
    for id in credentials.revoke_tokens(session, user_id, token_id):
        subject = "token", id
        activity.note(session, "token.revoke", user_id=by.id, subject=subject, request_id=request_id, **detail)


def _note(session: Session, by: Requester, action: str, user: User, request_id: str | None, **detail: str) -> None:
    activity.note(session, action, user_id=by.id, subject=("user", user.id), request_id=request_id, **detail)
