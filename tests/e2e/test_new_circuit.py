"""From a class to its circuit: chosen, estimated, traced by a real worker, watched, opened; cancelled; taken in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browsing import Visitor
from tests.e2e.explorer import READY, ROWS
from tests.e2e.house import House
from tests.e2e.tracing import WHILE_COMPUTING, choose_little, set_parameter


@pytest.fixture(scope="module", autouse=True)
def worker(house: House) -> Iterator[None]:
    """A worker for what the tests ask for."""
    with house.worker():
        yield


def test_a_class_is_chosen_traced_watched_and_opened(page: Page, house: House) -> None:
    page.goto(house.url)
    page.get_by_role("main").get_by_role("link", name="New circuit").click()
    choose_little(page, "flower")
    estimate = page.get_by_role("region", name="Estimate and start")
    expect(estimate).to_contain_text("on this server, based on 1 earlier circuit")

    # What was chosen stands in the address.
    page.reload()
    expect(page.get_by_role("radio", name="flower")).to_be_checked()
    expect(estimate).to_contain_text("up to 8 images")
    page.get_by_role("button", name="Compute circuit").click()

    expect(page).to_have_url(re.compile(r"/circuits/flower-\w+"))
    progress = page.get_by_role("region", name="Progress")
    expect(progress).to_be_visible()
    expect(progress.get_by_role("button", name="Cancel")).to_be_visible()
    # The circuit appears layer by layer while it is computed, and is whole when it is finished.
    expect(page.locator(READY)).to_be_visible(timeout=WHILE_COMPUTING)
    expect(progress).to_be_visible()
    first = page.locator(ROWS).count()
    expect(progress).to_be_hidden(timeout=WHILE_COMPUTING)
    expect(page.locator(ROWS)).to_have_count(4)
    assert first < 4


def test_what_cannot_be_traced_is_said_at_the_parameter(visitor: Visitor, house: House) -> None:
    visitor.expect("status of 422")
    page = visitor.page("/circuits/new?class=cat")
    expect(page.get_by_role("button", name="Compute circuit")).to_be_enabled()
    set_parameter(page, "Images", 0)
    expect(page.get_by_role("button", name="Compute circuit")).to_be_disabled()
    set_parameter(page, "Images", 10)
    expect(page.get_by_role("button", name="Compute circuit")).to_be_enabled()


def test_the_accuracy_is_measured_and_shown_beside_each_class(page: Page, house: House) -> None:
    page.goto(f"{house.url}/circuits/new?class=cat")
    page.get_by_role("button", name="Measure accuracy").click()
    cat = page.get_by_role("radio", name="cat")
    expect(page.locator("label").filter(has=cat)).to_contain_text("%", timeout=WHILE_COMPUTING)


def test_a_trace_is_cancelled_while_it_runs_and_begun_again(page: Page, house: House) -> None:
    id = house.ask("coins", {"images": 50, "top_k": 50, "tau": 16})
    page.goto(f"{house.url}/circuits/{id}")
    progress = page.get_by_role("region", name="Progress")
    expect(progress.get_by_role("progressbar")).to_be_visible()
    progress.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("Cancelled").first).to_be_visible(timeout=WHILE_COMPUTING)
    again = page.get_by_role("button", name="Recompute")
    expect(again.first).to_be_visible()
    again.first.click()
    expect(progress.get_by_role("button", name="Cancel")).to_be_visible()
    progress.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("Cancelled").first).to_be_visible(timeout=WHILE_COMPUTING)
    assert house.api.get(f"/circuits/{id}")["state"] == "cancelled"


def test_a_running_job_moves_on_in_the_gallery_and_is_cancelled_there(page: Page, house: House) -> None:
    id = house.ask("rocket", {"images": 50, "top_k": 50, "tau": 16})
    page.goto(house.url)
    card = page.get_by_role("article", name="rocket", exact=True)
    expect(card.get_by_role("progressbar")).to_be_visible()
    card.get_by_role("button", name=re.compile("^Cancel")).click()
    expect(card).to_contain_text("Cancelled", timeout=WHILE_COMPUTING)
    assert house.api.get(f"/circuits/{id}")["state"] == "cancelled"


def test_an_exported_circuit_is_taken_in(page: Page, house: House, tmp_path: Path) -> None:
    circuit = house.circuit()
    file = tmp_path / "cat.zip"
    answer = page.request.get(f"{house.url}/api/v1/circuits/{circuit['id']}/export/zip")
    assert answer.ok, answer.text()
    file.write_bytes(answer.body())
    house.api.call("DELETE", f"/api/v1/circuits/{circuit['id']}")
    page.goto(house.url)
    expect(page.get_by_role("article", name="cat", exact=True)).to_have_count(0)
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Import circuit").click()
    chooser.value.set_files(file)
    expect(page.get_by_text("Importing ")).to_be_visible()
    taken = page.get_by_role("article", name="cat", exact=True)
    expect(taken).to_contain_text(f"{len(circuit['groups'])} groups", timeout=WHILE_COMPUTING)
    taken.get_by_role("link", name="cat").click()
    expect(page).to_have_url(f"{house.url}/circuits/{circuit['id']}")
    expect(page.locator(READY)).to_be_visible()
