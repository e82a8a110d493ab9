"""Terms that the pages explain are in the glossary, and their figures of a group are the engine's."""

from __future__ import annotations

import re
from pathlib import Path

from neurflow.terms.group_figures import NAMES
from neurflow_server.services import glossary

SOURCES = Path(__file__).parents[2] / "frontend" / "src"
_ANCHOR = re.compile(r'\banchor: "([^"]*)"|/glossary#([\w-]+)')
_FIGURE = re.compile(r"^  (\w+): \{$", re.MULTILINE)


def _anchors() -> set[tuple[str, str]]:
    files = [path for path in SOURCES.rglob("*.ts") if not path.name.endswith(".test.ts")]
    found = {path: _ANCHOR.findall(path.read_text("utf-8")) for path in files}
    return {(path.name, one or other) for path, anchors in found.items() for one, other in anchors}


def test_every_anchor_is_a_term_of_the_glossary() -> None:
    known = {term.anchor for term in glossary.terms()}
    used = _anchors()
    assert len(used) > 20
    assert {(name, anchor) for name, anchor in used if anchor not in known} == set()


def test_the_pages_list_the_engine_s_figures() -> None:
    text = (SOURCES / "circuit" / "group_figures.ts").read_text("utf-8")
    listed = text[text.index("GROUP_FIGURES = {") : text.index("} as const satisfies")]
    assert _FIGURE.findall(listed) == list(NAMES)
