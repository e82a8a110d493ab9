"""Names that people give to circuits, networks and data sets."""

from __future__ import annotations

import unicodedata
from typing import Final

from neurflow_store.errors import BadValue

MOST: Final = 200
"""Characters in a name."""


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
