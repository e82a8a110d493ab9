"""Three users and one view: traced, labelled, shared, discussed live, forked, and revoked."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browsing import Visitor
from tests.e2e.sharing import Discussed
from tests.e2e.team import Team
from tests.e2e.tracing import choose_little, trace

MISTYPED = "/s/Kx3b0qY2Vt5wN8eR1uZ7aC4dF6gH9jLm"


@pytest.fixture(scope="module")
def circuit(users: Team) -> Any:
    """Circuits of Ada's from before."""
    return users.house.circuit()


def group_of(circuit: Any, layer: int = 1) -> str:
    name = circuit["layers"][layer]["name"]
    return str(next(group["id"] for group in circuit["groups"] if group["layer"] == name))


def test_three_users_discuss_a_view(users: Team, ada: Visitor, ben: Visitor, guest: Visitor, circuit: Any) -> None:
    page = ada.page("/circuits/new?class=flower")
    with users.house.worker():
        choose_little(page, "flower")
        id = trace(page)
    page.close()
    flower = users.api("ada").get(f"/circuits/{id}")
    assert flower["owner"]["name"] == "Ada"
    group = group_of(flower)

    # Ben has the same group open while Ada labels it and writes about it.
    bens = Discussed(ben, flower, group)
    expect(bens.notes).to_contain_text("No notes yet.")
    adas = Discussed(ada, flower, group)
    adas.call("petal edges", "Round rims, seen from above")
    expect(adas.title).to_have_text("Petal edges")
    adas.write("These fire on **rims**, do they not?")
    expect(bens.title).to_have_text("Petal edges")
    expect(bens.inspector).to_contain_text("Round rims, seen from above")
    expect(bens.thread("These fire on").locator("strong", has_text="rims")).to_be_visible()
    bens.answer("These fire on", "Only on *white* ones.")
    expect(adas.thread("These fire on")).to_contain_text("Only on white ones.")
    expect(adas.thread("These fire on")).to_contain_text("Ben")

    # The third user opens the link without an account.
    link = adas.share("Petals", comment=True)
    guests = Discussed(guest, flower, group, link)
    expect(guests.page.get_by_role("heading", level=1)).to_have_text("Petals")
    expect(guests.page.locator(".shared-bar")).to_contain_text("shared by Ada")
    expect(guests.title).to_have_text("Petal edges")
    expect(guests.inspector.get_by_role("button", name="✎")).to_have_count(0)
    expect(guests.button("Share…")).to_be_hidden()
    expect(guests.page.get_by_role("button", name="Save as my view")).to_be_hidden()
    guests.write("I see leaves, too.")
    expect(adas.thread("I see leaves, too.")).to_be_visible()
    adas.answer("I see leaves, too.", "Where?")
    expect(guests.thread("I see leaves, too.")).to_contain_text("Where?")
    adas.call("petals")
    expect(guests.title).to_have_text("Petals")
    expect(bens.title).to_have_text("Petals")

    # Someone with the link alone sees nothing else.
    guest.expect("status of 40[134]")
    other = circuit["id"]
    for path in ("circuits", "networks", f"circuits/{other}", f"circuits/{other}/notes", "views", "users", "activity"):
        assert guest.context.request.get(f"{users.house.url}/api/v1/{path}").status in (401, 404), path
    elsewhere = guest.page("/")
    expect(elsewhere).to_have_url(re.compile("/login"))
    elsewhere.goto(f"{users.house.url}/circuits/{other}")
    expect(elsewhere).to_have_url(re.compile("/login"))
    elsewhere.close()

    # Ada revokes the link: the open page gets no more changes, and the next load says so.
    with guests.page.expect_response(lambda answer: answer.url.endswith("/changes"), timeout=30_000) as refused:
        adas.revoke("Petals")
    assert refused.value.status in (401, 404)
    guest.expect("status of 410")
    guests.page.reload()
    expect_calm(guests.page, "This link no longer works")


def test_changing_a_shared_view_does_not_change_the_original(
    users: Team, ada: Visitor, ben: Visitor, circuit: Any
) -> None:
    group = group_of(circuit)
    link = Discussed(ada, circuit, group).share("Mine")
    shared = Discussed(ben, circuit, group, link)
    bar = shared.page.locator(".shared-bar")
    (mine,) = [view for view in users.api("ada").get("/views?mine=true")["items"] if view["name"] == "Mine"]
    # The shared view itself cannot be changed.
    expect(bar.get_by_role("button", name="Save as my view")).to_be_visible()
    expect(shared.page.locator(".ex-filters")).to_be_hidden()
    bar.get_by_role("button", name="Explore").click()
    expect(shared.page.locator(".ex-filters")).to_be_visible()
    shared.page.get_by_role("button", name="Table", exact=True).click()
    expect(shared.table).to_be_visible()
    bar.get_by_role("button", name="Save as my view").click()
    expect(shared.page).to_have_url(re.compile(rf"/circuits/{circuit['id']}\?.*show=table"))
    expect(shared.page.get_by_text("as your view")).to_be_visible()
    (own,) = users.api("ben").get("/views?mine=true")["items"]
    assert own["name"] == "Mine" and own["state"] != mine["state"]
    assert users.api("ada").get(f"/views/{mine['id']}") == mine


def test_a_link_for_users_only_asks_visitors_to_sign_in(
    ada: Visitor, ben: Visitor, guest: Visitor, circuit: Any
) -> None:
    group = group_of(circuit)
    link = Discussed(ada, circuit, group).share("For us", account=True)
    guest.expect("status of 401")
    page = guest.page(link)
    expect_calm(page, "Sign in to open this link")
    assert "For us" not in page.content()
    bens = Discussed(ben, circuit, group, link)
    expect(bens.page.get_by_role("heading", level=1)).to_have_text("For us")
    expect(bens.notes.get_by_role("textbox")).to_have_count(0)


def test_links_that_ended_say_so(users: Team, ada: Visitor, guest: Visitor, circuit: Any) -> None:
    guest.expect("status of 4(04|10)")
    expect_calm(guest.page(MISTYPED), "This link does not exist")
    expect_calm(guest.page("/embed/nothing"), "This link does not exist")
    # One has expired, and the view of the other was deleted.
    api = users.api("ada")
    view = api.post("/views", {"circuit": circuit["id"], "name": "Gone soon", "state": "?v=1"})
    soon = guest.page(MISTYPED).evaluate("() => new Date(Date.now() + 1500).toISOString()")
    short = api.post(f"/views/{view['id']}/links", {"may_comment": False, "anonymous": True, "expires_at": soon})
    long = api.post(f"/views/{view['id']}/links", {"may_comment": False, "anonymous": True, "expires_at": None})
    page = guest.page(f"/s/{long['token']}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Gone soon")
    page.wait_for_function("end => Date.now() > Date.parse(end)", arg=soon)
    page.goto(f"{users.house.url}/s/{short['token']}")
    expect_calm(page, "This link no longer works")
    assert "Gone soon" not in page.content()
    api.call("DELETE", f"/api/v1/views/{view['id']}")
    page.goto(f"{users.house.url}/s/{long['token']}")
    expect_calm(page, "This link does not exist")


def expect_calm(page: Page, title: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    assert page.locator(".message p").first.inner_text().endswith(".")
