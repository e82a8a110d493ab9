"""Runs axe-core on a page: which of its rules are seriously broken, and where."""

from __future__ import annotations

from functools import cache

from playwright.sync_api import Page, expect

from tests.e2e.building import AXE

_GRAVE = ("serious", "critical")
_RUN = """async (rules) => (await axe.run({resultTypes: ["violations"], ...rules})).violations.map((found) => ({
    id: found.id, impact: found.impact, help: found.help,
    nodes: found.nodes.map((node) => node.target.join(" ") + ": " + node.any.concat(node.all, node.none)
        .map((check) => check.message).join("; ") + " | " + node.html.slice(0, 200)),
}))"""


_COLOURS = {"runOnly": ["color-contrast", "link-in-text-block"]}
"""The rules that depend on colours."""


def serious_violations(page: Page) -> list[str]:
    """Return a line for each element that seriously breaks a rule."""
    page.evaluate(_source())
    return _violations(page, {})


def serious_violations_light_and_dark(page: Page) -> list[str]:
    """As :func:`serious_violations`, for a light page; then the rules about colours again when it has turned dark."""
    found = serious_violations(page)
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    dark = [f"dark: {line}" for line in _violations(page, _COLOURS)]
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    return found + dark


def _violations(page: Page, options: dict[str, list[str]]) -> list[str]:
    return [
        f"{page.url} {found['id']} ({found['impact']}): {found['help']}: {node}"
        for found in page.evaluate(_RUN, options)
        if found["impact"] in _GRAVE
        for node in found["nodes"]
    ]


@cache
def _source() -> str:
    # Run by the debugger, so that the page's policy, which forbids foreign scripts, stays as it is.
    return AXE.read_text("utf-8")
