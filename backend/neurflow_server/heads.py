"""HEAD wherever there is GET: the same response, without its body, and without producing it.

1. A request with HEAD for the path of a GET route is passed on as GET. Everything inside sees a GET, so that no route,
   rule or document needs a second entry.
2. Once the response has begun, it is ended with an empty body, and what would produce the rest is cancelled. This also
   ends event streams.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from anyio import CancelScope
from fastapi import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from neurflow_server.access import Guarded

_HEAD: Final = "head"


def is_head(request: Request) -> bool:
    """Return whether the response needs no body, for routes that would read a file for it."""
    return bool(request.scope.get(_HEAD))


class Heads:
    """Answers HEAD for all GET routes."""

    def __init__(self, app: ASGIApp, routes: Sequence[Guarded]) -> None:
        self._app = app
        self._patterns: Sequence[re.Pattern[str]] = [route.pattern for route in routes if "GET" in route.methods]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD" or not self._has_get(scope["path"]):
            await self._app(scope, receive, send)
            return
        asked: Scope = {**scope, "method": "GET", _HEAD: True}
        with CancelScope() as rest:

            async def begin(message: Message) -> None:
                if message["type"] != "http.response.start":
                    return
                await send(message)
                await send({"type": "http.response.body", "body": b"", "more_body": False})
                rest.cancel()

            await self._app(asked, receive, begin)
        # The route that was found, for the log and the metrics.
        scope.update({**asked, "method": "HEAD"})

    def _has_get(self, path: str) -> bool:
        return any(pattern.match(path) for pattern in self._patterns)
