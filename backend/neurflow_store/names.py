"""Checks for names and texts that users write: bounded in length, printable characters only."""

from __future__ import annotations

import unicodedata
from typing import Final

from neurflow_store.errors import BadValue

MOST: Final = 200
"""Maximum number of characters in a name."""
DESCRIPTION: Final = 2_000
"""Maximum number of characters in a description."""
NOTE: Final = 10_000
"""Maximum number of characters in a note."""
_SPACES: Final = ("\n", "\t")


def checked_name(name: str) -> str:
    """Return ``name`` without surrounding white space.

    Raises:
        BadValue: it is empty, longer than :data:`MOST`, or contains characters that cannot be shown.

    >>> checked_name("  Cats, once more ")
    'Cats, once more'
    """
    plain = name.strip()
    if not plain:
        raise BadValue("the name is empty: enter at least one letter")
    if len(plain) > MOST:
        raise BadValue(f"the name has {len(plain)} characters: use at most {MOST}")
    hidden = next((letter for letter in plain if unicodedata.category(letter) in ("Cc", "Cs")), None)
    if hidden is not None:
        raise BadValue(f"the name contains the character {hidden!r}: remove it")
    return plain


def checked_text(text: str, most: int, what: str) -> str:
    r"""Return ``text`` without surrounding white space and with ``\n`` line ends.

    Raises:
        BadValue: it is longer than ``most``, or contains characters that cannot be shown.

    >>> checked_text(" one\r\ntwo ", 20, "note")
    'one\ntwo'
    """
    plain = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if len(plain) > most:
        raise BadValue(f"the {what} has {len(plain):,} characters: use at most {most:,}")
    hidden = next(
        (letter for letter in plain if letter not in _SPACES and unicodedata.category(letter) in ("Cc", "Cs")), None
    )
    if hidden is not None:
        raise BadValue(f"the {what} contains the character {hidden!r}: remove it")
    return plain
