"""Users sign in, see what they may do, and sign out; administrators add and disable users."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browsing import Visitor
from tests.e2e.explorer import Explorer
from tests.e2e.sharing import Discussed
from tests.e2e.team import PASSWORD, Team, account_button, log_in

WRONG = "Name or password is wrong"


@pytest.fixture(scope="module")
def circuit(users: Team) -> Any:
    """Ada's, for the team."""
    return users.house.circuit()


def card(page: Page, name: str = "cat") -> Any:
    return page.get_by_role("article", name=name, exact=True)


def menu(page: Page, login: str, item: str) -> None:
    account_button(page, login).click()
    page.get_by_role("menuitem", name=item).click()


def test_signing_in_returns_to_the_requested_page_and_signing_out_ends_the_session(
    users: Team, guest: Visitor, circuit: Any
) -> None:
    guest.expect("status of 401")
    page = guest.page(f"/circuits/{circuit['id']}?v=1&influence=90")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    log_in(page, "ada", "not her password")
    expect(page.get_by_role("alert")).to_contain_text(re.compile(WRONG, re.IGNORECASE))
    log_in(page, "nobody", "no password at all")
    expect(page.get_by_role("alert")).to_contain_text(re.compile(WRONG, re.IGNORECASE))
    log_in(page, "ADA", PASSWORD % "ada")
    expect(page).to_have_url(re.compile(rf"/circuits/{circuit['id']}\?.*influence=90"))
    other = guest.page("/account")
    expect(other.get_by_role("heading", name="Account")).to_be_visible()
    other.close()
    menu(page, "ada", "Sign out")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.go_back()
    page.goto(f"{users.house.url}/account")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    # Nobody is redirected to another site.
    page.goto(f"{users.house.url}/login?next=//evil.example/x")
    log_in(page, "ada")
    expect(page).to_have_url(f"{users.house.url}/")


def test_a_viewer_is_offered_only_what_viewers_may_do(users: Team, circuit: Any) -> None:
    group = circuit["groups"][1]["id"]
    with users.member("vera") as vera:
        page = vera.page("/")
        expect(card(page)).to_be_visible()
        expect(page.get_by_role("main").get_by_role("link", name="New circuit")).to_have_count(0)
        expect(page.get_by_role("button", name="Import circuit")).to_have_count(0)
        page.goto(f"{users.house.url}/circuits/new")
        expect(page.get_by_role("main")).to_contain_text("for the role of an editor")
        vera.expect("status of 403")
        page.goto(f"{users.house.url}/users")
        expect(page.get_by_role("main")).to_contain_text("Not allowed")
        page.goto(f"{users.house.url}/networks")
        expect(page.get_by_text("New network").first).to_be_hidden()
        veras = Discussed(vera, circuit, group)
        expect(veras.page.get_by_role("button", name="Rename this circuit")).to_be_hidden()
        expect(veras.inspector.get_by_role("button", name="✎")).to_be_hidden()
        veras.page.get_by_role("button", name="Menu: this circuit").click()
        expect(veras.page.get_by_role("menuitem")).to_have_text(["Copy link"])
        veras.page.keyboard.press("Escape")
        veras.write("I only look.")
        veras.button("Share…").click()
        dialog = veras.page.get_by_role("dialog", name="Share this view")
        expect(dialog).to_contain_text("for the role of an editor")
        expect(dialog.get_by_role("button", name="Save and create link")).to_have_count(0)
        dialog.get_by_role("button", name="Save view").click()
        expect(dialog).to_contain_text("Find it under")
        dialog.get_by_role("tab", name="My views").click()
        dialog.get_by_text("Provenance").click()
        expect(dialog.get_by_text("neurflow trace")).to_be_visible()
        expect(dialog.get_by_role("button", name="Recompute and compare")).to_have_count(0)


