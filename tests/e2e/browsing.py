"""Debian's Chromium, and pages on which any unexpected error fails the test."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Page,
    Request,
    StorageState,
    expect,
    sync_playwright,
)

# Nothing leaves this machine, whatever a page requests.
_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
_PATIENCE_MS = 10_000.0
expect.set_options(timeout=_PATIENCE_MS)
_HARMLESS = {"data", "blob", "about", "chrome-error"}


def find_chromium() -> str | None:
    """Return the browser's program, if there is one."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


@contextmanager
def chromium(*flags: str) -> Iterator[Browser]:
    """A browser without windows. It uses the thread's event loop, so ``asyncio.run`` has to wait until it is closed."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=[*_FLAGS, *flags])
        try:
            yield browser
        finally:
            browser.close()


class Visitor:
    """A user with a browser of their own at ``url``. Records every error on their pages."""

    def __init__(self, context: BrowserContext, url: str) -> None:
        self.context, self.url = context, url
        self.wrongs: list[str] = []
        self._expected: list[re.Pattern[str]] = []
        context.set_default_timeout(_PATIENCE_MS)
        context.on("page", self._watch)
        context.on("request", self._request)

    def page(self, path: str = "/") -> Page:
        """Open a new page at ``path``."""
        page = self.context.new_page()
        page.goto(self.url + path)
        return page

    def expect(self, pattern: str) -> None:
        """Expect errors that contain ``pattern`` from now on."""
        self._expected.append(re.compile(pattern))

    def unexpected(self) -> list[str]:
        """The unexpected errors."""
        return [wrong for wrong in self.wrongs if not any(pattern.search(wrong) for pattern in self._expected)]

    def _watch(self, page: Page) -> None:
        page.on("console", self._said)
        page.on("pageerror", self._broke)
        page.on("crash", lambda page: self.wrongs.append(f"crash: {page.url}"))

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.wrongs.append(f"console {message.type}: {message.text} ({message.location.get('url', '')})")

    def _broke(self, error: Error) -> None:
        self.wrongs.append(f"page error: {error.stack or error.message}")

    def _request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in _HARMLESS and not request.url.startswith(f"{self.url}/"):
            self.wrongs.append(f"request to {request.url}")


@contextmanager
def visitor(
    browser: Browser,
    url: str,
    *,
    width: int = 1280,
    height: int = 800,
    dark: bool = False,
    scale: float = 1,
    kept: StorageState | None = None,
) -> Iterator[Visitor]:
    """A first-time user: an empty cache, and nothing stored except ``kept`` from signing in."""
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if dark else "light",
        device_scale_factor=scale,
        reduced_motion="reduce",
        accept_downloads=True,
        permissions=["clipboard-read", "clipboard-write"],
        storage_state=kept,
    )
    try:
        yield Visitor(context, url)
    finally:
        context.close()
