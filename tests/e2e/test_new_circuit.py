"""From a class to its circuit: chosen, estimated, traced by a real worker, watched, opened; cancelled; imported."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Page, expect

from neurflow.datasets import load_dataset
from tests.e2e.browsing import Visitor
from tests.e2e.explorer import READY, ROWS
from tests.e2e.house import PATIENCE, House
from tests.e2e.tracing import WHILE_COMPUTING, choose_little, set_parameter, trace
from tests.ops.service import until


@pytest.fixture(scope="module", autouse=True)
def worker(house: House) -> Iterator[None]:
    """A worker for the requested circuits."""
    with house.worker():
        yield


def test_a_class_is_chosen_traced_watched_and_opened(page: Page, house: House) -> None:
    page.goto(house.url)
    page.get_by_role("main").get_by_role("link", name="New circuit").click()
    choose_little(page, "flower")
    estimate = page.get_by_role("region", name="Estimate and start")
    expect(estimate).to_contain_text("on this server, based on 1 earlier circuit")

    # The choices are in the address.
    page.reload()
    expect(page.get_by_role("radio", name="flower")).to_be_checked()
    expect(estimate).to_contain_text("up to 8 images")
    page.get_by_role("button", name="Compute circuit").click()

    expect(page).to_have_url(re.compile(r"/circuits/flower-\w+"))
    progress = page.get_by_role("region", name="Progress")
    expect(progress).to_be_visible()
    expect(progress.get_by_role("button", name="Cancel")).to_be_visible()
    # The circuit appears layer by layer while it is computed, and is complete in the end.
    expect(page.locator(READY)).to_be_visible(timeout=WHILE_COMPUTING)
    expect(progress).to_be_visible()
    first = page.locator(ROWS).count()
    expect(progress).to_be_hidden(timeout=WHILE_COMPUTING)
    expect(page.locator(ROWS)).to_have_count(4)
    assert first < 4


def test_an_impossible_trace_is_reported_at_the_parameter(visitor: Visitor, house: House) -> None:
    visitor.expect("status of 422")
    page = visitor.page("/circuits/new?class=cat")
    expect(page.get_by_role("button", name="Compute circuit")).to_be_enabled()
    set_parameter(page, "Images", 0)
    expect(page.get_by_role("button", name="Compute circuit")).to_be_disabled()
    set_parameter(page, "Images", 10)
    expect(page.get_by_role("button", name="Compute circuit")).to_be_enabled()


def test_accuracy_is_measured_and_shown_beside_each_class(page: Page, house: House) -> None:
    page.goto(f"{house.url}/circuits/new?class=cat")
    page.get_by_role("button", name="Measure accuracy").click()
    cat = page.get_by_role("radio", name="cat")
    expect(page.locator("label").filter(has=cat)).to_contain_text("%", timeout=WHILE_COMPUTING)


def test_a_running_trace_is_cancelled_and_requested_again(page: Page, house: House) -> None:
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


def test_a_running_job_shows_progress_in_the_gallery_and_is_cancelled_there(page: Page, house: House) -> None:
    id = house.ask("rocket", {"images": 50, "top_k": 50, "tau": 16})
    page.goto(house.url)
    card = page.get_by_role("article", name="rocket", exact=True)
    expect(card.get_by_role("progressbar")).to_be_visible()
    card.get_by_role("button", name=re.compile("^Cancel")).click()
    expect(card).to_contain_text("Cancelled", timeout=WHILE_COMPUTING)
    assert house.api.get(f"/circuits/{id}")["state"] == "cancelled"


def test_an_exported_circuit_is_imported(page: Page, house: House, tmp_path: Path) -> None:
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


def _photographs(**labels: str) -> bytes:
    """Return an archive of the demo's photographs in folders with other names: twelve for each ``label=class``."""
    photos = load_dataset("demo/photos")
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for label, name in labels.items():
            for number, ref in enumerate([ref for ref in photos.images if ref.label == name][:12]):
                picture = io.BytesIO()
                photos.load(ref).save(picture, "PNG")
                archive.writestr(f"{label}/{number}.png", picture.getvalue())
    return stream.getvalue()


def test_a_label_with_another_name_is_mapped_and_its_class_traced(page: Page, house: House) -> None:
    pets = _photographs(kitty="cat", mug="coffee")
    file: FilePayload = {"name": "pets.zip", "mimeType": "application/zip", "buffer": pets}
    answer = page.request.post(f"{house.url}/api/v1/uploads/datasets", multipart={"file": file, "name": "Pets"})
    assert answer.ok, answer.text()
    dataset = answer.json()["id"]
    until(lambda: house.api.get(f"/datasets/{dataset}")["state"] == "succeeded", PATIENCE, "the inspection of the pets")

    page.goto(f"{house.url}/circuits/new?dataset={dataset}&class=cat")
    start, told = (
        page.get_by_role("button", name="Compute circuit"),
        page.get_by_role("region", name="Estimate and start"),
    )
    expect(start).to_be_disabled()
    expect(told).to_contain_text(
        "No label of the data set matches a class of the network. Map a label to a class first."
    )
    expect(page.get_by_role("radio", name="cat")).to_have_count(0)
    kitty = page.get_by_role("combobox", name="Class of the label kitty")
    kitty.fill("kitten")
    kitty.press("Tab")
    expect(page.get_by_text("The network has no class “kitten”. Choose one from the list.")).to_be_visible()
    kitty.fill("cat")
    kitty.press("Enter")
    expect(page.get_by_role("radio", name="cat")).to_be_visible()
    expect(page.locator("label").filter(has=page.get_by_role("radio", name="cat"))).to_contain_text("12 images")
    expect(page.get_by_role("combobox", name="Class of the label mug")).to_be_focused()
    assert house.api.get(f"/datasets/{dataset}")["class_map"] == {"kitty": "cat"}

    # The map is kept with the data set, and can be removed.
    page.reload()
    page.get_by_text("1 label mapped to a class").click()
    page.get_by_role("button", name="Remove the class of kitty").click()
    expect(start).to_be_disabled()
    kitty.fill("cat")
    kitty.press("Enter")
    choose_little(page, "cat")
    id = trace(page)
    circuit = house.api.get(f"/circuits/{id}")
    assert circuit["class"] == "cat"
    assert all(image["name"].startswith("kitty/") for image in house.api.get(f"/circuits/{id}/images")["items"])
