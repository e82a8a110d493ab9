"""All kinds of files in the lens: accepted images, and refused files that leave nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import PIL.Image
import pytest
from playwright.sync_api import expect

from tests.e2e.browsing import Visitor
from tests.e2e.house import House
from tests.e2e.lens import Lens, as_file, photograph


@pytest.fixture(scope="module")
def circuit(house: House) -> Any:
    """The circuit that is already computed."""
    return house.circuit()


@pytest.fixture(scope="module", autouse=True)
def worker(house: House) -> Iterator[None]:
    """A worker for images."""
    with house.worker("--queue", "interactive"):
        yield


def turned() -> bytes:
    """Return a picture of 200 × 100 pixels as a camera held upright stores it."""
    exif = PIL.Image.Exif()
    exif[0x0112] = 6
    return as_file(photograph().resize((200, 100)), "JPEG", exif=exif)


def with_alpha() -> bytes:
    picture = photograph().convert("RGBA")
    picture.putalpha(PIL.Image.linear_gradient("L").resize(picture.size))
    return as_file(picture)


def sixteen_bits() -> bytes:
    grey = np.asarray(photograph().convert("L")).astype(np.uint16) * 257
    return as_file(PIL.Image.fromarray(grey))


def animated() -> bytes:
    frames = [photograph(place=n).convert("P") for n in range(3)]
    return as_file(frames[0], "GIF", save_all=True, append_images=frames[1:])


KINDS: dict[str, tuple[Callable[[], bytes], str, tuple[int, int]]] = {
    "turned by EXIF": (turned, "image/jpeg", (100, 200)),
    "with alpha": (with_alpha, "image/png", (200, 200)),
    "grey": (lambda: as_file(photograph().convert("L")), "image/png", (200, 200)),
    "CMYK": (lambda: as_file(photograph().convert("CMYK"), "JPEG"), "image/jpeg", (200, 200)),
    "16 bits": (sixteen_bits, "image/png", (200, 200)),
    "animated": (animated, "image/gif", (200, 200)),
    "WebP": (lambda: as_file(photograph(), "WEBP"), "image/webp", (200, 200)),
    "one pixel": (lambda: as_file(photograph().resize((1, 1))), "image/png", (1, 1)),
    "48 megapixels": (
        lambda: as_file(photograph().resize((8000, 6000), PIL.Image.Resampling.NEAREST), "JPEG", quality=60),
        "image/jpeg",
        (8000, 6000),
    ),
}


def test_all_kinds_of_images_are_analysed(visitor: Visitor, circuit: Any, house: House) -> None:
    lens = Lens(visitor, circuit)
    for kind, (make, media_type, size) in KINDS.items():
        lens.bring(make(), f"{kind}.img", media_type)
        lens.expect_open(f"{kind}.img")
        analysis = lens.analysis(house)
        assert (analysis["width"], analysis["height"]) == size, kind
        picture = lens.panel.get_by_role("application").locator("img")
        expect(picture).to_be_visible()
        natural, shown = picture.evaluate(
            "(image) => [[image.naturalWidth, image.naturalHeight], [image.clientWidth, image.clientHeight]]"
        )
        assert max(natural) <= 768, kind
        # Never stretched, except for rounding to whole pixels.
        assert abs(shown[0] * size[1] - shown[1] * size[0]) <= 2 * max(size), (kind, shown)
        lens.panel.get_by_role("button", name="Close this image").click()
        expect(lens.panel.get_by_role("button", name="Choose an image")).to_be_visible()


BOMB = b"P6 100000 100000 255\n" + bytes(1000)
REFUSED: dict[str, tuple[Callable[[], bytes], str, str]] = {
    "no image": (lambda: b"Dear diary, today I saw a cat.", "", "is not an image of a supported format"),
    "a script": (
        lambda: b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        "",
        "not an image of a supported format",
    ),
    "truncated": (lambda: as_file(photograph(), "JPEG")[:-900], "image/jpeg", "truncated"),
    "a bomb": (lambda: BOMB, "image/x-portable-pixmap", "limit of 80,000,000 pixels"),
    "empty": (lambda: b"", "image/png", "is empty"),
    "damaged": (lambda: b"\0\0\0\x20ftypavif" + bytes(500), "image/avif", "is damaged or is none of"),
    "a format that is not taken": (
        lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\n",
        "image/x-eps",
        "not an image of a supported format",
    ),
    "a document": (lambda: b"%PDF-1.7 ...", "application/pdf", "is not an image"),
}


def test_a_refused_file_leaves_nothing(visitor: Visitor, circuit: Any, house: House) -> None:
    visitor.expect(r"status of 4(15|22)")
    before = [item["id"] for item in house.api.get("/analyses")["items"]]
    jobs = [job["id"] for job in house.api.get("/jobs?kind=analyse")["items"]]
    lens = Lens(visitor, circuit)
    for kind, (make, media_type, words) in REFUSED.items():
        lens.bring(make(), f"..\\..\\<img src=x onerror=alert(1)>{kind}.png", media_type)
        lens.expect_refused(f"{kind}.*{words}")
        assert [item["id"] for item in house.api.get("/analyses")["items"]] == before, kind
        assert [job["id"] for job in house.api.get("/jobs?kind=analyse")["items"]] == jobs, kind
        assert lens.state("analysis") == []
    # Another image can be chosen.
    lens.bring(as_file(photograph()), "next.png")
    lens.expect_open("next.png")


def test_a_lost_connection_is_reported(visitor: Visitor, circuit: Any) -> None:
    lens = Lens(visitor, circuit)
    lens.page.route("**/api/v1/uploads/analyses**", lambda route: route.abort())
    visitor.expect("net::ERR_FAILED|Failed to load resource")
    lens.bring(as_file(photograph()), "lost.png")
    lens.expect_refused("cannot be reached|broke off")
