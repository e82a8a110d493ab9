"""Names that people give, and texts that they write about groups and views: bounded, and all of it can be shown."""

from __future__ import annotations

import unicodedata
from typing import Final

from neurflow_store.errors import BadValue

MOST: Final = 200
"""Characters in a name."""
DESCRIPTION: Final = 2_000
"""Most characters of a description."""
NOTE: Final = 10_000
"""Most characters of a note."""
_SPACES: Final = ("\n", "\t")


def checked_name(name: str) -> str:
    """``name`` without the space around it.

    Raises:
        BadValue: it is empty, longer than :data:`MOST`, or holds characters that cannot be shown.

    >>> checked_name("  Cats, once more ")
    'Cats, once more'
    """
    plain = name.strip()
    if not plain:
        raise BadValue("the name is empty: give at least one letter")
    if len(plain) > MOST:
        raise BadValue(f"the name has {len(plain)} characters: give at most {MOST}")
    hidden = next((letter for letter in plain if unicodedata.category(letter) in ("Cc", "Cs")), None)
    if hidden is not None:
        raise BadValue(f"the name holds the character {hidden!r}: leave it out")
    return plain


def checked_text(text: str, most: int, what: str) -> str:
    r"""``text`` without the space around it, its lines ended in one way.

    Raises:
        BadValue: it is longer than ``most``, or holds characters that cannot be shown.

    >>> checked_text(" one\r\ntwo ", 20, "note")
    'one\ntwo'
    """
    plain = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if len(plain) > most:
        raise BadValue(f"the {what} has {len(plain):,} characters: write at most {most:,}")
    hidden = next(
        (letter for letter in plain if letter not in _SPACES and unicodedata.category(letter) in ("Cc", "Cs")), None
    )
    if hidden is not None:
        raise BadValue(f"the {what} holds the character {hidden!r}: leave it out")
    return plain
