"""The pages of accounts and sharing: who opens each, and which dialogs are open there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

from playwright.sync_api import Page, expect

from tests.e2e.browsing import Visitor
from tests.e2e.explorer import READY
from tests.e2e.team import Team

Prepare = Callable[[Page], object]


def heading(page: Page) -> None:
    expect(page.get_by_role("main").get_by_role("heading").first).to_be_visible()


def share(page: Page) -> None:
    graph(page)
    page.get_by_role("button", name="Share…").click()
    dialog = page.get_by_role("dialog", name="Share this view")
    expect(dialog.get_by_role("img", name="Preview of this view")).to_be_visible()


def made_link(page: Page) -> None:
    share(page)
    page.get_by_role("button", name="Save and create link").click()
    expect(page.get_by_label("Link", exact=True)).to_be_visible()


def own_views(page: Page) -> None:
    share(page)
    page.get_by_role("tab", name="My views").click()
    page.get_by_text("Links and provenance").first.click()
    expect(page.get_by_text("neurflow trace").first).to_be_visible()


def notes(page: Page) -> None:
    graph(page)
    expect(page.locator(".notes-section .thread").first).to_be_visible()
    page.locator(".notes-section").scroll_into_view_if_needed()


def label(page: Page) -> None:
    notes(page)
    page.get_by_role("button", name="✎ Edit label").click()


def all_notes(page: Page) -> None:
    graph(page)
    if page.get_by_text("All notes").is_hidden():
        page.get_by_role("button", name="Inspector", exact=True).click()
    page.get_by_text("All notes").click()
    page.get_by_text("Without a group").click()
    expect(page.locator(".thread").first).to_be_visible()


def account(page: Page) -> None:
    heading(page)
    page.get_by_text("Add token", exact=True).click()
    page.get_by_text("Add space", exact=True).click()
    page.get_by_text("Vision lab").first.click()
    expect(page.get_by_role("table", name="Members of Vision lab")).to_be_visible()


def users(page: Page) -> None:
    expect(page.get_by_role("row", name=re.compile("^Vera"))).to_be_visible()
    page.get_by_text("New user").first.click()


def activity(page: Page) -> None:
    expect(page.get_by_role("main").get_by_role("listitem").first).to_be_visible()


def menu(page: Page) -> None:
    page.get_by_role("button", name=re.compile("your account$")).click()


def audience(page: Page) -> None:
    page.get_by_role("button", name="Menu: this circuit").click()
    page.get_by_role("menuitem", name="Visibility…").click()
    expect(page.get_by_role("dialog")).to_be_visible()


def graph(page: Page) -> None:
    expect(page.locator(READY)).to_be_visible()


PLACES: dict[str, tuple[str | None, str, Prepare]] = {
    "login": (None, "/login", heading),
    "shared": (None, "{shared}", graph),
    "shared with notes": (None, "{discussed}", notes),
    "embedded": (None, "{embed}", graph),
    "revoked": (None, "{revoked}", heading),
    "mistyped": (None, "/s/nothing", heading),
    "logout": ("ada", "/logout", heading),
    "account": ("ada", "/account", account),
    "own activity": ("ada", "/activity", activity),
    "menu": ("ada", "/", menu),
    "gallery": ("ada", "/", heading),
    "share": ("ada", "{circuit}", share),
    "link": ("ada", "{circuit}", made_link),
    "views": ("ada", "{circuit}", own_views),
    "notes": ("ada", "{group}", notes),
    "label": ("ada", "{group}", label),
    "all notes": ("ada", "{circuit}", all_notes),
    "audience": ("ada", "{circuit}", audience),
    "new circuit": ("ada", "/circuits/new?class=cat", heading),
    "viewer": ("vera", "/circuits/new", heading),
    "users": ("root", "/users", users),
    "activity": ("root", "/activity", activity),
}
"""Who, where, and which dialog. Names in braces are those of :func:`tests.e2e.furnishing.furnish`."""


def visits(users: Team, **options: Any) -> Iterator[tuple[str, Visitor, str, Prepare]]:
    """Yield each place with a user who has opened it."""
    for who in dict.fromkeys(who for who, _, _ in PLACES.values()):
        coming: AbstractContextManager[Visitor] = users.member(who, **options) if who else users.stranger(**options)
        with coming as somebody:
            somebody.expect("status of 4(04|10)")
            for name, (whose, path, prepare) in PLACES.items():
                if whose == who:
                    yield name, somebody, path, prepare
