"""Passwords of local accounts, hashed with argon2id as RFC 9106 recommends for limited memory.

New passwords are estimated with zxcvbn, which knows the commonest passwords, names, words, dates and keyboard patterns.
Those that were set before still sign in.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Final

from neurflow_store.errors import BadValue

if TYPE_CHECKING:
    from argon2 import PasswordHasher

LEAST: Final = 12
MOST: Final = 200
"""Minimum and maximum number of characters."""
_SCORE: Final = 3
"""Of 0 to 4: more than 10⁸ guesses."""
_ESTIMATED: Final = 72
"""Number of characters that are estimated: the time grows with their square."""


def hashed(password: str, *known: str) -> str:
    """Return the hash of a password.

    Args:
        password: the new password.
        known: what others know of the user, such as the login: a password must not equal any of these.

    Raises:
        BadValue: it is too short, too long, or easy to guess.
    """
    if not LEAST <= len(password) <= MOST:
        raise BadValue(f"the password has {len(password)} characters: use {LEAST} to {MOST}")
    if password.casefold() in {word.casefold() for word in known}:
        raise BadValue("the password is your login, your e-mail address or your name: choose another one")
    if _score(password, known) < _SCORE:
        raise BadValue("the password is easy to guess: use several words that have nothing to do with you")
    return _hasher().hash(password)


def rehashed(password: str) -> str:
    """Return the hash of a password that just signed its user in, however it was chosen."""
    return _hasher().hash(password)


def generated() -> str:
    """Return a generated password with 120 random bits."""
    return secrets.token_urlsafe(15)


def verified(password_hash: str | None, password: str) -> bool:
    """Check a password. Takes as long if the account does not exist, so that the time reveals nothing."""
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        _hasher().verify(password_hash or _dummy_hash(), password[: MOST + 1])
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


def outdated(password_hash: str) -> bool:
    """Return whether a hash is weaker than new ones, and should be replaced at the next sign-in."""
    return _hasher().check_needs_rehash(password_hash)


def _score(password: str, known: Sequence[str]) -> int:
    from zxcvbn_rs_py import zxcvbn

    return int(zxcvbn(password[:_ESTIMATED], [word for word in known if word]).score)


@cache
def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher
    from argon2.profiles import RFC_9106_LOW_MEMORY

    return PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)


@cache
def _dummy_hash() -> str:
    return _hasher().hash(secrets.token_urlsafe(32))
