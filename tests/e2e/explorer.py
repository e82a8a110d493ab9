"""The explorer for tests: the graph on a canvas, the bars, the inspector, and the address."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

from playwright.sync_api import FloatRect, Locator, expect

from tests.e2e.browsing import Visitor

ROWS = ".graph-name"
"""The names of the layers beside the graph."""
READY = f"{ROWS} >> nth=0"
"""Present once the graph is drawn."""
_DOUBLE_CLICK_MS = 400
_STEP = 14
"""Pixels between the points that are tried when something to click is searched."""


class Explorer:
    """A circuit, opened on a page of ``visitor``: its own page, or another that shows it at ``path``."""

    def __init__(self, visitor: Visitor, circuit: Any, query: str = "", path: str | None = None) -> None:
        self.circuit, self.visitor = circuit, visitor
        self.page = visitor.page(f"{path or '/circuits/' + str(circuit['id'])}{query}")
        self.graph = self.page.get_by_role("group", name=re.compile("^Graph of the circuit"))
        self.table = self.page.get_by_role("region", name="Circuit as a table")
        self.inspector = self.page.get_by_role("region", name="Inspector", exact=True)
        self.counts = self.page.get_by_role("status").filter(has_text=re.compile(r"^[\d,]+ .*groups · .*edges"))
        self.settle()

    def settle(self) -> None:
        """Wait until the graph is drawn."""
        expect(self.counts).to_contain_text("groups")
        expect(self.graph.or_(self.table)).to_be_visible()
        if self.graph.is_visible():
            expect(self.page.locator(READY)).to_be_visible()

    def state(self, name: str) -> list[str]:
        """Return the values of ``name`` in the address."""
        return parse_qs(urlsplit(self.page.url).query).get(name, [])

    def expect_state(self, name: str, *values: str) -> None:
        """Wait until the address has exactly these values."""
        self.page.wait_for_function(
            "([name, values]) => JSON.stringify(new URLSearchParams(location.search).getAll(name)) === values",
            arg=[name, _json(values)],
        )

    def button(self, name: str) -> Locator:
        """Return a button of the bar above the circuit."""
        return self.page.get_by_role("toolbar").get_by_role("button", name=name, exact=True)

    def choose(self, layer: int, shift: bool = False, row: int | None = None) -> str:
        """Click the leftmost group of a layer, 0 the lowest, in row ``row`` if others are hidden; return its id."""
        for x, y in self.points(layer if row is None else row):
            if shift:
                self.page.keyboard.down("Shift")
            self.page.mouse.click(x, y)
            if shift:
                self.page.keyboard.up("Shift")
            # Two quick clicks would be a double click, and the address follows a frame later.
            self.page.wait_for_timeout(_DOUBLE_CLICK_MS)
            if (found := self.state("select")) and found[0] in self.of_layer(layer):
                return found[0]
        raise AssertionError(f"there is nothing to click in layer {layer}")

    def points(self, layer: int) -> Iterable[tuple[float, float]]:
        """Return points of a layer's row that are on something, from the left."""
        box = self.box()
        band = self.page.locator(".graph-band").all()[self._from_top(layer)].bounding_box()
        assert band is not None
        y = (max(band["y"], box["y"]) + min(band["y"] + band["height"], box["y"] + box["height"])) / 2
        for step in range(1, int(box["width"]) // _STEP):
            x = box["x"] + step * _STEP
            self.page.mouse.move(x, y)
            if self.graph.evaluate("(element) => element.classList.contains('over')"):
                yield x, y

    def box(self) -> FloatRect:
        """Return the position of the graph on the page."""
        box = self.graph.bounding_box()
        assert box is not None
        return box

    def selected(self) -> str:
        """Return the only selected thing, by the address."""
        (found,) = self.state("select")
        return found

    def of_layer(self, layer: int) -> list[str]:
        """Return the ids of a layer's groups."""
        name = self.circuit["layers"][layer]["name"]
        return [group["id"] for group in self.circuit["groups"] if group["layer"] == name]

    def shown(self) -> tuple[int, int]:
        """Return the numbers of visible groups and edges, as the page says."""
        groups, edges = re.findall(r"([\d,]+)(?: of [\d,]+)? (?:groups|edges)", self.counts.inner_text())[:2]
        return int(groups.replace(",", "")), int(edges.replace(",", ""))

    def _from_top(self, layer: int) -> int:
        bands = self.page.locator(".graph-band").count()
        tops = self.page.locator(".graph-band").evaluate_all("(all) => all.map((one) => one.getBoundingClientRect().y)")
        return sorted(range(bands), key=lambda at: -float(tops[at]))[layer]


def query(**values: str | Iterable[str]) -> str:
    """Return the query of an address with ``values``."""
    parts = ["v=1"]
    for name, value in values.items():
        parts += [f"{name}={quote(one, safe='/,:')}" for one in ([value] if isinstance(value, str) else value)]
    return f"?{'&'.join(parts)}"


def _json(values: Iterable[str]) -> str:
    return "[" + ",".join(f'"{value}"' for value in values) + "]"
