"""Passwords of local accounts: hashed with argon2id, at the strength that RFC 9106 recommends where memory is short."""

from __future__ import annotations

import secrets
from functools import cache
from typing import TYPE_CHECKING, Final

from neurflow_store.errors import BadValue

if TYPE_CHECKING:
    from argon2 import PasswordHasher

LEAST: Final = 10
MOST: Final = 200
"""Characters in a password."""


def hashed(password: str, *known: str) -> str:
    """The hash of a password.

    Args:
        password: as it was chosen.
        known: what others know of the person, such as their login: a password that is one of these is none.

    Raises:
        BadValue: it is too short, too long, or easily guessed.
    """
    if not LEAST <= len(password) <= MOST:
        raise BadValue(f"the password has {len(password)} characters: choose {LEAST} to {MOST}")
    if len(set(password)) < 4 or password.casefold() in {word.casefold() for word in known}:
        raise BadValue("the password is easily guessed: choose several words that have nothing to do with you")
    return _hasher().hash(password)


def generated() -> str:
    """A password to be handed over: 120 random bits."""
    return secrets.token_urlsafe(15)


def verified(password_hash: str | None, password: str) -> bool:
    """Whether it is the password. Takes as long where there is no such account, so that nobody learns that."""
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        _hasher().verify(password_hash or _nobodys(), password[: MOST + 1])
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


def outdated(password_hash: str) -> bool:
    """Whether a hash is weaker than new ones, and should be made again at the next login."""
    return _hasher().check_needs_rehash(password_hash)


@cache
def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher
    from argon2.profiles import RFC_9106_LOW_MEMORY

    return PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)


@cache
def _nobodys() -> str:
    return _hasher().hash(secrets.token_urlsafe(32))
