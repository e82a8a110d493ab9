"""Measure the image lens: one user, ten at once while a circuit is computed, knock-outs, and a large network.

Uses the demo network with a circuit of default layers and windows, one worker for images and one for circuits with a
thread each, and Debian's Chromium on the same two cores. Takes about four minutes; ``--parts one,ten`` measures some
parts only. Prints figures without judging them.
"""

from __future__ import annotations

import argparse
import io
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import torch
from playwright.sync_api import FilePayload

import neurflow
from neurflow.datasets import load_dataset
from neurflow.lens import Lens
from neurflow.method.patches import to_input
from tests.e2e.browsing import chromium, visitor
from tests.e2e.house import House

PARAMETERS: Final = {"images": 20, "top_k": 20, "tau": 8}
LONG: Final = {"images": 300, "held_out": 0}
"""A trace that takes longer than what is measured beside it."""
_PATIENCE = 300.0
_SEEN = """
() => {
  window.__seen = {};
  const send = XMLHttpRequest.prototype.send;
  XMLHttpRequest.prototype.send = function (body) {
    this.upload.addEventListener("load", () => { window.__seen.sent = performance.now(); });
    send.call(this, body);
  };
}
"""


def main() -> None:
    """Run the parts one after another."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--parts", default="one,ten,measure,large", help="which parts to measure")
    arguments.add_argument("--times", type=int, default=20, help="how often each is measured")
    options = arguments.parse_args()
    parts = options.parts.split(",")
    if set(parts) - {"large"}:
        with _installation() as (house, circuit):
            files = _files(options.times + 1)
            with house.worker("--queue", "interactive"):
                _upload(house, circuit, files[0])  # the lens is built once
                if "one" in parts:
                    _one(house, circuit, files[1:])
                if "measure" in parts:
                    _measure(house, circuit, options.times)
                if "ten" in parts:
                    _ten(house, circuit, files)
    if "large" in parts:
        _large()


def _one(house: House, circuit: str, files: Sequence[bytes]) -> None:
    """Measure from the last byte of an upload until its scores are visible on the page."""
    milliseconds = []
    with chromium() as browser, visitor(browser, house.url) as somebody:
        page = somebody.context.new_page()
        page.add_init_script(f"({_SEEN.strip()})()")
        page.goto(f"{house.url}/circuits/{circuit}?v=1&panel=image")
        page.wait_for_selector(".graph-name")
        for number, data in enumerate(files):
            name = f"photo {number}.png"
            page.set_input_files("input[type=file]", files=[FilePayload(name=name, mimeType="image/png", buffer=data)])
            page.wait_for_function(
                """(name) => {
                  const there = document.querySelector(".lens-head h2")?.textContent === name
                    && document.querySelector(".lens-rows .lens-row");
                  if (there && !window.__seen.shown) {
                    requestAnimationFrame(() => setTimeout(() => { window.__seen.shown = performance.now(); }));
                  }
                  return Boolean(there) && Boolean(window.__seen.shown);
                }""",
                arg=name,
                timeout=60_000,
                polling="raf",
            )
            milliseconds.append(float(page.evaluate("window.__seen.shown - window.__seen.sent")))
            page.evaluate("window.__seen = {}")
            page.get_by_role("button", name="Close this image").first.click()
    _tell("one person, last byte of the upload to the scores on the page", milliseconds)


def _ten(house: House, circuit: str, files: Sequence[bytes]) -> None:
    """Measure ten uploads at once, repeatedly, while another worker computes a circuit."""
    long = house.ask("flower", LONG)
    with house.worker("--queue", "circuits"), ThreadPoolExecutor(10) as pool:
        _until_running(house, long)
        found: list[float] = []
        for _ in range(5):
            found += pool.map(lambda data: _upload(house, circuit, data), files[:10])
        still = house.api.get(f"/circuits/{long}")["state"]
    _tell(f"ten at once, a circuit being computed ({still}), last byte to the whole answer", found)


def _measure(house: House, circuit: str, times: int) -> None:
    """Measure knock-outs and rankings of one image."""
    analysis = house.api.get(f"/analyses?circuit={circuit}")["items"][0]["id"]
    groups = [group["id"] for group in house.api.get(f"/circuits/{circuit}")["groups"]]
    about = {"circuit": circuit, "analysis": analysis}
    knocked = [
        _timed(house, about | {"kind": "knock_out", "groups": [{"group": groups[n % len(groups)]}], "seed": n})
        for n in range(times)
    ]
    _tell("a knock-out beside 20 random sets", knocked)
    classes = [top["name"] for top in house.api.get(f"/analyses/{analysis}")["reading"]["classes"]]
    _tell("a ranking of all groups", [_timed(house, about | {"kind": "ranking", "class": name}) for name in classes])
    _tell(
        "pixels of a group", [_timed(house, about | {"kind": "pixels", "groups": [{"group": g}]}) for g in groups[:9]]
    )


def _large() -> None:
    """Measure ResNet-50 with random weights at 224 pixels, all threads."""
    network, photos = neurflow.load_network("torchvision/resnet50:random"), load_dataset("demo/photos")
    pictures = [photos.load(ref).resize((224, 224)) for ref in photos.images[:: len(photos.images) // 12]]
    with tempfile.TemporaryDirectory() as folder:
        for number, picture in enumerate(pictures):
            picture.save(Path(folder) / f"{number:03d}.png")
        with torch.no_grad():
            predicted = network.module(to_input(pictures, network.preprocessing)).argmax(1)
        few = neurflow.TraceParameters(images=3, tau=2, top_k=5, crops=(1.0, 0.5), held_out=0, nodes=2, max_nodes=2)
        data = neurflow.load_dataset(f"folder/{folder}")
        circuit = neurflow.trace(network, data, f"#{int(predicted.mode().values)}", few).circuit
    # With the windows of a default trace: the number of crops is what counts.
    lens = Lens(network, replace(circuit, parameters=replace(circuit.parameters, crops=(1.0, 0.5, 0.25))))
    picture = pictures[0]
    lens.analyse(picture)
    milliseconds = []
    for _ in range(5):
        started = time.perf_counter()
        lens.analyse(picture)
        milliseconds.append(1000 * (time.perf_counter() - started))
    _tell("ResNet-50, 59 crops of 224 pixels, the lens alone", milliseconds)


def _timed(house: House, body: dict[str, Any]) -> float:
    started = time.perf_counter()
    state = house.api.post("/measurements", body)["state"]
    assert state == "succeeded", state
    return 1000 * (time.perf_counter() - started)


def _upload(house: House, circuit: str, data: bytes) -> float:
    """Return the milliseconds from sending a file until its response is here."""
    started = time.perf_counter()
    state = house.api.analyse(circuit, data)["state"]
    assert state == "succeeded", state
    return 1000 * (time.perf_counter() - started)


def _until_running(house: House, circuit: str) -> None:
    deadline = time.monotonic() + _PATIENCE
    while house.api.get(f"/circuits/{circuit}")["state"] != "running":
        assert time.monotonic() < deadline
        time.sleep(0.1)


def _files(count: int) -> list[bytes]:
    """Return photographs as files, each of some hundred kilobytes."""
    data = load_dataset("demo/photos")
    found = []
    for number in range(count):
        stream = io.BytesIO()
        data.load(data.images[number * 7]).resize((640, 480)).save(stream, "PNG", compress_level=1)
        found.append(stream.getvalue())
    return found


def _tell(what: str, milliseconds: Sequence[float]) -> None:
    ordered = sorted(milliseconds)
    high = ordered[min(len(ordered) - 1, len(ordered) * 95 // 100)]
    print(
        f"{what}: median {statistics.median(ordered):.0f} ms, 95th percentile {high:.0f} ms, of {len(ordered)}",
        flush=True,
    )


@contextmanager
def _installation() -> Iterator[tuple[House, str]]:
    """Run an installation with the demo and a circuit of it."""
    with tempfile.TemporaryDirectory(prefix="neurflow-bench-") as folder:
        house = House(Path(folder) / "home")
        try:
            house.migrate()
            house.start()
            with house.worker():
                house.api.register("demo/photos", "demo/photos", _PATIENCE)
                circuit = house.ask("cat", PARAMETERS)
                house.api.finished(circuit, _PATIENCE)
            yield house, circuit
        finally:
            house.close()


if __name__ == "__main__":
    main()
