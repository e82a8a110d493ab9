"""What keeps strangers out: which hosts are served, who may send requests, what a page may load, how much may come."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import urlsplit

from neurflow_store.errors import SettingsError
from neurflow_store.installation.settings import MIB, Settings

JSON_LIMIT: Final = MIB
UPLOADS: Final = "/api/v1/uploads"
"""Below this path, bodies may be as large as ``max_upload_bytes``."""
IMAGES: Final = "/api/v1/uploads/analyses"
"""At this path, as large as ``max_image_bytes`` and what is said beside the image."""

_SAFE_METHODS: Final = {"GET", "HEAD", "OPTIONS"}
_NO_FRAMES: Final = "frame-ancestors 'none'"
_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "worker-src 'self'",
        "connect-src 'self'",
        # blob and data: pictures that the page makes of itself, to be saved.
        "img-src 'self' blob: data:",
        "style-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        _NO_FRAMES,
    )
)
HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-cache",
}
"""Of every answer that does not say otherwise."""


def embedding_policy(settings: Settings) -> str:
    """The policy of a page that the sites of the settings may show in a frame."""
    allowed = " ".join(settings.frame_ancestors)
    return _POLICY.replace(_NO_FRAMES, f"frame-ancestors {allowed}") if allowed else _POLICY


def check_address(settings: Settings) -> None:
    """Refuses to be reached from other machines while anybody may come in.

    Raises:
        SettingsError: ``host`` is not of this machine alone, and ``auth`` is ``none``.
    """
    if settings.auth == "none" and not is_loopback(settings.host):
        raise SettingsError(
            f"host {settings.host} can be reached from other machines, and with auth `none` anybody could come in: "
            "set NEURFLOW_AUTH=accounts (or oidc) and NEURFLOW_ALLOWED_HOSTS; or let a proxy that asks who it is stand "
            "before the server and set NEURFLOW_AUTH=proxy; or listen on 127.0.0.1"
        )


def is_loopback(host: str) -> bool:
    """Whether an address to listen on is of this machine alone."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def is_allowed_host(host: str, allowed: Sequence[str]) -> bool:
    """Whether a ``Host`` header, with or without a port, names this server; ``*.example.org`` allows names below it.

    >>> is_allowed_host("LOCALHOST:8000", ["localhost"]), is_allowed_host("[::1]:80", ["[::1]"])
    (True, True)
    >>> is_allowed_host("a.example.org", ["*.example.org"]), is_allowed_host("example.com", ["*.example.org"])
    (True, False)
    """
    name = host.lower()
    if not name.endswith("]"):  # the end of an IPv6 address without a port
        before, colon, port = name.rpartition(":")
        name = before if colon and port.isdigit() else name
    patterns = [pattern.lower() for pattern in allowed]
    return any(
        pattern == "*" or name == pattern or (pattern.startswith("*.") and name.endswith(pattern[1:]))
        for pattern in patterns
    )


def is_cross_site(method: str, headers: Mapping[str, str]) -> bool:
    """Whether another site's page has a browser send a request that changes something.

    Browsers tell by ``Sec-Fetch-Site``, older ones by ``Origin``. Programs that are no browser send neither, and pass.
    """
    if method in _SAFE_METHODS:
        return False
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = headers.get("origin")
    return origin is not None and _host_of(origin) != headers.get("host", "").lower()


def body_limit(path: str, settings: Settings) -> int:
    """Most bytes of a request's body."""
    if path.startswith(IMAGES):
        return settings.max_image_bytes + JSON_LIMIT
    return settings.max_upload_bytes if path.startswith(UPLOADS) else JSON_LIMIT


def _host_of(origin: str) -> str:
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""
