"""The address holds the whole state: reload, back, a link in another browser; and addresses of missing things."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.browsing import Visitor
from tests.e2e.browsing import visitor as somebody
from tests.e2e.explorer import Explorer, query
from tests.e2e.house import House


@pytest.fixture(scope="module")
def circuit(house: House) -> Any:
    """The circuit that is already computed."""
    return house.circuit()


def a_full_view(circuit: Any) -> str:
    """An address with many selections."""
    layer = circuit["layers"][1]["name"]
    one, two, three = [group["id"] for group in circuit["groups"] if group["layer"] == layer][:3]
    return query(
        select=three,
        expand=three,
        merge=f"{one},{two}",
        weight="5",
        search="layer",
        move=f"40,-30,{three}",
        inspector="500",
    )


def test_reload_and_back_restore_the_view(visitor: Visitor, circuit: Any) -> None:
    opened = Explorer(visitor, circuit, a_full_view(circuit))
    expect(opened.button("Collapse")).to_be_enabled()  # the expanded group's edges have come
    address, shown = opened.page.url, opened.shown()
    opened.page.reload()
    opened.settle()
    expect(opened.button("Collapse")).to_be_enabled()
    assert (opened.page.url, opened.shown()) == (address, shown)
    opened.button("Table").click()
    opened.expect_state("show", "table")
    opened.page.go_back()
    opened.expect_state("show")
    assert opened.page.url == address
    opened.page.goto(visitor.url)
    opened.page.go_back()
    opened.settle()
    assert opened.page.url == address


def test_a_copied_link_shows_a_colleague_the_same_view(
    visitor: Visitor, browser: Browser, house: House, circuit: Any
) -> None:
    mine = Explorer(visitor, circuit, a_full_view(circuit))
    expect(mine.button("Collapse")).to_be_enabled()
    mine.button("Copy link").click()
    expect(mine.page.get_by_text("copied", exact=False).first).to_be_visible()
    link = mine.page.evaluate("navigator.clipboard.readText()")
    with somebody(browser, house.url) as colleague:
        theirs = Explorer(colleague, circuit, link.partition("?")[2] and "?" + link.partition("?")[2])
        expect(theirs.button("Collapse")).to_be_enabled()
        assert theirs.page.url == link
        assert theirs.shown() == mine.shown()
        expect(theirs.inspector.get_by_role("heading").first).to_have_text(
            mine.inspector.get_by_role("heading").first.inner_text()
        )
        assert same_picture(mine, theirs)
        assert colleague.unexpected() == []


def same_picture(mine: Explorer, theirs: Explorer) -> bool:
    """Return whether two browsers lay out the graph at the same places."""
    bands = "(all) => all.map((one) => Math.round(one.getBoundingClientRect().y))"
    return bool(
        mine.page.locator(".graph-band").evaluate_all(bands) == theirs.page.locator(".graph-band").evaluate_all(bands)
    )


def test_an_address_of_another_version_is_reported_and_shows_the_circuit(visitor: Visitor, circuit: Any) -> None:
    opened = Explorer(visitor, circuit, "?v=99&select=nothing&zoom=3")
    expect(
        opened.page.get_by_role("status").filter(has_text=re.compile("version|link", re.IGNORECASE)).first
    ).to_be_visible()
    assert opened.shown()[0] == len(circuit["groups"])


def test_an_address_of_missing_things_says_so(visitor: Visitor, circuit: Any) -> None:
    opened = Explorer(visitor, circuit, query(select="nowhere/7", expand="nowhere/7", hide="nothing"))
    expect(opened.page.get_by_role("status").filter(has_text="nowhere/7").first).to_be_visible()
    assert opened.shown()[0] == len(circuit["groups"])
    opened.expect_state("select")


@pytest.mark.parametrize(
    "text", ["?influence=abc&weight=-5&move=x,y&around=sideways:x&show=film", "?select=%00&merge=,,,"]
)
def test_an_invalid_address_shows_the_circuit(visitor: Visitor, circuit: Any, text: str) -> None:
    opened = Explorer(visitor, circuit, text)
    assert opened.shown()[0] == len(circuit["groups"])
