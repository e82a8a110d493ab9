"""Has a page note by itself when its graph is there, its long tasks and its frames, so that no way to it counts."""

from __future__ import annotations

from playwright.sync_api import Page

READY = ".graph-name"
"""What is there once the graph is drawn: the name of a row."""
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
    """Has all that ``page`` opens from now on be watched."""
    page.add_init_script(_SCRIPT)


def ready(page: Page) -> float:
    """Seconds from the beginning of the navigation until the graph could be seen."""
    page.wait_for_function("() => window.__seen && window.__seen.ready !== null", timeout=_PATIENCE_MS)
    return float(page.evaluate("window.__seen.ready")) / 1000


def longest_task(page: Page) -> float:
    """Milliseconds of the longest task of the main thread since this was asked last; 0 where none took 50."""
    # Entries are handed over with a delay.
    page.wait_for_timeout(200)
    return float(page.evaluate("Math.max(0, ...window.__seen.long.splice(0))"))


def frames(page: Page) -> list[float]:
    """Milliseconds between frames since this was asked last."""
    return [float(ms) for ms in page.evaluate("window.__seen.frames.splice(0)")]
