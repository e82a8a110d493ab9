"""A small trace, requested on the page of a new circuit."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

WHILE_COMPUTING = 90_000.0
"""Milliseconds that a small trace may take on a busy machine."""
_LEFT_OUT = ("layer4.0", "layer3.0", "layer2.0", "layer1.1", "layer1.0")
_FEW = (("Images", 8), ("Patches per neuron", 8), ("Core neurons (τ)", 4))


def set_parameter(page: Page, label: str, value: object) -> None:
    """Type a value into a parameter's field."""
    # A mark beside the name says that it is not the default.
    field = page.get_by_role("textbox", name=re.compile(f"^{re.escape(label)}"))
    field.fill(str(value))
    field.press("Tab")


def choose_little(page: Page, class_name: str) -> None:
    """Choose a class, three layers and few of everything."""
    page.get_by_role("radio", name=class_name).check()
    expect(page.get_by_role("list", name=f"Images of {class_name}").get_by_role("img").first).to_be_visible()
    layers = page.get_by_role("group", name="Layers, from high to low")
    for name in _LEFT_OUT:
        layers.get_by_role("checkbox", name=re.compile(f"^{re.escape(name)} ")).uncheck()
    for label, value in _FEW:
        set_parameter(page, label, value)
    expect(page.get_by_role("region", name="Estimate and start")).to_contain_text("up to 8 images")


def trace(page: Page) -> str:
    """Start the trace, and wait for the result; return the circuit's id."""
    page.get_by_role("button", name="Compute circuit").click()
    expect(page).to_have_url(re.compile(r"/circuits/[a-z]+-\w+"))
    progress = page.get_by_role("region", name="Progress")
    expect(progress).to_be_visible()
    expect(progress).to_be_hidden(timeout=WHILE_COMPUTING)
    expect(page.locator(".graph-name")).to_have_count(4)
    return page.url.partition("/circuits/")[2].partition("?")[0]
