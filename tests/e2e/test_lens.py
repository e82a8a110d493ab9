"""An image analysed in the explorer: chosen, shown, kept, and deleted."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.browsing import Visitor
from tests.e2e.house import House
from tests.e2e.lens import LOOKING_MS, Lens, as_file, photograph


@pytest.fixture(scope="module")
def circuit(house: House) -> Any:
    """The circuit that is already computed."""
    return house.circuit()


@pytest.fixture(scope="module", autouse=True)
def worker(house: House) -> Iterator[None]:
    """A worker for images."""
    with house.worker("--queue", "interactive"):
        yield


def test_an_image_highlights_the_groups_that_fire(visitor: Visitor, circuit: Any, house: House) -> None:
    lens = Lens(visitor, circuit)
    lens.bring(as_file(photograph()), "my <b>cat</b>.png")
    lens.expect_open("b>.png")
    analysis = lens.analysis(house)
    reading = analysis["reading"]
    for top in reading["classes"]:
        expect(lens.panel.get_by_role("row").filter(has_text=top["name"]).first).to_be_visible()
    expect(lens.groups.get_by_role("listitem")).to_have_count(len(circuit["groups"]))
    firing = [group for group in reading["groups"] if group["fires"]]
    lens.groups.get_by_role("button", name=re.compile(r"^Fire ?\d")).click()
    if firing:
        expect(lens.groups.get_by_role("listitem")).to_have_count(len(firing))
    # Opening the address shows the same.
    lens.page.reload()
    lens.expect_open("b>.png")
    lens.panel.get_by_role("button", name="Close this image").click()
    lens.expect_state("analysis")
    expect(lens.panel.get_by_role("region", name="Inspected images")).to_contain_text("b>.png")
    lens.page.go_back()
    lens.expect_open("b>.png")


def test_each_number_links_to_its_definition(visitor: Visitor, circuit: Any) -> None:
    lens = Lens(visitor, circuit)
    lens.bring(as_file(photograph(place=1)))
    lens.expect_open("photo.png")
    for term in ("Probability", "Logit", "Percentile", "M score", "Fires", "Silent", "Where it fires"):
        lens.panel.get_by_role("button", name=term, exact=True).first.click()
        dialog = lens.page.get_by_role("dialog", name=term)
        expect(dialog).to_be_visible()
        lens.page.keyboard.press("Escape")
        expect(dialog).not_to_be_visible()


def test_groups_and_places_in_the_image_select_each_other(visitor: Visitor, circuit: Any, house: House) -> None:
    lens = Lens(visitor, circuit)
    lens.bring(as_file(photograph(place=2)))
    lens.expect_open("photo.png")
    stage = lens.panel.get_by_role("application")
    stage.focus()
    lens.page.keyboard.press("ArrowRight")
    here = lens.panel.get_by_role("status").filter(has_text=re.compile("fires? here"))
    expect(here).to_be_visible()
    lens.page.keyboard.press("Escape")
    row = lens.groups.get_by_role("listitem").nth(1).get_by_role("button")
    row.hover()
    painted = "(canvas) => canvas.getContext('2d').getImageData(0, 0, 256, 256).data.some((value) => value > 0)"
    heat = stage.locator("canvas")
    expect(heat).to_be_visible()
    assert heat.evaluate(painted)
    row.click()
    (chosen,) = lens.state("select")
    lens.page.get_by_role("tab", name="Inspector").click()
    expect(lens.inspector).to_contain_text("In this image")
    reading = next(g for g in lens.analysis(house)["reading"]["groups"] if g["id"] == chosen)
    expect(lens.inspector).to_contain_text(f"{reading['score']:.2f}")


def test_an_image_is_dropped_or_pasted(visitor: Visitor, circuit: Any) -> None:
    lens = Lens(visitor, circuit)
    data = base64.b64encode(as_file(photograph(place=3))).decode()
    transfer = """([data, name]) => {
      const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
      const transfer = new DataTransfer();
      transfer.items.add(new File([bytes], name, { type: "image/png" }));
      return transfer;
    }"""
    dropped = lens.page.evaluate_handle(transfer, [data, "dropped.png"])
    lens.page.dispatch_event("main", "dragenter", {"dataTransfer": dropped})
    expect(lens.page.get_by_text("Drop the image to inspect it")).to_be_visible()
    lens.page.dispatch_event("main", "drop", {"dataTransfer": dropped})
    lens.expect_open("dropped.png")
    pasted = lens.page.evaluate_handle(transfer, [data, "pasted.png"])
    lens.page.evaluate(
        "(data) => document.body.dispatchEvent(new ClipboardEvent('paste', {clipboardData: data, bubbles: true}))",
        pasted,
    )
    lens.expect_open("pasted.png")


def test_a_kept_analysis_is_renamed_exported_and_deleted(visitor: Visitor, circuit: Any, house: House) -> None:
    lens = Lens(visitor, circuit)
    lens.bring(as_file(photograph(place=4)), "to go.png")
    lens.expect_open("to go.png")
    (id,) = lens.state("analysis")
    menu = lens.panel.get_by_role("button", name="Menu: this image")
    for form, start in (("JSON", b"{"), ("CSV", b"group,"), ("HTML", b"<!doctype html>")):
        menu.click()
        with lens.page.expect_download() as download:
            lens.page.get_by_role("menuitem", name=f"Export as {form}").click()
        path = download.value.path()
        assert path.read_bytes().startswith(start)
        assert download.value.suggested_filename == f"{id}.{form.lower()}"
    menu.click()
    lens.page.get_by_role("menuitem", name="Rename").click()
    lens.page.get_by_role("dialog").get_by_role("textbox").fill("Tom")
    lens.page.keyboard.press("Enter")
    expect(lens.panel.get_by_role("heading", name="Tom", exact=True)).to_be_visible()
    menu.click()
    lens.page.get_by_role("menuitem", name="Delete").click()
    lens.page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    lens.expect_state("analysis")
    assert id not in [item["id"] for item in house.api.get(f"/analyses?circuit={circuit['id']}")["items"]]
    # A link to it shows a calm message.
    visitor.expect("404")
    gone = Lens(visitor, circuit, analysis=id)
    expect(gone.page.get_by_role("main")).to_contain_text(re.compile("not here any more|no analysis|was deleted|gone"))


def test_an_image_of_the_data_set_is_analysed(visitor: Visitor, circuit: Any, house: House) -> None:
    lens = Lens(visitor, circuit)
    lens.panel.get_by_role("button", name="Browse the data set").click()
    dialog = lens.page.get_by_role("dialog")
    with house.worker("--queue", "circuits"):
        dialog.get_by_role("button", name="Evaluate the network").click()
        expect(dialog.get_by_role("tab", name="Correct")).to_be_visible(timeout=LOOKING_MS)
    expect(dialog.get_by_role("listitem").first).to_contain_text("cat")
    for name in ("False positives", "Missed"):
        dialog.get_by_role("tab", name=name).click()
        expect(
            dialog.get_by_role("listitem").first.or_(dialog.get_by_text(re.compile("^(No image|All images)")))
        ).to_be_visible()
    dialog.get_by_role("tab", name="Correct").click()
    first = dialog.get_by_role("listitem").first.get_by_role("button")
    name = first.get_attribute("title") or ""
    first.click()
    lens.expect_open(name.rpartition("/")[2])
    assert lens.analysis(house)["label"] == "cat"
