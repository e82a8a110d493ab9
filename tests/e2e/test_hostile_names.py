"""Names, notes and descriptions that contain scripts stay text everywhere they are shown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.browsing import Visitor
from tests.e2e.explorer import READY, query
from tests.e2e.sharing import Discussed
from tests.e2e.team import Team

RUN = "window.__ran=1"
IMAGE = f'<img src=x onerror="{RUN}">'
NAME = f'"><svg onload="{RUN}">{IMAGE}</title>'
MARKDOWN = f"""**bold** {IMAGE} <script>{RUN}</script>

[a](javascript:{RUN}) [b](data:text/html,<script>{RUN}</script>) ![c](x "onerror={RUN}") <javascript:{RUN}>

[d](https://example.org/a_(b) "t<b onclick={RUN}>") <iframe srcdoc="<script>{RUN}</script>"></iframe>

`{IMAGE}`
"""


@pytest.fixture(scope="module")
def circuit(users: Team) -> Any:
    """Ada's, named like a script."""
    found = users.house.circuit()
    users.api("ada").call("PATCH", f"/api/v1/circuits/{found['id']}", {"name": NAME})
    return found | {"name": NAME}


@pytest.fixture
def watched(ada: Visitor, ben: Visitor, guest: Visitor) -> Iterator[None]:
    """Check that no script ran on any of their pages, and that no markup came from what was written."""
    yield
    for visitor in (ada, ben, guest):
        for page in visitor.context.pages:
            assert page.evaluate("() => window.__ran") is None, page.url
            assert page.locator("[onerror], [onload], main script, iframe[srcdoc], [href^='javascript:']").count() == 0


@pytest.mark.usefixtures("watched")
def test_scripts_in_text_of_users_are_shown_and_never_run(
    users: Team, ada: Visitor, ben: Visitor, guest: Visitor, circuit: Any
) -> None:
    group = next(group["id"] for group in circuit["groups"] if group["layer"] == circuit["layers"][1]["name"])
    bens = Discussed(ben, circuit, group)
    adas = Discussed(ada, circuit, group)
    expect(adas.page.get_by_role("heading", level=1)).to_have_text(NAME)
    adas.call(NAME, IMAGE)
    adas.write(MARKDOWN)
    expect(bens.title).to_have_text(NAME)
    expect(bens.inspector).to_contain_text(IMAGE)
    shown = bens.thread("bold").locator(".note-body").first
    expect_harmless(shown)
    # In the list of all notes, in the table, in the graph's description, and in the history.
    bens.page.get_by_text("History", exact=True).click()
    expect(bens.inspector.locator(".label-past")).to_contain_text(NAME)
    table = ben.page(f"/circuits/{circuit['id']}{query(show='table')}")
    expect(table.get_by_role("region", name="Circuit as a table")).to_contain_text(NAME)
    link = adas.share(NAME, comment=True)
    adas.button("Share…").click()
    dialog = adas.page.get_by_role("dialog", name="Share this view")
    dialog.get_by_role("tab", name="My views").click()
    expect(dialog.get_by_role("link", name=NAME)).to_be_visible()

    guests = Discussed(guest, circuit, group, link)
    expect(guests.page.get_by_role("heading", level=1)).to_have_text(NAME)
    expect(guests.page).to_have_title(f"{NAME} · NeurFlow Explorer")
    expect_harmless(guests.thread("bold").locator(".note-body").first)
    guests.answer("bold", MARKDOWN)
    expect_harmless(adas.thread("bold").locator(".note-body").nth(1))
    embedded = guest.page(link.replace("/s/", "/embed/"))
    expect(embedded.locator(READY)).to_be_visible()
    gallery = ben.page("/")
    expect(gallery.get_by_role("article", name=NAME)).to_be_visible()
    log = ada.page("/activity")
    expect(log.get_by_role("main").get_by_role("listitem").first).to_be_visible()


def expect_harmless(note: Locator) -> None:
    """Check that emphasis is rendered, markup is text, and links lead to the web or nowhere."""
    expect(note.locator("strong")).to_have_text("bold")
    expect(note.locator("code")).to_have_text(IMAGE)
    expect(note).to_contain_text(f"<script>{RUN}</script>")
    assert hrefs(note.page, note) == ["https://example.org/a_(b)"]
    assert note.locator("img, script, iframe, svg, [style]").count() == 0


def hrefs(page: Page, note: Locator) -> list[str]:
    found: list[str] = note.locator("a").evaluate_all("(all) => all.map((link) => link.getAttribute('href'))")
    return found
