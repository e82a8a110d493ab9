"""The pages' frames: a head that loads what the front end was built into, and an element that its script fills.

What the build is called stands in its manifest, which is read again when it changes. Without a build each page says how
to make one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

STATIC: Final = Path(__file__).parent / "static"
DIST: Final = STATIC / "dist"
_BASE: Final = "/static/dist/"


@dataclass(frozen=True)
class Entry:
    """What one page loads, as addresses: its module, the modules that this one imports, and their styles."""

    module: str
    imports: Sequence[str]
    styles: Sequence[str]


def frame(entry: str, title: str, current: str, preload: str | None = None) -> HTMLResponse:
    """A page that the script of ``entry`` fills.

    Args:
        entry: one of ``frontend/src/pages``.
        title: of the page.
        current: which of the links in the head is marked as this page; empty for none.
        preload: an address of the API that the script asks for first.
    """
    found = entries(DIST).get(entry)
    if found is None:
        return said("Not built", "The front end was not built: run `make frontend`, then start the server again.", 503)
    return _page("frame.html", 200, entry=found, title=title, current_page=current, preload=preload, name=entry)


def shared(view: Any, address: str, api: str, preload: str, known: bool, embedded: bool) -> HTMLResponse:
    """The explorer with a view that was shared, to be looked at only.

    Args:
        view: what is behind the link, as the API tells it.
        address: of this page, as others reach it.
        api: where the API tells the same.
        preload: an address of the API that the script asks for first.
        known: whether who asks has an account: the script need not ask who a stranger is.
        embedded: whether it stands in a page of another site, without the head of this one.
    """
    found = entries(DIST).get("explorer")
    if found is None:
        return said("Not built", "The front end was not built: run `make frontend`, then start the server again.", 503)
    frame = {"entry": found, "title": view.name, "current_page": "", "preload": preload, "name": "explorer"}
    return _page("shared.html", 200, **frame, shared=view, address=address, api=api, known=known, embedded=embedded)


def said(title: str, message: str, status: int, known: bool = True) -> HTMLResponse:
    """A page that says something calmly, and leads back to the circuits; ``known`` as in :func:`shared`."""
    entry = entries(DIST).get("message")
    return _page("message.html", status, entry=entry, title=title, message=message, known=known)


def glossary(terms: Sequence[Any]) -> HTMLResponse:
    """The terms and numbers, explained; needs no script of its own."""
    return _page("glossary.html", 200, entry=entries(DIST).get("message"), title="Glossary", terms=terms)


def form(template: str, status: int, **values: Any) -> HTMLResponse:
    """A page with a form that needs no script, such as the login."""
    title = template.removesuffix(".html").replace("log", "Log ")
    return _page(template, status, entry=entries(DIST).get("message"), title=title, **values)


def entries(folder: Path) -> Mapping[str, Entry]:
    """What the build in ``folder`` made of each entry; empty where there is none."""
    try:
        manifest = folder / "manifest.json"
        return _read(manifest, manifest.stat().st_mtime_ns)
    except FileNotFoundError:
        return {}


@lru_cache(maxsize=2)
def _read(path: Path, changed: int) -> Mapping[str, Entry]:
    manifest = json.loads(path.read_bytes())
    return {Path(key).stem: _entry(manifest, key) for key, chunk in manifest.items() if chunk.get("isEntry")}


def _entry(manifest: Mapping[str, Any], key: str) -> Entry:
    chunks = list(dict.fromkeys(_needed(manifest, key)))
    styles = dict.fromkeys(style for chunk in chunks for style in manifest[chunk].get("css", ()))
    imports = [_BASE + manifest[chunk]["file"] for chunk in chunks if chunk != key]
    return Entry(_BASE + manifest[key]["file"], imports, [_BASE + style for style in styles])


def _needed(manifest: Mapping[str, Any], key: str) -> Iterator[str]:
    """A chunk and all that it imports at once, what is imported first."""
    for imported in manifest[key].get("imports", ()):
        yield from _needed(manifest, imported)
    yield key


def rendered(template: str, **values: Any) -> str:
    """A template as text; whatever people wrote is escaped."""
    return _templates().get_template(template).render(values)


def _page(template: str, status: int, **values: Any) -> HTMLResponse:
    return HTMLResponse(rendered(template, **values), status_code=status)


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
