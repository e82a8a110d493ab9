"""Take screenshots of the main pages at three widths, light and dark, into a folder that git ignores.

``python -m tests.benchmarks.take_pictures --out out/pictures``, of real circuits that a real worker computes. Prints
what goes wrong on a page meanwhile. Takes about eight minutes on two cores.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from playwright.sync_api import Browser, Page

from tests.e2e.browsing import chromium, visitor
from tests.e2e.building import build
from tests.e2e.furnishing import furnish
from tests.e2e.house import PATIENCE, House
from tests.e2e.lens import as_file, photograph
from tests.e2e.team import Team, team
from tests.e2e.team_places import visits

WIDTHS: Final[Mapping[int, int]] = {360: 740, 1280: 800, 2560: 1440}
"""Heights of pages by their widths."""
_SETTLE_MS: Final = 800
# The parameters of the demo's own first circuits, but less of everything that only takes time.
_PARAMETERS: Final = {"images": 20, "top_k": 20, "tau": 8, "held_out": 10}
_SLOW: Final = {"images": 50, "top_k": 50, "tau": 16}

Taker = Callable[[str, str], None]
"""Take the pictures of a page by its name and its path."""


def main() -> None:
    """Take them all."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--out", type=Path, default=Path("out/pictures"))
    arguments.add_argument("--only", default="", help="take those whose names hold this")
    options = arguments.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="neurflow-pictures-") as folder, chromium() as browser:
        build(Path(folder) / "build.lock")
        with _house(Path(folder) / "home") as house:
            _take_all(house, _taker(browser, house.url, options.out, options.only))
        with team(Path(folder) / "home", Path(folder) / "team", browser) as users:
            _take_team(users, options.out, options.only)


def _take_all(house: House, take: Taker) -> None:
    take("gallery-empty", "/")
    take("networks-empty", "/networks")
    with house.worker():
        found = house.api.register("demo/photos", "demo/photos", PATIENCE)
        take("new-circuit", f"/circuits/new?network={found['network']}&dataset={found['dataset']}&class=cat")
        take("networks", "/networks")
        take("network", f"/networks/{found['network']}")
        take("datasets", "/datasets")
        take("dataset", f"/datasets/{found['dataset']}")
        for class_name in ("cat", "coins", "flower"):
            house.api.finished(house.ask(class_name, _PARAMETERS), 3 * PATIENCE)
        _take_explorer(house, take)
        _take_lens(house, take)
        running = house.ask("rocket", _SLOW)
        take("gallery", "/")
        take("running", f"/circuits/{running}")
        job = house.api.get(f"/circuits/{running}")["job"]["id"]
        house.api.post(f"/jobs/{job}/cancel")
    take("no-such-circuit", "/circuits/nothing-00000")


def _take_explorer(house: House, take: Taker) -> None:
    circuit = house.circuit()
    path = f"/circuits/{circuit['id']}"
    group, edge = _strongest(circuit)
    take("explorer", path)
    take("explorer-group", f"{path}?select={_escaped(group)}")
    take("explorer-edge", f"{path}?select={_escaped(edge)}")
    take("explorer-expanded", f"{path}?v=1&select={_escaped(group)}&expand={_escaped(group)}")
    take("explorer-influence", f"{path}?v=1&influence=60&weight=10")
    take("explorer-around", f"{path}?v=1&select={_escaped(group)}&around=both:{_escaped(group)}")
    take("explorer-table", f"{path}?v=1&show=table")


def _take_lens(house: House, take: Taker) -> None:
    circuit = house.circuit()
    path = f"/circuits/{circuit['id']}?v=1"
    take("lens-start", f"{path}&panel=image")
    analysis = house.api.analyse(circuit["id"], as_file(photograph(place=3, side=640)), "cat.png")["id"]
    group, _ = _strongest(circuit)
    take("lens", f"{path}&panel=image&analysis={analysis}")
    take("lens-group", f"{path}&panel=image&analysis={analysis}&select={_escaped(group)}")
    take("lens-inspector", f"{path}&analysis={analysis}&select={_escaped(group)}")
    take("lens-full", f"{path}&panel=image&full=inspector&analysis={analysis}")
    take("lens-table", f"{path}&panel=image&show=table&analysis={analysis}")


def _take_team(users: Team, out: Path, only: str) -> None:
    """Take the pages of accounts and sharing, each as its user sees it."""
    addresses = furnish(users)
    for width, height in WIDTHS.items():
        for dark in (False, True):
            for place, somebody, path, prepare in visits(users, width=width, height=height, dark=dark):
                name = f"team-{place.replace(' ', '-')}-{width}-{'dark' if dark else 'light'}.png"
                if only in name:
                    page = somebody.page(path.format(**addresses))
                    prepare(page)
                    _settle(page)
                    page.screenshot(path=out / name)
                    page.close()
        print(f"team, {width} wide: taken", flush=True)


def _strongest(circuit: Any) -> tuple[str, str]:
    """Return the strongest group of a layer in the middle, and its heaviest edge."""
    middle = circuit["layers"][len(circuit["layers"]) // 2]["name"]
    groups = [group for group in circuit["groups"] if group["layer"] == middle]
    group = max(groups, key=lambda group: abs(group["contribution"]))["id"]
    edge = max(
        (edge for edge in circuit["edges"] if group in (edge["source"], edge["target"])),
        key=lambda edge: abs(edge["weight"]),
    )
    return group, f"{edge['source']}>{edge['target']}"


def _escaped(id: str) -> str:
    return quote(id, safe="/")


def _taker(browser: Browser, url: str, out: Path, only: str) -> Taker:
    def take(name: str, path: str) -> None:
        if only not in name:
            return
        for width, height in WIDTHS.items():
            for dark in (False, True):
                with visitor(browser, url, width=width, height=height, dark=dark) as somebody:
                    page = somebody.page(path)
                    _settle(page)
                    file = out / f"{name}-{width}-{'dark' if dark else 'light'}.png"
                    page.screenshot(path=file)
                    for wrong in somebody.wrongs:
                        print(f"{file.name}: {wrong}")
        print(f"{name}: taken", flush=True)

    return take


def _settle(page: Page) -> None:
    """Wait until everything has loaded. A page with an event stream never becomes quite idle."""
    page.wait_for_load_state("load")
    page.wait_for_function(
        "() => [...document.images].every((image) => image.complete || image.loading === 'lazy')"
        " && !document.querySelector('[aria-busy=true]')"
    )
    page.wait_for_timeout(_SETTLE_MS)


@contextmanager
def _house(home: Path) -> Iterator[House]:
    home.mkdir()
    made = House(home)
    try:
        made.migrate()
        made.start()
        yield made
    finally:
        made.close()


if __name__ == "__main__":
    main()
