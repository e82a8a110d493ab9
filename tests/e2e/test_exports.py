"""Every export is saved from the page and opened: pictures as seen, data, and a page that works offline."""

from __future__ import annotations

import csv
import io
import json
import re
import xml.etree.ElementTree as ElementTree
import zipfile
from pathlib import Path
from typing import Any

import PIL.Image
import pytest
from playwright.sync_api import Browser, Download, expect

from neurflow.result.circuit_json import decode
from tests.e2e.browsing import Visitor
from tests.e2e.explorer import Explorer, query
from tests.e2e.house import House

SVG = "{http://www.w3.org/2000/svg}"
XLINK = "{http://www.w3.org/1999/xlink}href"
GRAPHML = "{http://graphml.graphdrawing.org/xmlns}"


@pytest.fixture(scope="module")
def circuit(house: House) -> Any:
    """The circuit that is already computed."""
    return house.circuit()


def saved(opened: Explorer, name: str, role: Any = "button") -> Download:
    """Return the file of the menu's entry ``name``."""
    page = opened.page
    entry = page.get_by_role(role, name=re.compile(f"^{name}"))
    if not entry.is_visible():
        page.get_by_text("Export", exact=True).click()
    with page.expect_download() as download:
        entry.click()
    return download.value


def content(download: Download) -> bytes:
    return Path(download.path()).read_bytes()


def test_the_svg_shows_what_the_page_shows(visitor: Visitor, circuit: Any) -> None:
    opened = Explorer(visitor, circuit, query(influence="60"))
    groups, edges = opened.shown()
    assert groups < len(circuit["groups"])
    download = saved(opened, "SVG picture")
    assert download.suggested_filename.endswith(".svg")
    root = ElementTree.fromstring(content(download))  # noqa: S314 - our own file
    assert root.tag == f"{SVG}svg"
    layers = root.findall(f"{SVG}g")
    (lines,) = [at for at, layer in enumerate(layers) if layer.get("fill") == "none"]
    assert len(layers[lines]) == edges
    assert len(layers[lines - 1]) + len(layers[lines + 1]) == groups
    # Its pictures are embedded.
    pictures = [image.get("href") or image.get(XLINK) for image in root.iter(f"{SVG}image")]
    assert pictures
    assert all(address and address.startswith("data:image/") for address in pictures)
    expect(opened.page.get_by_text("SVG picture saved.")).to_be_visible()


def test_the_png_is_twice_as_dense_as_the_svg(visitor: Visitor, circuit: Any) -> None:
    opened = Explorer(visitor, circuit)
    drawn = ElementTree.fromstring(content(saved(opened, "SVG picture")))  # noqa: S314 - our own file
    with PIL.Image.open(io.BytesIO(content(saved(opened, "PNG picture")))) as picture:
        assert picture.format == "PNG"
        sides = [float(drawn.get(side, "0")) for side in ("width", "height")]
        assert list(picture.size) == pytest.approx([2 * side for side in sides], abs=2)
        assert len(picture.convert("RGB").getcolors(2**24) or []) > 100


def test_the_html_file_works_offline(visitor: Visitor, browser: Browser, circuit: Any, tmp_path: Path) -> None:
    download = saved(Explorer(visitor, circuit), "HTML file")
    file = tmp_path / download.suggested_filename
    download.save_as(file)
    context = browser.new_context(offline=True)
    asked: list[str] = []
    wrongs: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    page = context.new_page()
    page.on("console", lambda message: wrongs.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: wrongs.append(error.message))
    page.goto(file.as_uri())
    expect(page.get_by_role("heading", level=1)).to_contain_text("cat")
    expect(page.locator("img, image").first).to_be_attached()
    page.evaluate("() => [...document.images].forEach((image) => { image.loading = 'eager'; })")
    page.wait_for_function("() => [...document.images].every((image) => image.complete)")
    assert page.evaluate("() => [...document.images].filter((image) => !image.naturalWidth).length") == 0
    assert [address for address in asked if not address.startswith(("file:", "data:", "blob:"))] == []
    assert wrongs == []
    context.close()


def test_the_json_is_a_valid_circuit(visitor: Visitor, circuit: Any) -> None:
    read = decode(content(saved(Explorer(visitor, circuit), "JSON", "link")))
    assert {group.id for group in read.groups} == {group["id"] for group in circuit["groups"]}
    assert len(read.edges) == len(circuit["edges"])


def test_the_tables_have_rows(visitor: Visitor, circuit: Any) -> None:
    with zipfile.ZipFile(io.BytesIO(content(saved(Explorer(visitor, circuit), "CSV tables", "link")))) as archive:
        tables = {
            Path(name).stem: list(csv.DictReader(io.StringIO(archive.read(name).decode("utf-8"))))
            for name in archive.namelist()
            if name.endswith(".csv")
        }
    assert len(tables["groups"]) == len(circuit["groups"])
    assert len(tables["edges"]) == len(circuit["edges"])


def test_the_graph_and_the_bundle_are_complete(visitor: Visitor, circuit: Any) -> None:
    opened = Explorer(visitor, circuit)
    graph = ElementTree.fromstring(content(saved(opened, "GraphML", "link")))  # noqa: S314 - our own file
    assert len(list(graph.iter(f"{GRAPHML}node"))) == len(circuit["groups"])
    assert len(list(graph.iter(f"{GRAPHML}edge"))) == len(circuit["edges"])
    with zipfile.ZipFile(io.BytesIO(content(saved(opened, "Bundle", "link")))) as archive:
        assert archive.testzip() is None
        assert "circuit.json" in archive.namelist()
    attribution = json.loads(content(saved(opened, "Attribution graph", "link")))
    assert attribution["nodes"]
