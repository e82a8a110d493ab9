"""The gallery: finding circuits, actions of their cards, and the empty gallery."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.browsing import Visitor, visitor
from tests.e2e.house import House


def card(page: Page, name: str) -> Locator:
    return page.get_by_role("article", name=name, exact=True)


def choose(page: Page, name: str, action: str) -> None:
    page.get_by_role("button", name=f"Menu: {name}").click()
    page.get_by_role("menuitem", name=action).click()


@pytest.fixture(scope="module")
def empty_house(built: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """An installation without circuits."""
    home = tmp_path_factory.mktemp("empty") / "home"
    home.mkdir()
    house = House(home)
    house.migrate()
    house.start()
    yield house
    house.close()


def test_an_empty_gallery_says_what_to_do(browser: Browser, empty_house: House) -> None:
    with visitor(browser, empty_house.url) as somebody:
        page = somebody.page("/")
        said = page.get_by_role("status").filter(has=page.get_by_role("heading", name="No circuits yet"))
        expect(said).to_be_visible()
        said.get_by_role("link", name="New circuit").click()
        expect(page).to_have_url(f"{empty_house.url}/circuits/new")
        # Nothing can be traced yet: the page says how to begin, with a link.
        expect(page.get_by_role("main").get_by_role("link").first).to_be_visible()
        assert somebody.unexpected() == []


def test_a_circuit_is_found_and_opened(visitor: Visitor, house: House) -> None:
    page = visitor.page("/")
    found = card(page, "cat")
    expect(found).to_contain_text("group")
    page.get_by_role("searchbox").fill("nothing of the kind")
    expect(page.get_by_role("heading", name="No circuits found")).to_be_visible()
    page.get_by_role("status").get_by_role("button", name="Clear filters").click()
    page.get_by_role("combobox", name="State").select_option("Ready")
    expect(page).to_have_url(re.compile(r"[?&]state="))
    page.reload()
    expect(page.get_by_role("combobox", name="State")).to_have_value("ready")
    found.get_by_role("link", name="cat").click()
    expect(page).to_have_url(f"{house.url}/circuits/{house.circuit()['id']}")
    page.go_back()
    expect(found).to_be_visible()


def test_every_picture_of_a_card_is_shown(page: Page, house: House) -> None:
    page.goto(house.url)
    expect(card(page, "cat").locator("img").first).to_be_attached()
    page.wait_for_function("() => [...document.images].every((image) => image.complete && image.naturalWidth > 0)")


def test_a_circuit_is_renamed_copied_as_a_link_and_deleted(page: Page, house: House) -> None:
    id = house.ask("coins")
    job = house.api.get(f"/circuits/{id}")["job"]["id"]
    house.api.post(f"/jobs/{job}/cancel")
    page.goto(house.url)
    choose(page, "coins", "Rename…")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox").fill("My <b>coins</b> & others")
    dialog.get_by_role("textbox").press("Enter")
    expect(dialog).to_have_count(0)
    renamed = card(page, "My <b>coins</b> & others")
    expect(renamed).to_contain_text("Cancelled")

    choose(page, "My <b>coins</b> & others", "Copy link")
    expect(page.get_by_text("Link copied.")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == f"{house.url}/circuits/{id}"

    choose(page, "My <b>coins</b> & others", "Delete…")
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    expect(renamed).to_be_visible()
    choose(page, "My <b>coins</b> & others", "Delete…")
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(renamed).to_have_count(0)


def test_an_invalid_file_is_refused(visitor: Visitor, house: House, tmp_path: Path) -> None:
    visitor.expect("status of 422")
    page = visitor.page("/")
    broken = tmp_path / "broken.zip"
    broken.write_bytes(b"PK\x03\x04 nothing of the kind")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Import circuit").click()
    chooser.value.set_files(broken)
    expect(page.get_by_role("status").filter(has_text="broken.zip was rejected")).to_be_visible()
    expect(card(page, "cat")).to_be_visible()


def test_the_chosen_theme_is_kept(page: Page, house: House) -> None:
    page.goto(house.url)
    switch = page.get_by_role("button", name=re.compile("^Theme:"))
    seen: list[Any] = []
    for _ in range(3):
        switch.click()
        seen.append(page.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert len(set(seen)) == 2
    switch.click()
    switch.click()
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
