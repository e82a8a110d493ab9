"""axe finds nothing serious on any page, light and dark, with panels, tables and dialogs open."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.axe import serious_violations, serious_violations_light_and_dark
from tests.e2e.browsing import visitor
from tests.e2e.explorer import READY, query
from tests.e2e.house import House
from tests.e2e.lens import LOOKING_MS, as_file, photograph

Prepare = Callable[[Page], object]


def graph(page: Page) -> None:
    expect(page.locator(READY)).to_be_visible()


def keys(page: Page) -> None:
    graph(page)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()


def legend(page: Page) -> None:
    graph(page)
    page.get_by_role("toolbar").get_by_role("button", name="Legend").click()


def exemplar(page: Page) -> None:
    page.get_by_role("button", name=re.compile("^Exemplar 1 ")).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Overlay").click()
    expect(dialog).to_be_visible()


def inspector(page: Page) -> None:
    graph(page)
    expect(page.get_by_role("button", name=re.compile("^Exemplar ")).first).to_be_visible()


def edge(page: Page) -> None:
    graph(page)
    expect(page.get_by_role("region", name="Inspector", exact=True)).to_contain_text("Patches with the largest share")


def table(page: Page) -> None:
    expect(page.get_by_role("region", name="Circuit as a table")).to_be_visible()


def card(page: Page) -> None:
    expect(page.get_by_role("article").first).to_be_visible()


def nothing(page: Page) -> None:
    expect(page.get_by_text("No circuits found")).to_be_visible()


def menu(page: Page) -> None:
    page.get_by_role("article").first.get_by_role("button", name=re.compile("^Menu:")).click()
    expect(page.get_by_role("menu").first).to_be_visible()


def new_circuit(page: Page) -> None:
    expect(page.get_by_role("button", name="Compute circuit")).to_be_enabled()
    expect(page.get_by_role("main").get_by_role("img").first).to_be_visible()
    page.get_by_text("More", exact=True).first.click()


def forms(page: Page) -> None:
    page.get_by_text(re.compile("^New (network|data set)$")).first.click()
    expect(page.get_by_role("form").first).to_be_visible()


def part(page: Page) -> None:
    expect(page.get_by_role("region", name="Classes")).to_be_visible()


def lens_start(page: Page) -> None:
    graph(page)
    expect(page.get_by_role("button", name="Choose an image")).to_be_visible()


def lens(page: Page) -> None:
    graph(page)
    panel = page.get_by_role("tabpanel", name="Image")
    expect(panel.get_by_role("listitem").first).to_be_visible()
    for title in ("Why this class?", "What if", "Pixels"):
        panel.get_by_role("heading", name=title).click()
    expect(panel.get_by_role("checkbox").first).to_be_visible(timeout=LOOKING_MS)
    panel.get_by_role("checkbox").first.check()
    expect(panel.get_by_text(re.compile("^Without this group"))).to_be_visible(timeout=LOOKING_MS)


def in_image(page: Page) -> None:
    graph(page)
    expect(page.get_by_role("region", name="Inspector", exact=True)).to_contain_text("In this image")


def definition(page: Page) -> None:
    graph(page)
    page.get_by_role("button", name="Percentile", exact=True).first.click()
    expect(page.get_by_role("dialog")).to_be_visible()


def explained(page: Page) -> None:
    expect(page.get_by_role("heading", name="Logit drop")).to_be_visible()


def message(page: Page) -> None:
    expect(page.get_by_role("heading", level=1)).to_be_visible()


PLACES: dict[str, tuple[str, Prepare]] = {
    "gallery": ("/", card),
    "menu of a card": ("/", menu),
    "nothing found": (
        "/?q=nothing-of-the-kind",
        nothing,
    ),
    "new circuit": ("/circuits/new?class=cat", new_circuit),
    "explorer": ("{circuit}", graph),
    "legend": ("{circuit}", legend),
    "keys": ("{circuit}", keys),
    "group": ("{circuit}{group}", inspector),
    "exemplar": ("{circuit}{group}", exemplar),
    "edge": ("{circuit}{edge}", edge),
    "expanded": ("{circuit}{expanded}", inspector),
    "merged": ("{circuit}{merged}", graph),
    "table": ("{circuit}{table}", table),
    "lens without an image": ("{circuit}{lens_start}", lens_start),
    "lens": ("{circuit}{lens}", lens),
    "group in an image": ("{circuit}{in_image}", in_image),
    "definition": ("{circuit}{lens}", definition),
    "table with an image": ("{circuit}{table_lens}", table),
    "no such circuit": ("/circuits/nothing-00000", message),
    "networks": ("/networks", forms),
    "network": ("{network}", part),
    "data sets": ("/datasets", forms),
    "glossary": ("/glossary", explained),
    "data set": ("{dataset}", part),
}


@pytest.fixture(scope="module", autouse=True)
def worker(house: House) -> Iterator[None]:
    """A worker for analyses and measurements."""
    with house.worker("--queue", "interactive"):
        yield


@pytest.fixture(scope="module")
def addresses(house: House, worker: None) -> dict[str, str]:
    """The values of the names in braces."""
    circuit: Any = house.circuit()
    analysis = house.api.analyse(circuit["id"], as_file(photograph()))["id"]
    ids = [group["id"] for group in circuit["groups"] if group["layer"] == circuit["layers"][1]["name"]]
    heavy = max(circuit["edges"], key=lambda edge: abs(edge["weight"]))
    return {
        "circuit": f"/circuits/{circuit['id']}",
        "group": query(select=ids[0]),
        "edge": query(select=f"{heavy['source']}>{heavy['target']}"),
        "expanded": query(select=ids[0], expand=ids[0]),
        "merged": query(select=f"{ids[0]}+{ids[1]}", merge=f"{ids[0]},{ids[1]}"),
        "lens_start": query(panel="image"),
        "lens": query(panel="image", analysis=analysis),
        "in_image": query(select=ids[0], analysis=analysis),
        "table_lens": query(show="table", panel="image", analysis=analysis),
        "table": query(select=ids[0], show="table"),
        "network": f"/networks/{circuit['network']['id']}",
        "dataset": f"/datasets/{circuit['dataset']['id']}",
    }


def test_no_page_has_a_serious_violation(browser: Browser, house: House, addresses: dict[str, str]) -> None:
    found: dict[str, list[str]] = {}
    with visitor(browser, house.url) as somebody:
        somebody.expect("status of 404")
        page = somebody.context.new_page()
        for name, (path, prepare) in PLACES.items():
            page.goto(house.url + path.format(**addresses))
            prepare(page)
            if violations := serious_violations_light_and_dark(page):
                found[name] = violations
        assert somebody.unexpected() == []
    assert found == {}


def test_no_narrow_page_has_a_serious_violation(browser: Browser, house: House, addresses: dict[str, str]) -> None:
    found: dict[str, list[str]] = {}
    with visitor(browser, house.url, width=360, height=740) as somebody:
        page = somebody.context.new_page()
        for name in ("gallery", "new circuit", "group", "table", "lens", "group in an image", "network", "data set"):
            path, _ = PLACES[name]
            page.goto(house.url + path.format(**addresses))
            page.wait_for_load_state("networkidle" if path.startswith("{circuit}") else "load")
            page.wait_for_timeout(300)
            if violations := serious_violations(page):
                found[name] = violations
            # Nothing is wider than the page.
            over = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            if page.evaluate(over) > 0:
                found.setdefault(name, []).append(f"{page.url} is wider than the window")
    assert found == {}
