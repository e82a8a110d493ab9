"""Runs axe-core on a page: which of its rules are seriously broken, and where."""

from __future__ import annotations

from functools import cache

from playwright.sync_api import Page

from tests.e2e.building import AXE

_GRAVE = ("serious", "critical")
_RUN = """async () => (await axe.run(document, {resultTypes: ["violations"]})).violations.map((found) => ({
    id: found.id, impact: found.impact, help: found.help,
    nodes: found.nodes.map((node) => node.target.join(" ") + ": " + node.any.concat(node.all, node.none)
        .map((check) => check.message).join("; ") + " | " + node.html.slice(0, 200)),
}))"""


def grave_violations(page: Page) -> list[str]:
    """Return a line for each element that seriously breaks a rule."""
    page.evaluate(_source())
    return [
        f"{page.url} {found['id']} ({found['impact']}): {found['help']}: {node}"
        for found in page.evaluate(_RUN)
        if found["impact"] in _GRAVE
        for node in found["nodes"]
    ]


@cache
def _source() -> str:
    # Run by the debugger, so that the page's policy, which forbids foreign scripts, stays as it is.
    return AXE.read_text("utf-8")
