"""Ids that stand in addresses: short, readable, and the same after export and import."""

from __future__ import annotations

import re
import secrets
import unicodedata
from typing import Final

# Crockford's: no letter that looks like a digit, none that makes a word by accident.
_ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
PATTERN: Final = r"^[a-z0-9]+(-[a-z0-9]+)*$"
"""What an id looks like."""


def slug(name: str, most: int = 32) -> str:
    """``name`` in lower-case letters, digits and hyphens, at most ``most`` of them; ``x`` where none is left.

    >>> slug("Golden retriever (dog)")
    'golden-retriever-dog'
    >>> slug("Kätzchen"), slug("猫")
    ('katzchen', 'x')
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:most].strip("-") or "x"


def new_id(name: str, length: int = 5) -> str:
    """A new id that tells what it is of, such as ``cat-7k2m9``: 33 million for each name, uniqueness is the table's."""
    return f"{slug(name)}-{''.join(secrets.choice(_ALPHABET) for _ in range(length))}"
