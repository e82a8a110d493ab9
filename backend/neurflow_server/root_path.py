"""The path below which a proxy serves the application, such as ``/user/ann/proxy/8000``: the root of each request.

1. It is the setting ``root_path``; without that, what a trusted proxy sends as ``X-Forwarded-Prefix``.
2. It is taken off the request's path if the proxy passed it on, so that routes, guard and log know the application's
   own paths only.
3. :func:`neurflow_server.addresses.at` puts it in front of every address in a response.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any, Final, cast
from urllib.parse import unquote

import structlog
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from neurflow_server import addresses
from neurflow_store.installation.setting_types import root_path
from neurflow_store.installation.settings import Settings

PREFIX: Final = "x-forwarded-prefix"
_SENT: Final = "neurflow.prefix"
_log = structlog.get_logger(__name__)


class RootPath:
    """Answers each request below its root."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app, self._root = app, settings.root_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        root = self._root or scope.get(_SENT, "")
        passed_on = unquote(root)
        path = scope["path"]
        if root and (path == passed_on or path.startswith(f"{passed_on}/")):
            scope = {**scope, "path": path[len(passed_on) :] or "/"}
        with addresses.below(root):
            await self._app(scope, receive, send)


class ProxyHeaders(ProxyHeadersMiddleware):
    """Accepts ``X-Forwarded-For``, ``-Proto`` and ``-Prefix`` from trusted proxies.

    Args:
        app: the application.
        settings: the installation's settings. With ``auth`` none, no proxy is trusted.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        trusted: Sequence[str] = ()
        if settings.auth != "none":
            trusted = os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1").split(",")
        super().__init__(cast(Any, app), [address.strip() for address in trusted])
        self._remedy = "set FORWARDED_ALLOW_IPS to the proxy's address" if trusted else "set NEURFLOW_AUTH=proxy"
        self._ignores = not settings.root_path
        self._told = ""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Note the prefix before the proxy's address is replaced by its client's."""
        if scope["type"] == "http" and self._ignores:
            sent = Headers(scope=scope).get(PREFIX, "").strip()
            if sent:
                scope[_SENT] = self._checked(sent, scope["client"])
        await super().__call__(scope, receive, send)

    def _checked(self, sent: str, client: Sequence[Any] | None) -> str:
        host = client[0] if client else None
        if host not in self.trusted_hosts:
            self._tell(f"{host} is not a trusted proxy: {self._remedy}, or set NEURFLOW_ROOT_PATH", sent)
            return ""
        try:
            return root_path(sent.rstrip("/"))
        except ValueError as error:
            self._tell(str(error), sent)
            return ""

    def _tell(self, reason: str, sent: str) -> None:
        """Log the first reason, and each new one of a trusted proxy; a client cannot fill the log."""
        if reason != self._told:
            self._told = reason
            _log.warning("X-Forwarded-Prefix is ignored", reason=reason, value=sent[:200])
