"""Frames of the pages: a head that loads the built front end, and an element that its script fills.

The names of the built files are in its manifest, which is read again when it changes. Without a build, each page says
how to make one.
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
_FORMS: Final = {"login.html": "Sign in", "logout.html": "Sign out"}


@dataclass(frozen=True)
class Entry:
    """The files of one page, as addresses: its module, the modules that it imports, and their styles."""

    module: str
    imports: Sequence[str]
    styles: Sequence[str]


def frame(entry: str, title: str, current: str, preload: str | None = None) -> HTMLResponse:
    """Return a page that the script of ``entry`` fills.

    Args:
        entry: one of ``frontend/src/pages``.
        title: the page's title.
        current: the link in the head to mark as the current page; empty for none.
        preload: an API address that the script requests first.
    """
    found = entries(DIST).get(entry)
    if found is None:
        return message_page(
            "Not built", "The front end is not built. Run `make frontend`, then restart the server.", 503
        )
    return _page("frame.html", 200, entry=found, title=title, current_page=current, preload=preload, name=entry)


def shared(view: Any, address: str, api: str, preload: str, known: bool, embedded: bool) -> HTMLResponse:
    """Return the explorer with a shared view, read-only.

    Args:
        view: the shared view, as the API returns it.
        address: the public address of this page.
        api: the API address of the same view.
        preload: an API address that the script requests first.
        known: whether the user is signed in; if not, the script does not ask who they are.
        embedded: whether the page is in a frame of another site, without this site's head.
    """
    found = entries(DIST).get("explorer")
    if found is None:
        return message_page(
            "Not built", "The front end is not built. Run `make frontend`, then restart the server.", 503
        )
    frame = {"entry": found, "title": view.name, "current_page": "", "preload": preload, "name": "explorer"}
    return _page("shared.html", 200, **frame, shared=view, address=address, api=api, known=known, embedded=embedded)


def message_page(
    title: str, message: str, status: int, known: bool = True, way: tuple[str, str] = ("/", "All circuits")
) -> HTMLResponse:
    """Return a page with a message and a link: ``way`` is its address and text; ``known`` as in :func:`shared`."""
    entry = entries(DIST).get("message")
    return _page("message.html", status, entry=entry, title=title, message=message, known=known, way=way)


def sentence(text: str) -> str:
    """Return the message of an error as a sentence on a page.

    >>> sentence("no circuit 'cat-7k2m9'")
    "No circuit 'cat-7k2m9'."
    """
    return f"{text[:1].upper()}{text[1:]}" + ("" if text.endswith(".") else ".")


def glossary(terms: Sequence[Any]) -> HTMLResponse:
    """Return the glossary, which needs no script of its own."""
    return _page("glossary.html", 200, entry=entries(DIST).get("message"), title="Glossary", terms=terms)


def form(template: str, status: int, **values: Any) -> HTMLResponse:
    """Return a page with a form that needs no script, such as the sign-in page."""
    return _page(template, status, entry=entries(DIST).get("message"), title=_FORMS[template], **values)


def entries(folder: Path) -> Mapping[str, Entry]:
    """Return the built files of each entry in ``folder``; empty without a build."""
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
    """Yield a chunk and everything it imports, dependencies first."""
    for imported in manifest[key].get("imports", ()):
        yield from _needed(manifest, imported)
    yield key


def rendered(template: str, **values: Any) -> str:
    """Render a template; all values are escaped."""
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
