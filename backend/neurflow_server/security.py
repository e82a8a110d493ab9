"""Protection against foreign requests: allowed hosts, cross-site requests, content policy, body size."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import urlsplit

from neurflow_store.errors import SettingsError
from neurflow_store.installation.settings import MIB, Settings

JSON_LIMIT: Final = MIB
UPLOADS: Final = "/api/v1/uploads"
"""Below this path, bodies can have up to ``max_upload_bytes``."""
IMAGES: Final = "/api/v1/uploads/analyses"
"""At this path, bodies can have up to ``max_image_bytes`` plus the other form fields."""

_SAFE_METHODS: Final = {"GET", "HEAD", "OPTIONS"}
_NO_FRAMES: Final = "frame-ancestors 'none'"
_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "worker-src 'self'",
        "connect-src 'self'",
        # blob and data: pictures that the page creates, for saving.
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
"""For every response that does not set them itself."""


def embedding_policy(settings: Settings) -> str:
    """Return the policy of a page that the sites of the settings may embed in a frame."""
    allowed = " ".join(settings.frame_ancestors)
    return _POLICY.replace(_NO_FRAMES, f"frame-ancestors {allowed}") if allowed else _POLICY


def check_address(settings: Settings) -> None:
    """Refuse to be reachable from other machines while everyone has access.

    Raises:
        SettingsError: ``host`` is reachable from other machines, and ``auth`` is ``none``.
    """
    if settings.auth == "none" and not is_loopback(settings.host):
        raise SettingsError(
            f"host {settings.host} can be reached from other machines, and with auth `none` everyone would have "
            "access: set NEURFLOW_AUTH=accounts (or oidc) and NEURFLOW_ALLOWED_HOSTS; or put a proxy that signs users "
            "in before the server and set NEURFLOW_AUTH=proxy; or listen on 127.0.0.1"
        )


def is_loopback(host: str) -> bool:
    """Return whether an address to listen on is only reachable from this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def is_allowed_host(host: str, allowed: Sequence[str]) -> bool:
    """Return whether a ``Host`` header, with or without port, names this server; ``*.example.org`` allows subdomains.

    >>> is_allowed_host("LOCALHOST:8000", ["localhost"]), is_allowed_host("[::1]:80", ["[::1]"])
    (True, True)
    >>> is_allowed_host("a.example.org", ["*.example.org"]), is_allowed_host("example.com", ["*.example.org"])
    (True, False)
    """
    name = host.lower()
    if not name.endswith("]"):  # the end of an IPv6 address without port
        before, colon, port = name.rpartition(":")
        name = before if colon and port.isdigit() else name
    patterns = [pattern.lower() for pattern in allowed]
    return any(
        pattern == "*" or name == pattern or (pattern.startswith("*.") and name.endswith(pattern[1:]))
        for pattern in patterns
    )


def is_cross_site(method: str, headers: Mapping[str, str]) -> bool:
    """Return whether another site's page makes a browser send a request that changes something.

    Browsers tell by ``Sec-Fetch-Site``, older ones by ``Origin``. Other programs send neither, and are allowed.
    """
    if method in _SAFE_METHODS:
        return False
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = headers.get("origin")
    return origin is not None and _host_of(origin) != headers.get("host", "").lower()


def body_limit(path: str, settings: Settings) -> int:
    """Return the maximum size of a request's body in bytes."""
    if path.startswith(IMAGES):
        return settings.max_image_bytes + JSON_LIMIT
    return settings.max_upload_bytes if path.startswith(UPLOADS) else JSON_LIMIT


def _host_of(origin: str) -> str:
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""
