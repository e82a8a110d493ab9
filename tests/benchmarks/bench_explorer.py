"""Measure the explorer in a real browser: first view, scripts, a large circuit, panning and zooming, memory.

Uses Debian's Chromium without a GPU, against a server on this machine. Takes about three minutes on two cores;
``--parts first`` measures one part only. Prints figures without judging them.
"""

from __future__ import annotations

import argparse
import gzip
import math
import re
import statistics
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from playwright.sync_api import Browser, CDPSession, Page, Request

from neurflow_store.artifacts import artifact_store
from neurflow_store.installation.database import Database
from neurflow_store.installation.settings import load_settings
from neurflow_store.upkeep.migrate import upgrade
from tests.benchmarks.page_watch import frames, longest_task, ready, watch
from tests.benchmarks.pictured_store import SIXTY, THOUSAND, add_pictured
from tests.e2e.browsing import chromium, visitor
from tests.e2e.house import House
from tests.store import rows

SMALL, LARGE = "cat-60000", "cat-10000"
_MOVES = 120
_EVERY = 10
_KB = 1e3
_MB = 1e6


def main() -> None:
    """Run the parts one after another."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--parts", default="first,large,memory", help="which parts to measure")
    arguments.add_argument("--times", type=int, default=5, help="how often the first view is measured")
    arguments.add_argument("--circuits", type=int, default=50, help="circuits opened one after another")
    options = arguments.parse_args()
    parts = options.parts.split(",")
    with _installation(options.circuits if "memory" in parts else 0) as url, chromium() as browser:
        if "first" in parts:
            _first_view(browser, url, options.times)
        if "large" in parts:
            _large(browser, url)
        if "memory" in parts:
            _memory(browser, url, options.circuits)


def _first_view(browser: Browser, url: str, times: int) -> None:
    """Measure a circuit of 60 groups for a first-time user, and the scripts it needs."""
    seconds, tasks = [], []
    for _ in range(times):
        with _page(browser, url) as page:
            scripts: list[str] = []
            page.context.on("request", _noting(scripts))
            page.goto(f"{url}/circuits/{SMALL}", wait_until="commit")
            seconds.append(ready(page))
            until_then = len(scripts)
            page.wait_for_load_state("networkidle")
            tasks.append(longest_task(page))
    print(
        f"first view of 60 groups on a cold cache: {statistics.median(seconds):.2f} s (median of {times}, at most "
        f"{max(seconds):.2f} s); longest task {max(tasks):.0f} ms"
    )
    sizes = [_gzipped(address) for address in scripts]
    print(f"scripts until then, gzipped: {sum(sizes[:until_then]):.0f} kB; later: {sum(sizes[until_then:]):.0f} kB")
    for number, (address, size) in enumerate(zip(scripts, sizes, strict=True)):
        print(f"  {size:6.1f} kB {'' if number < until_then else 'later '}{address.removeprefix(url)}", flush=True)


def _large(browser: Browser, url: str) -> None:
    """Measure 1,000 groups and 10,000 edges: opened, panned and zoomed."""
    with _page(browser, url) as page:
        page.goto(f"{url}/circuits/{LARGE}", wait_until="commit")
        print(f"1,000 groups and 10,000 edges open after {ready(page):.2f} s; longest task {longest_task(page):.0f} ms")
        page.wait_for_load_state("networkidle")
        box = page.get_by_role("group", name=re.compile("^Graph of the circuit")).bounding_box()
        assert box is not None
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        for title, depth in (("seen as a whole", 0), ("zoomed in", 12)):
            for _ in range(depth):
                page.mouse.move(x, y)
                page.mouse.wheel(0, -120)
            page.wait_for_timeout(1000)
            _motion(f"panning, {title}", page, lambda n: page.mouse.move(*_circle(x, y, n)), held=(x, y))
            _motion(f"zooming, {title}", page, lambda n: page.mouse.wheel(0, 60 if n % 40 < 20 else -60))


def _motion(title: str, page: Page, move: Callable[[int], None], held: tuple[float, float] | None = None) -> None:
    """Return frames per second and the longest task while the mouse does something."""
    if held:
        page.mouse.move(*held)
        page.mouse.down()
    frames(page)
    for number in range(_MOVES):
        move(number)
    found = frames(page)
    if held:
        page.mouse.up()
    slow = sorted(found)[len(found) * 95 // 100]
    print(
        f"{title}: {1000 / statistics.mean(found):.0f} frames a second (95 % within {slow:.0f} ms); "
        f"longest task {longest_task(page):.0f} ms",
        flush=True,
    )


def _memory(browser: Browser, url: str, circuits: int) -> None:
    """Measure the memory of one tab while one circuit after another is opened in it."""
    with _page(browser, url) as page:
        session = page.context.new_cdp_session(page)
        session.send("Performance.enable")
        for number in range(circuits):
            page.goto(f"{url}/circuits/{_circuit(number)}")
            ready(page)
            if number % _EVERY in (0, _EVERY - 1):
                print(f"circuit {number + 1}: {_held(session)}", flush=True)


def _held(session: CDPSession) -> str:
    session.send("HeapProfiler.collectGarbage")
    metrics = {entry["name"]: entry["value"] for entry in session.send("Performance.getMetrics")["metrics"]}
    renderers = [process for process in psutil.Process().children(recursive=True) if _is_renderer(process)]
    resident = sum(process.memory_info().rss for process in renderers)
    return (
        f"{metrics['JSHeapUsedSize'] / _MB:.1f} MB of script's heap, {metrics['Nodes']:.0f} nodes, "
        f"{metrics['Documents']:.0f} documents, {resident / _MB:.0f} MB resident in renderers"
    )


def _is_renderer(process: psutil.Process) -> bool:
    try:
        return "--type=renderer" in process.cmdline()
    except psutil.Error:
        return False


def _circle(x: float, y: float, number: int) -> tuple[float, float]:
    angle = number / 10
    return x + 150 * math.sin(angle), y + 100 * (math.cos(angle) - 1)


def _noting(scripts: list[str]) -> Callable[[Request], None]:
    def note(request: Request) -> None:
        if request.resource_type == "script" or request.url.endswith(".js"):
            scripts.append(request.url)

    return note


def _gzipped(address: str) -> float:
    with urllib.request.urlopen(address, timeout=20) as answer:  # noqa: S310 - our own server
        return len(gzip.compress(answer.read(), 6)) / _KB


@contextmanager
def _page(browser: Browser, url: str) -> Iterator[Page]:
    """Open a page of a first-time user."""
    with visitor(browser, url) as somebody:
        page = somebody.context.new_page()
        watch(page)
        yield page
        for wrong in somebody.wrongs:
            print(f"went wrong: {wrong}", flush=True)


def _circuit(number: int) -> str:
    return f"dog-{number:05}"


@contextmanager
def _installation(circuits: int) -> Iterator[str]:
    """Yield the address of a server with a circuit of 60 groups, one of 1,000, and more of 60."""
    with tempfile.TemporaryDirectory(prefix="neurflow-bench-") as folder:
        home = Path(folder) / "home"
        home.mkdir()
        settings = load_settings(home=home)
        database, store = Database(settings.database_url), artifact_store(settings)
        upgrade(database)
        start = time.perf_counter()
        with database.writing() as session:
            rows.add_basis(session)
            add_pictured(session, store, SMALL, SIXTY)
            add_pictured(session, store, LARGE, THOUSAND)
            for number in range(circuits):
                add_pictured(session, store, _circuit(number), SIXTY)
        database.close()
        print(f"made {circuits + 2} circuits in {time.perf_counter() - start:.0f} s", flush=True)
        house = House(home)
        try:
            house.start()
            yield house.url
        finally:
            house.close()


if __name__ == "__main__":
    main()
