"""Failures: each has its own calm message and a way on, and the page never goes blank."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect
from sqlalchemy import delete

from neurflow_store.installation.database import Database
from neurflow_store.installation.settings import load_settings
from neurflow_store.tables import Edge, Exemplar, Group, JobState, Neuron, SemanticGroup
from tests.e2e.browsing import Visitor
from tests.e2e.explorer import Explorer, query
from tests.e2e.house import House
from tests.store import rows

AWAY = "ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|ERR_INCOMPLETE_CHUNKED_ENCODING"
TORN = """() => [...document.images]
    .filter((image) => image.complete && !image.naturalWidth && image.checkVisibility()).length"""
MISSING, EMPTY, FAILED, CANCELLED, WAITING = "cat-miss1", "cat-empty", "cat-fail1", "cat-canc1", "cat-wait1"


@pytest.fixture(scope="module", autouse=True)
def rows_of_trouble(house: House) -> None:
    """Circuits in bad states, whose pictures are all missing."""
    database = Database(load_settings(home=house.home).database_url)
    with database.writing() as session:
        rows.add_basis(session)
        rows.add_circuit(session, MISSING, name="without pictures")
        rows.add_circuit(session, EMPTY, name="empty")
        for table in (SemanticGroup, Neuron, Edge, Exemplar, Group):
            session.execute(delete(table).where(table.circuit_id == EMPTY))
        for id, state in ((FAILED, JobState.FAILED), (CANCELLED, JobState.CANCELLED), (WAITING, JobState.QUEUED)):
            rows.add_circuit(session, id, state=state, name=state.value)
    database.close()


@pytest.fixture
def circuit(house: House) -> Any:
    """The circuit that is already computed."""
    (card,) = [card for card in house.api.get("/circuits?state=succeeded")["items"] if card["name"] == "cat"]
    return house.api.get(f"/circuits/{card['id']}")


def test_a_missing_circuit_links_back_to_the_gallery(visitor: Visitor) -> None:
    visitor.expect("status of 404")
    page = visitor.page("/circuits/nothing-00000")
    expect(page.get_by_role("heading", level=1)).to_have_text("Circuit not found")
    expect(page.get_by_role("main")).to_contain_text("nothing-00000")
    page.get_by_role("link", name="All circuits").click()
    expect(page.get_by_role("article").first).to_be_visible()


def test_a_missing_page_has_a_way_on(visitor: Visitor) -> None:
    visitor.expect("status of 404")
    page = visitor.page("/nowhere")
    expect(page.locator("body")).not_to_be_empty()


def test_a_failed_job_says_why_and_can_be_repeated(visitor: Visitor) -> None:
    page = visitor.page(f"/circuits/{FAILED}")
    said = page.get_by_role("main")
    expect(said).to_contain_text("made up")
    expect(said.get_by_role("button", name="Recompute")).to_be_visible()
    expect(said.get_by_role("link", name="All circuits")).to_be_visible()


def test_a_cancelled_job_says_so(visitor: Visitor) -> None:
    page = visitor.page(f"/circuits/{CANCELLED}")
    expect(page.get_by_role("main")).to_contain_text("Cancelled")
    expect(page.get_by_role("main").get_by_role("button", name="Recompute")).to_be_visible()


def test_a_job_without_a_worker_says_what_is_missing(visitor: Visitor) -> None:
    page = visitor.page(f"/circuits/{WAITING}")
    expect(page.get_by_role("region", name="Progress")).to_contain_text("neurflow worker")


def test_an_empty_circuit_says_what_the_reason_may_be(visitor: Visitor) -> None:
    page = visitor.page(f"/circuits/{EMPTY}")
    expect(page.get_by_role("heading", name="This circuit is empty")).to_be_visible()
    expect(page.get_by_role("main").get_by_role("button", name="Recompute")).to_be_visible()


def test_missing_patches_show_no_broken_pictures(visitor: Visitor, house: House) -> None:
    visitor.expect("status of 404")
    opened = Explorer(visitor, house.api.get(f"/circuits/{MISSING}"))
    chosen = opened.choose(1)
    expect(opened.inspector).to_contain_text(re.compile("exemplar", re.IGNORECASE))
    assert chosen in opened.of_layer(1)
    # No broken picture is visible.
    opened.page.wait_for_timeout(500)
    assert opened.page.evaluate(TORN) == 0
    page = visitor.page("/")
    card = page.get_by_role("article", name="without pictures")
    expect(card).to_be_visible()
    page.wait_for_timeout(500)
    assert page.evaluate(TORN) == 0


def test_a_server_that_goes_away_and_comes_back_is_reported(visitor: Visitor, house: House, circuit: Any) -> None:
    visitor.expect(AWAY)
    visitor.expect("status of 404 .*/files/")  # the gallery also has the circuits without pictures
    opened = Explorer(visitor, circuit, query(select=circuit["groups"][-2]["id"]))
    expect(opened.inspector.get_by_role("button", name=re.compile("^Exemplar ")).first).to_be_visible()
    gallery = visitor.page("/")
    expect(gallery.get_by_role("article").first).to_be_visible()
    house.stop()
    try:
        expect(gallery.get_by_text(re.compile("connection", re.IGNORECASE)).first).to_be_visible()
        expect(gallery.get_by_role("article").first).to_be_visible()
        # What is on the page stays; what cannot be loaded is reported as missing.
        jump = opened.inspector.locator(".jump").first
        jump.click()
        expect(opened.inspector).to_contain_text(re.compile("cannot be reached|No connection"))
        expect(opened.graph).to_be_visible()
    finally:
        house.start()
    opened.inspector.get_by_role("button", name="Try again").first.click()
    expect(opened.inspector.get_by_role("button", name=re.compile("^Exemplar ")).first).to_be_visible()
    expect(gallery.get_by_text(re.compile("connection", re.IGNORECASE))).to_have_count(0, timeout=20_000)


def test_a_circuit_deleted_meanwhile_is_reported(visitor: Visitor, house: House) -> None:
    visitor.expect("status of 404")
    opened = Explorer(visitor, house.api.get(f"/circuits/{MISSING}"))
    house.api.call("DELETE", f"/api/v1/circuits/{MISSING}")
    opened.choose(0)
    expect(opened.inspector).to_contain_text(MISSING)
    expect(opened.graph).to_be_visible()
