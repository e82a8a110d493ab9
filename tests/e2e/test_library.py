"""Networks and data sets: registered ones, and uploads."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Page, expect

from tests.e2e.browsing import Visitor
from tests.e2e.house import House

WHILE_LOOKED_AT = 60_000.0
"""Milliseconds that an inspection may take on a busy machine."""


@pytest.fixture(scope="module", autouse=True)
def worker(house: House) -> Iterator[None]:
    """A worker that inspects what is added."""
    with house.worker("--queue", "interactive"):
        yield


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return random weights of a small network for three classes."""
    import timm
    from safetensors.torch import save_file

    file = tmp_path_factory.mktemp("weights") / "mine.safetensors"
    save_file(timm.create_model("test_resnet", num_classes=3).state_dict(), file)
    return file


def photographs() -> bytes:
    """Return an archive with two classes of three pictures each."""
    chance = np.random.default_rng(0)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name in ("cat", "dog"):
            for number in range(3):
                picture = io.BytesIO()
                Image.fromarray(chance.integers(0, 255, (48, 64, 3), dtype=np.uint8)).save(picture, "PNG")
                archive.writestr(f"{name}/{number}.png", picture.getvalue())
    return stream.getvalue()


def open_form(page: Page, summary: str, form: str) -> None:
    if not page.get_by_role("form", name=form).is_visible():
        page.get_by_text(summary, exact=True).click()
    expect(page.get_by_role("form", name=form)).to_be_visible()


def test_networks_are_listed_and_shown(page: Page, house: House) -> None:
    page.goto(f"{house.url}/networks")
    page.get_by_role("main").get_by_role("link", name="photos", exact=True).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("photos")
    layers = page.get_by_role("region", name="Layers")
    expect(layers).to_contain_text("layer4.1")
    expect(page.get_by_role("region", name="Classes")).to_contain_text("cat")
    expect(page.get_by_role("region", name="Circuits")).to_contain_text("cat")
    expect(page.get_by_role("region", name="Input")).to_contain_text("pixels")


def test_a_data_set_shows_its_images_by_class(page: Page, house: House) -> None:
    page.goto(f"{house.url}/datasets")
    page.get_by_role("main").get_by_role("link", name="photos", exact=True).first.click()
    pictures = page.get_by_role("region", name="Images")
    expect(pictures.get_by_role("img").first).to_be_visible()
    page.get_by_role("region", name="Classes").get_by_role("button", name="coins").first.click()
    page.wait_for_url(re.compile("class=coins"))
    expect(pictures.get_by_role("img").first).to_be_visible()
    page.go_back()
    page.wait_for_function("() => !location.search.includes('coins')")


def test_uploaded_weights_are_inspected(page: Page, house: House, weights: Path) -> None:
    page.goto(f"{house.url}/networks")
    open_form(page, "New network", "Your own weights")
    form = page.get_by_role("form", name="Your own weights")
    form.get_by_label("Weights", exact=True).set_input_files(weights)
    form.get_by_label("Architecture").fill("timm/test_resnet")
    form.get_by_label("Name").fill("my network")
    form.get_by_label("Classes").fill("cat\ndog\nfox")
    form.get_by_role("button", name="Upload weights").click()
    page.wait_for_url(re.compile("/networks/.+"))
    expect(page.get_by_role("heading", level=1)).to_have_text("my network")
    expect(page.get_by_role("region", name="Classes")).to_contain_text("fox", timeout=WHILE_LOOKED_AT)


def test_uploaded_images_are_inspected(page: Page, house: House) -> None:
    page.goto(f"{house.url}/datasets")
    open_form(page, "New data set", "Your own images")
    form = page.get_by_role("form", name="Your own images")
    archive: FilePayload = {"name": "mine.zip", "mimeType": "application/zip", "buffer": photographs()}
    form.get_by_label("Archive").set_input_files(archive)
    form.get_by_label("Name").fill("my pictures")
    form.get_by_role("button", name="Upload images").click()
    page.wait_for_url(re.compile("/datasets/.+"))
    expect(page.get_by_role("region", name="Classes")).to_contain_text("dog", timeout=WHILE_LOOKED_AT)
    expect(page.get_by_role("region", name="Images").get_by_role("img").first).to_be_visible()
    page.get_by_role("button", name="Delete…").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    page.wait_for_url(re.compile("/datasets$"))
    expect(page.get_by_role("main")).not_to_contain_text("my pictures")


def test_an_invalid_value_is_reported_at_its_field(visitor: Visitor) -> None:
    visitor.expect("status of 4(15|22)")
    page = visitor.page("/networks")
    open_form(page, "New network", "Your own weights")
    form = page.get_by_role("form", name="Your own weights")
    wrong: FilePayload = {"name": "a.safetensors", "mimeType": "application/octet-stream", "buffer": b"pickled"}
    form.get_by_label("Weights", exact=True).set_input_files(wrong)
    form.get_by_label("Architecture").fill("timm/test_resnet")
    form.get_by_role("button", name="Upload weights").click()
    expect(form).to_contain_text(re.compile("safetensors", re.IGNORECASE))
    expect(form.get_by_label("Weights", exact=True)).to_have_attribute("aria-invalid", "true")


def test_a_failed_inspection_says_why(page: Page, house: House) -> None:
    page.goto(f"{house.url}/datasets")
    open_form(page, "New data set", "Data set by name")
    form = page.get_by_role("form", name="Data set by name")
    form.get_by_label("Data set").fill("torchvision/CIFAR10")
    form.get_by_role("button", name="Add data set").click()
    page.wait_for_url(re.compile("/datasets/.+"))
    # Nothing can be downloaded here: the worker says so, and the page shows it.
    expect(page.get_by_role("main")).to_contain_text("CIFAR10", timeout=WHILE_LOOKED_AT)
    expect(page.get_by_role("button", name="Delete…")).to_be_visible()


@pytest.mark.parametrize(("kind", "way"), [("networks", "All networks"), ("datasets", "All data sets")])
def test_a_missing_network_s_page_has_a_way_on(visitor: Visitor, kind: str, way: str) -> None:
    visitor.expect("status of 404")
    page = visitor.page(f"/{kind}/nothing-00000")
    expect(page.get_by_role("main")).to_contain_text("nothing-00000")
    page.get_by_role("main").get_by_role("link", name=way).click()
    page.wait_for_url(re.compile(f"/{kind}$"))
