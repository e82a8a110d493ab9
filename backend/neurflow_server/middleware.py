"""Middleware for each request, within :class:`.RootPath`.

From the outermost: :class:`Record`, :class:`Headers`, :class:`Gate`, :class:`Net`. Pure ASGI: nothing is buffered, and
event streams pass through.
"""

from __future__ import annotations

import re
import secrets
import time
from typing import Any, Final

import structlog
from fastapi import FastAPI, Request
from starlette.datastructures import Headers as RequestHeaders
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from neurflow_server import security
from neurflow_server.metrics import Metrics
from neurflow_server.problems import ProblemResponse, unexpected
from neurflow_server.root_path import RootPath
from neurflow_server.share_access import masked
from neurflow_store.installation.settings import Settings

_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
_QUIET: Final = {"/healthz", "/readyz", "/metrics"}
_log = structlog.get_logger("neurflow_server.access")


def install(app: FastAPI, settings: Settings, metrics: Metrics) -> None:
    """Add all middleware; the last one added is the outermost."""
    app.add_middleware(Net)
    app.add_middleware(Gate, settings=settings)
    app.add_middleware(Headers)
    app.add_middleware(Record, metrics=metrics)
    app.add_middleware(RootPath, settings=settings)


class Record:
    """Gives each request an id, or uses the client's; logs a line; updates the metrics."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = RequestHeaders(scope=scope).get("x-request-id", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(8)
        scope["request_id"] = request_id
        answer: dict[str, Any] = {"status": 500, "stream": False}

        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["X-Request-ID"] = request_id
                kind = headers.get("content-type", "")
                answer.update(status=message["status"], stream=kind.startswith("text/event-stream"))
            await send(message)

        started = time.perf_counter()
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._app(scope, receive, noting)
            finally:
                seconds = time.perf_counter() - started
                self._metrics.observe(scope["method"], route_of(scope), answer["status"], seconds, answer["stream"])
                _write_line(scope, answer["status"], seconds)


def route_of(scope: Scope) -> str:
    """Return the path template of a request's route, such as ``/api/v1/jobs/{id}``; ``none`` without a route."""
    found = scope.get("fastapi", {}).get("effective_route_context") or scope.get("route")
    return getattr(found, "path", None) or "none"


def _write_line(scope: Scope, status: int, seconds: float) -> None:
    write = _log.debug if scope["path"] in _QUIET else _log.info
    write("request", method=scope["method"], path=masked(scope["path"]), status=status, seconds=round(seconds, 4))


class Headers:
    """Adds the headers of :mod:`neurflow_server.security` that a response does not set itself."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def adding(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                # The older header must not block a page whose policy allows framing.
                framed = "content-security-policy" in headers
                for name, value in security.HEADERS.items():
                    if not (framed and name == "X-Frame-Options"):
                        headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, adding)


class Gate:
    """Refuses requests for unknown hosts, from other sites' pages, and with bodies that are too large."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app, self._settings = app, settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = security.body_limit(scope["path"], self._settings)
        refusal = self._refusal(scope, limit)
        if refusal is not None:
            await refusal(scope, receive, send)
        else:
            await self._app(scope, _counted(receive, limit), send)

    def _refusal(self, scope: Scope, limit: int) -> ProblemResponse | None:
        headers = RequestHeaders(scope=scope)
        host, length = headers.get("host", ""), headers.get("content-length", "")
        if not security.is_allowed_host(host, self._settings.allowed_hosts):
            detail = f"unknown host {host[:200]!r}: add it to the setting allowed_hosts (NEURFLOW_ALLOWED_HOSTS)"
            return _refused(scope, 400, "host", "Unknown host", detail)
        if security.is_cross_site(scope["method"], headers):
            detail = "the request came from another site's page: send it from this server's pages, or from a program"
            return _refused(scope, 403, "cross-site", "Refused", detail)
        if length.isdigit() and int(length[:20]) > limit:
            return _refused(scope, 413, "too-large", "Too large", _too_large(limit))
        return None


def _refused(scope: Scope, status: int, kind: str, title: str, detail: str) -> ProblemResponse:
    return ProblemResponse(status, kind, title, detail, scope.get("request_id"))


def _counted(receive: Receive, limit: int) -> Receive:
    """Wrap ``receive`` to raise an error once a body without a correct length is too large."""
    taken = 0

    async def counting() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > limit:
            raise HTTPException(413, _too_large(limit))
        return message

    return counting


def _too_large(limit: int) -> str:
    return f"the body is larger than {limit} bytes, the maximum here: send a smaller one"


class Net:
    """Catches unexpected errors, so that their responses also have a request id and the headers."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def noting(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, noting)
        except Exception as error:
            if scope["type"] != "http" or started:
                raise
            await unexpected(Request(scope), error)(scope, receive, send)
