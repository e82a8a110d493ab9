"""Lets a page itself record when its graph is ready, its long tasks and its frames: round trips do not count."""

from __future__ import annotations

from playwright.sync_api import Page

READY = ".graph-name"
"""Present once the graph is drawn: the name of a row."""
_PATIENCE_MS = 60_000.0
_SCRIPT = """
(() => {
  const seen = (window.__seen = { ready: null, long: [], frames: [] });
  new PerformanceObserver((list) => {
    for (const task of list.getEntries()) seen.long.push(task.duration);
  }).observe({ type: "longtask", buffered: true });
  new MutationObserver((_, observer) => {
    if (!document.querySelector("READY")) return;
    observer.disconnect();
    // The frame that shows it has been painted when the task after it runs.
    requestAnimationFrame(() => setTimeout(() => { seen.ready = performance.now(); }));
  }).observe(document, { attributes: true, childList: true, subtree: true });
  let last = 0;
  const tick = (now) => {
    if (last) seen.frames.push(now - last);
    last = now;
    requestAnimationFrame(tick);
  };
  requestAnimationFrame(tick);
})();
""".replace("READY", READY)


def watch(page: Page) -> None:
    """Watch everything that ``page`` opens from now on."""
    page.add_init_script(_SCRIPT)


def ready(page: Page) -> float:
    """Return the seconds from the start of the navigation until the graph was visible."""
    page.wait_for_function("() => window.__seen && window.__seen.ready !== null", timeout=_PATIENCE_MS)
    return float(page.evaluate("window.__seen.ready")) / 1000


def longest_task(page: Page) -> float:
    """Return the milliseconds of the longest task of the main thread since the last call; 0 if none took 50."""
    # Entries are delivered with a delay.
    page.wait_for_timeout(200)
    return float(page.evaluate("Math.max(0, ...window.__seen.long.splice(0))"))


def frames(page: Page) -> list[float]:
    """Return the milliseconds between frames since the last call."""
    return [float(ms) for ms in page.evaluate("window.__seen.frames.splice(0)")]
