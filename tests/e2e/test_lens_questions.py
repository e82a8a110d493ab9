"""Questions about an image in the explorer: why this class, what if, why wrong, another image, pixels."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browsing import Visitor
from tests.e2e.house import House
from tests.e2e.lens import LOOKING_MS, Lens, as_file, photograph

COMPUTING_MS = 120_000.0


@pytest.fixture(scope="module")
def circuit(house: House) -> Any:
    """The circuit that is already computed."""
    return house.circuit()


@pytest.fixture(scope="module", autouse=True)
def worker(house: House) -> Iterator[None]:
    """A worker for images and circuits."""
    with house.worker():
        yield


@pytest.fixture
def lens(visitor: Visitor, circuit: Any) -> Lens:
    """An analysed image of the class."""
    opened = Lens(visitor, circuit)
    opened.bring(as_file(photograph()), "cat.png")
    opened.expect_open("cat.png")
    return opened


def heading_of(page: Page) -> Any:
    return page.get_by_role("main").get_by_role("heading", level=1)


def test_groups_are_ranked_and_knocked_out(lens: Lens, house: House) -> None:
    why = lens.fold("Why this class?")
    expect(why.get_by_role("status")).to_contain_text(re.compile("supports .* most|No group supports"))
    analysis = lens.analysis(house)
    asked = {"kind": "ranking", "circuit": lens.circuit["id"], "analysis": analysis["id"]}
    ranked = house.api.post("/measurements", asked)["ranking"]["groups"]
    first = why.get_by_role("listitem").first
    expect(first).to_contain_text(f"{abs(ranked[0]['logit_drop']):.2f}")
    first.get_by_role("checkbox").check()

    what = lens.fold("What if")
    sentence = what.get_by_role("status").first
    expect(sentence).to_contain_text("Without this group", timeout=LOOKING_MS)
    factor = [{"group": ranked[0]["group"], "factor": 0.0}]
    knocked = house.api.post("/measurements", asked | {"kind": "knock_out", "groups": factor})["knock_out"]
    own = next(change for change in knocked["classes"] if change["name"] == knocked["predicted"])
    row = what.get_by_role("row").filter(has_text=own["name"])
    expect(row).to_contain_text(f"{own['logit_after']:.2f}".replace("-", "−"))
    # A factor of 1 changes nothing, a half less than 0.
    field = what.get_by_role("spinbutton")
    field.fill("1")
    expect(sentence).to_contain_text("changes nothing")
    field.fill("0.5")
    field.press("Enter")
    expect(sentence).to_contain_text("With this group times 0.5", timeout=LOOKING_MS)
    field.fill("0")
    expect(sentence).to_contain_text("Without this group", timeout=LOOKING_MS)

    what.get_by_role("button", name="Run on the held-out images").click()
    held = what.get_by_role("status").last
    expect(held).to_contain_text(re.compile(r"on 4 held-out images of .cat."), timeout=LOOKING_MS)
    result = house.api.post("/measurements", {"kind": "held_out", "circuit": lens.circuit["id"], "groups": factor})[
        "held_out"
    ]
    expect(held).to_contain_text(f"{abs(result['logit_after'] - result['logit']):.2f}")


def test_two_images_are_compared(lens: Lens) -> None:
    lens.panel.get_by_role("button", name="Close this image").click()
    lens.bring(as_file(photograph("coffee")), "coffee.png")
    lens.expect_open("coffee.png")
    compare = lens.fold("Compare with another image")
    compare.get_by_role("button", name=re.compile("cat.png")).first.click()
    compare.get_by_role("button", name=f"Show all {len(lens.circuit['groups'])}").click()
    rows = compare.get_by_role("row")
    expect(rows).to_have_count(len(lens.circuit["groups"]) + 1)
    compare.get_by_role("button", name="Open cat.png").click()
    lens.expect_open("cat.png")


def test_pixels_that_make_a_group_fire_are_shown(lens: Lens) -> None:
    pixels = lens.fold("Pixels")
    pixels.get_by_role("button", name="Compute pixels").click()
    sentence = pixels.get_by_role("status").first
    expect(sentence).to_contain_text("The pixels add up to", timeout=LOOKING_MS)
    total, expected = (float(n.replace("−", "-")) for n in re.findall(r"[−\d.]*\d", sentence.inner_text())[:2])
    assert total == pytest.approx(expected, rel=0.1, abs=0.02)
    painted = "(canvas) => canvas.getContext('2d').getImageData(0, 0, 8, 8).data.some((value) => value > 0)"
    assert pixels.locator("canvas").last.evaluate(painted)


def test_a_wrong_prediction_is_explained(lens: Lens, house: House) -> None:
    lens.panel.get_by_role("button", name="Close this image").click()
    # An image in the circuit of "cat" that the network predicts as another class, or that the user says is one.
    lens.bring(as_file(photograph("coffee", 1)), "is it?.png")
    lens.expect_open("is it?.png")
    predicted = lens.analysis(house)["predicted"]
    truth = "cat" if predicted != "cat" else "coffee"
    wrong = lens.fold("Why wrong?")
    wrong.get_by_role("combobox").fill(truth)
    wrong.get_by_role("button", name="Compare").click()
    wrong.get_by_role("button", name=re.compile("^Compute circuit of")).click()
    expect(wrong.get_by_role("heading", name=f"Fired for {predicted} (wrong)")).to_be_visible(timeout=COMPUTING_MS)
    expect(wrong.get_by_role("heading", name=f"Missed for {truth} (right)")).to_be_visible()
    link = wrong.get_by_role("link").first
    link.click()
    expect(heading_of(lens.page)).to_contain_text(predicted if truth == "cat" else truth)
    expect(lens.panel.get_by_role("heading", name="is it?.png")).to_be_visible(timeout=LOOKING_MS)
