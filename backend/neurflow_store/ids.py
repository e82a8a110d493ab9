"""Ids for use in addresses: short, readable, and unchanged by export and import."""

from __future__ import annotations

import re
import secrets
import unicodedata
from typing import Final

# Crockford's base 32: no letters that look like digits, and no words by accident.
_ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
PATTERN: Final = r"^[a-z0-9]+(-[a-z0-9]+)*$"
"""Pattern of a valid id."""


def slug(name: str, most: int = 32) -> str:
    """Return ``name`` as at most ``most`` lower-case letters, digits and hyphens; ``x`` if none are left.

    >>> slug("Golden retriever (dog)")
    'golden-retriever-dog'
    >>> slug("Kätzchen"), slug("猫")
    ('katzchen', 'x')
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:most].strip("-") or "x"


def new_id(name: str, length: int = 5) -> str:
    """Return a new readable id, such as ``cat-7k2m9``: 33 million for each name. The table ensures uniqueness."""
    return f"{slug(name)}-{''.join(secrets.choice(_ALPHABET) for _ in range(length))}"
