"""The page to open after signing in: always a page of this server."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from neurflow_server.addresses import at

_MOST: Final = 2000


def home() -> str:
    """Return the address of the first page."""
    return at("/")


def next_page(wanted: str | None) -> str:
    r"""Return ``wanted`` if it is a path of this server's pages, otherwise :func:`home`.

    >>> next_page("/circuits/cat-7k2m9?group=1"), next_page("https://example.org/"), next_page("//example.org")
    ('/circuits/cat-7k2m9?group=1', '/', '/')
    >>> next_page("/\\example.org"), next_page("/a\nb"), next_page("javascript:alert(1)"), next_page("/login?next=/x")
    ('/', '/', '/', '/')
    """
    if not wanted or len(wanted) > _MOST or not wanted.startswith(home()) or wanted.startswith("//"):
        return home()
    if "\\" in wanted or any(not " " < letter < "\x7f" for letter in wanted):
        return home()
    try:
        parts = urlsplit(wanted)
    except ValueError:
        return home()
    within = parts.path.startswith(tuple(map(at, ("/login", "/logout", "/auth/", "/api/"))))
    return home() if parts.scheme or parts.netloc or within else wanted
