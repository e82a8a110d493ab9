"""Texts that users may write, and texts that are refused."""

from __future__ import annotations

import json
from typing import Any

HOSTILE = (
    "<script>alert(1)</script>",
    '"; DROP TABLE circuits; --',
    "%s %(x)s {0} ${x} `x`",
    "../../etc/passwd",
    "=HYPERLINK(1)",
    "Kätzchen 猫 🐈‍⬛",
    "\u202eevil\u202c",
    "a" * 200,
)
"""Names that are returned unchanged."""

NOT_A_NAME = ("", "   ", "a" * 201, "two\nlines", "nul\0", "bell\x07", "\x85", "half \ud800 a pair")
"""Refused as names."""


def escaped(body: object) -> dict[str, Any]:
    """Return a request's body, written so that it can hold half a surrogate pair."""
    return {"content": json.dumps(body).encode(), "headers": {"content-type": "application/json"}}
