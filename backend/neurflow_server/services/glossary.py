"""The glossary as a page: each term of ``glossary.md`` under its own anchor, so that other pages can link to it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from neurflow_server.services.markdown import html_of

SOURCE: Final = Path(__file__).parents[1] / "glossary.md"
_WRAPPED: Final = re.compile(r"(?<!\n)\n(?![\n|*-])")
"""Line ends within a paragraph: notes keep theirs, text that is wrapped in a file does not."""
_TERM: Final = re.compile(r"^### (.+)\n\n((?:(?!### ).*\n?)*)", re.MULTILINE)


@dataclass(frozen=True)
class Term:
    """One entry.

    Attributes:
        anchor: the part of the address after ``#``, as GitHub makes it from the heading.
        name: the heading.
        html: the definition, sanitised.
    """

    anchor: str
    name: str
    html: str


@cache
def terms() -> Sequence[Term]:
    """All entries in the order of the file, which is alphabetical."""
    return [
        Term(anchor_of(name), name, html_of(_WRAPPED.sub(" ", text)))
        for name, text in _TERM.findall(SOURCE.read_text("utf-8"))
    ]


def anchor_of(name: str) -> str:
    """The anchor of a heading.

    >>> anchor_of("τ (tau)"), anchor_of("Logit drop")
    ('τ-tau', 'logit-drop')
    """
    return re.sub(r"[^\w\- ]", "", name.lower()).replace(" ", "-")