def test_an_administrator_adds_and_disables_a_user(users: Team, guest: Visitor) -> None:
    with users.member("root") as root:
        page = root.page("/")
        menu(page, "root", "Users")
        expect(page.get_by_role("row", name=re.compile("^Vera"))).to_be_visible()
        page.get_by_text("New user").first.click()
        form = page.get_by_role("form", name="New user")
        form.get_by_role("textbox", name=re.compile("^Login")).fill("carl")
        form.get_by_role("textbox", name=re.compile("^Name")).fill("Carl <b>C.</b>")
        form.get_by_label("Role").select_option("editor")
        form.get_by_role("button", name="Add").click()
        once = page.get_by_role("group", name="Secret, shown once")
        password = once.locator(".secret").inner_text()
        expect(once).to_contain_text("Carl <b>C.</b>")
        once.get_by_role("button", name="Done").click()
        assert password not in page.content()
        page.reload()
        row = page.get_by_role("row", name=re.compile("^Carl"))
        expect(row).to_contain_text("never")
        assert password not in page.content()

        carls = guest.page("/login")
        log_in(carls, "carl", password)
        expect(card(carls)).to_be_visible()
        guest.expect("status of 401")
        row.get_by_role("button", name="Disable").click()
        page.get_by_role("dialog").get_by_role("button", name="Disable", exact=True).click()
        expect(row).to_contain_text("disabled")
    # The next request says that the user is signed out, and signing in fails.
    carls.get_by_role("combobox", name="Sort").select_option(label="Oldest first")
    expect(carls.get_by_role("dialog")).to_contain_text("Your session expired")
    carls.goto(f"{users.house.url}/")
    log_in(carls, "carl", password)
    expect(carls.get_by_role("alert")).to_contain_text(re.compile(WRONG, re.IGNORECASE))


def test_a_token_is_shown_once_and_works(users: Team, ada: Visitor) -> None:
    page = ada.page("/account")
    page.get_by_text("Add token", exact=True).click()
    form = page.get_by_role("form", name="New token")
    form.get_by_label("Name").fill("Notebook")
    form.get_by_role("button", name="Create token").click()
    token = page.get_by_role("group", name="Secret, shown once").locator(".secret").inner_text()
    assert asked(users, token) == (200, "Ada")
    page.reload()
    expect(page.get_by_text("Notebook")).to_be_visible()
    assert token not in page.content()
    page.get_by_role("button", name="Revoke Notebook").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(page.get_by_role("button", name="Revoke Notebook")).to_have_count(0)
    assert asked(users, token)[0] == 401


def test_a_private_circuit_is_hidden_from_others(users: Team, ada: Visitor, ben: Visitor, circuit: Any) -> None:
    bens = Explorer(ben, circuit)
    adas = Explorer(ada, circuit)
    shown(adas, "private")
    ben.expect("status of 404")
    gallery = ben.page("/")
    expect(gallery.get_by_role("heading", name="No circuits yet")).to_be_visible()
    expect(card(gallery)).to_have_count(0)
    bens.page.reload()
    expect(bens.page.get_by_role("main")).to_contain_text("Circuit not found")
    shown(adas, "team")
    bens.page.reload()
    bens.settle()
    gallery.reload()
    expect(card(gallery)).to_be_visible()


def test_actions_are_in_the_activity_log(users: Team, ada: Visitor) -> None:
    page = ada.page("/activity")
    expect(page.get_by_role("list").get_by_role("listitem").first).to_contain_text("You")
    with users.member("root") as root:
        page = root.page("/activity")
        page.get_by_role("combobox", name="User").select_option(label="Ada")
        entries = page.get_by_role("main").get_by_role("listitem")
        expect(entries.first).to_contain_text("Ada")
        expect(entries.filter(has_text="Root")).to_have_count(0)


def shown(explorer: Explorer, visibility: str) -> None:
    explorer.page.get_by_role("button", name="Menu: this circuit").click()
    explorer.page.get_by_role("menuitem", name="Visibility…").click()
    dialog = explorer.page.get_by_role("dialog")
    dialog.get_by_role("radio", name=re.compile(f"^{visibility}")).check()
    dialog.get_by_role("button", name="Save").click()
    expect(explorer.page.locator(".access-word")).to_have_text(visibility)


def asked(users: Team, token: str) -> tuple[int, str]:
    """Return the response to a program: the status and the user's name."""
    address, headers = f"{users.house.url}/api/v1/me", {"Authorization": f"Bearer {token}"}
    request = urllib.request.Request(address, headers=headers)  # noqa: S310 - our own address
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310 - as above
            return answer.status, json.load(answer)["name"]
    except urllib.error.HTTPError as error:
        return error.code, ""
