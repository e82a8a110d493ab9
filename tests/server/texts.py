"""Texts that people may write, and those that they may not."""

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
"""Names that come back as they were."""

NOT_A_NAME = ("", "   ", "a" * 201, "two\nlines", "nul\0", "bell\x07", "\x85", "half \ud800 a pair")
"""What is refused as a name."""


def escaped(body: object) -> dict[str, Any]:
    """A request's body, written so that it can hold half a surrogate pair."""
    return {"content": json.dumps(body).encode(), "headers": {"content-type": "application/json"}}
