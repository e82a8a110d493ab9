"""The application behind a proxy that serves it below a path: no page, request or cookie leaves that path."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.explorer import Explorer
from tests.e2e.lens import Lens, as_file, photograph
from tests.e2e.sharing import Discussed
from tests.e2e.team import Team, account_button, log_in, team
from tests.e2e.tracing import choose_little, trace
from tests.services.path_proxy import path_proxy

PREFIX = "/user/ann@example.org/proxy/8000"
WAYS: dict[str, tuple[tuple[str, ...], dict[str, str]]] = {
    # As jupyter-server-proxy does.
    "taken off and told": (("--strip", "--tell"), {}),
    "passed on": ((), {"NEURFLOW_ROOT_PATH": PREFIX}),
}


# The other way is tested without a browser in ``tests/server/test_root_path.py``, and with one by `make test-slow`.
@pytest.fixture(
    scope="module",
    params=[WAYS["taken off and told"], pytest.param(WAYS["passed on"], marks=pytest.mark.slow)],
    ids=list(WAYS),
)
def below(
    request: pytest.FixtureRequest, template: Any, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Team]:
    """The users of an installation, whose browsers only know the proxy."""
    options, settings = request.param
    folder = tmp_path_factory.mktemp("path")
    with (
        team(template, folder / "home", browser, **settings) as users,
        path_proxy(users.house.port, PREFIX, *options, folder=folder) as url,
        users.house.worker(),
    ):
        users.house.url = url
        yield users


def to(page: Page, users: Team, path: str) -> None:
    """Wait until the page is at ``path`` of the application."""
    expect(page).to_have_url(re.compile(f"^{re.escape(users.house.url)}{path}$"))


def test_signing_in_and_out_stays_below_the_path(below: Team) -> None:
    with below.stranger() as guest:
        guest.expect("status of 401")
        page = guest.page("/networks?q=demo")
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        log_in(page, "ben", "not the password")
        expect(page.get_by_role("alert")).to_be_visible()
        log_in(page, "ben")
        to(page, below, r"/networks\?q=demo")
        kept = guest.context.cookies()
        assert kept and {cookie["path"] for cookie in kept} == {PREFIX}
        account_button(page, "ben").click()
        page.get_by_role("menuitem", name="Account").click()
        to(page, below, "/account")
        expect(page.get_by_role("heading", name="Account")).to_be_visible()
        account_button(page, "ben").click()
        page.get_by_role("menuitem", name="Sign out").click()
        to(page, below, "/login")
        page.goto(f"{below.house.url}/account")
        to(page, below, "/login.*")


def test_circuits_are_found_traced_and_looked_at_below_the_path(below: Team) -> None:
    with below.member("ada") as ada:
        page = ada.page("/")
        page.get_by_role("article", name="cat", exact=True).get_by_role("link").first.click()
        to(page, below, r"/circuits/cat-\w+.*")
        page.get_by_role("link", name="Networks").click()
        page.get_by_role("main").get_by_role("listitem").get_by_role("link").first.click()
        to(page, below, "/networks/.+")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        page.get_by_role("link", name="Glossary").click()
        to(page, below, "/glossary")
        page.get_by_role("link", name="New circuit").first.click()
        to(page, below, "/circuits/new")
        # The progress comes as events, and the circuit layer by layer.
        choose_little(page, "flower")
        assert trace(page).startswith("flower-")


def test_the_explorer_its_engine_and_the_lens_run_below_the_path(below: Team) -> None:
    circuit = below.house.circuit()
    with below.member("ada") as ada:
        asked: list[str] = []
        ada.context.on("request", lambda request: asked.append(urlsplit(request.url).path))
        Explorer(ada, circuit)
        for kind in ("assets/elk-worker", f"api/v1/circuits/{circuit['id']}/files/", "assets/graph_pane"):
            assert any(path.startswith(f"{PREFIX}/") and kind in path for path in asked), kind
        lens = Lens(ada, circuit)
        lens.bring(as_file(photograph()))
        lens.expect_open("photo.png")


def test_a_link_is_opened_and_followed_live_below_the_path(below: Team) -> None:
    circuit = below.house.circuit()
    group = str(circuit["groups"][1]["id"])
    with below.member("ada") as ada, below.stranger() as guest:
        adas = Discussed(ada, circuit, group)
        guests = Discussed(guest, circuit, group, adas.share("Ears", comment=True))
        expect(guests.page.get_by_role("heading", level=1)).to_have_text("Ears")
        adas.call("pointed ears")
        expect(guests.title).to_have_text("Pointed ears")
        guests.write("I see them.")
        expect(adas.thread("I see them.")).to_be_visible()
        assert {cookie["path"] for cookie in guest.context.cookies()} == {f"{PREFIX}/api/v1"}
        (thread,) = below.api("ada").get(f"/circuits/{circuit['id']}/notes")["items"]
        assert thread["address"].endswith(f"/circuits/{circuit['id']}?note={thread['id']}")
