"""The image lens for tests: a panel at the side that takes an image and shows its analysis."""

from __future__ import annotations

import io
import re
from typing import Any

import PIL.Image
from playwright.sync_api import FilePayload, Locator, expect

from neurflow.datasets import load_dataset
from tests.e2e.browsing import Visitor
from tests.e2e.explorer import Explorer, query

LOOKING_MS = 60_000.0
"""The first image waits until the network is loaded."""


class Lens(Explorer):
    """A circuit with the panel of the lens open."""

    def __init__(self, visitor: Visitor, circuit: Any, **state: str) -> None:
        super().__init__(visitor, circuit, query(panel="image", **state))
        self.panel = self.page.get_by_role("tabpanel", name="Image")

    def bring(self, data: bytes, name: str = "photo.png", kind: str = "image/png") -> None:
        """Choose a file."""
        self.page.set_input_files("input[type=file]", files=[FilePayload(name=name, mimeType=kind, buffer=data)])

    def expect_open(self, name: str) -> None:
        """Wait until an image and its analysis are shown."""
        expect(self.panel.get_by_role("heading", name=name, exact=True)).to_be_visible(timeout=LOOKING_MS)
        expect(self.panel.get_by_role("table").first).to_contain_text("Probability", timeout=LOOKING_MS)
        expect(self.groups.get_by_role("listitem").first).to_be_visible()

    def expect_refused(self, words: str) -> None:
        """Wait for the message that says why a file was refused."""
        said = self.panel.get_by_role("status").filter(has_text=re.compile("was rejected|is not an image|is empty"))
        expect(said).to_contain_text(re.compile(words), timeout=LOOKING_MS)
        # Another image can be chosen.
        expect(self.panel.get_by_role("button", name="Choose an image")).to_be_visible()

    @property
    def groups(self) -> Locator:
        """Return the list of all groups with their values for the image."""
        return self.panel.get_by_role("region", name="Groups", exact=True)

    def fold(self, title: str) -> Locator:
        """Open a section below the groups."""
        section = self.panel.locator("details").filter(has=self.page.get_by_role("heading", name=title, exact=True))
        if not section.evaluate("(details) => details.open"):
            section.locator("summary").click()
        return section

    def analysis(self, house: Any) -> Any:
        """Return the server's analysis of the open image."""
        (id,) = self.state("analysis")
        return house.api.get(f"/analyses/{id}")


def photograph(label: str = "cat", place: int = 0, side: int = 200) -> PIL.Image.Image:
    """Return one of the demo's photographs."""
    data = load_dataset("demo/photos")
    refs = [ref for ref in data.images if ref.label == label]
    return data.load(refs[place]).resize((side, side))


def as_file(picture: PIL.Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    """Return a picture as the bytes of a file."""
    stream = io.BytesIO()
    picture.save(stream, kind, **options)
    return stream.getvalue()
