"""Errors as problem details (RFC 9457): status and title, never a stack trace."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DataError, DBAPIError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Match

from neurflow_server.addresses import API
from neurflow_server.pages import message_page, sentence
from neurflow_store.artifacts.store import DISK_FULL, storage_errors
from neurflow_store.errors import (
    BadUpload,
    BadValue,
    Conflict,
    Forbidden,
    Gone,
    NotFound,
    NotLoggedIn,
    SchemaError,
    SettingsError,
    StorageError,
    StorageFull,
    StoreError,
    TooLarge,
    TooMany,
    Unreachable,
    WrongType,
)
from neurflow_store.installation.database_errors import DATABASE_AWAY, explained, first_line

MEDIA_TYPE: Final = "application/problem+json"
_Handler = Callable[[Request, Exception], Response]
_SHORT: Final = 200
_METHODS: Final = ("DELETE", "GET", "HEAD", "PATCH", "POST", "PUT")
_log = structlog.get_logger(__name__)

# The first entry for the error's class or the nearest base class.
_KINDS: Final[dict[type[Exception], tuple[int, str, str]]] = {
    NotLoggedIn: (401, "login", "Sign in first"),
    Forbidden: (403, "forbidden", "Not allowed"),
    TooMany: (429, "too-many", "Too many requests"),
    NotFound: (404, "not-found", "Not found"),
    Conflict: (409, "conflict", "Conflict with the current state"),
    Gone: (410, "gone", "No longer available"),
    TooLarge: (413, "too-large", "Too large"),
    WrongType: (415, "wrong-type", "Unsupported file type"),
    BadUpload: (422, "bad-upload", "Upload refused"),
    BadValue: (422, "invalid", "Invalid value"),
    StorageFull: (507, "storage-full", "Storage full"),
    StorageError: (503, "storage", "Storage not available"),
    Unreachable: (503, "unavailable", "Service unavailable"),
    SchemaError: (503, "schema", "Database version mismatch"),
    SettingsError: (500, "settings", "Invalid server settings"),
    StoreError: (500, "unexpected", "Internal error"),
}
_STATUS_TYPES: Final = {
    400: "bad-request",
    401: "login",
    403: "refused",
    404: "not-found",
    405: "method",
    413: "too-large",
    415: "wrong-type",
    421: "host",
    429: "too-many",
    503: "unavailable",
}


class ProblemResponse(Response):
    """A response with the schema ``Problem``."""

    media_type = MEDIA_TYPE

    def __init__(
        self,
        status: int,
        kind: str,
        title: str,
        detail: str,
        request_id: str | None,
        errors: Sequence[Mapping[str, str]] = (),
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> None:
        self.title, self.detail = title, detail
        content = {"type": kind, "title": title, "status": status, "detail": detail, "request_id": request_id}
        content |= {"errors": list(errors)} | more
        # In ASCII: what a client sent may not be valid UTF-8.
        super().__init__(json.dumps(content).encode(), status_code=status, headers=headers)


def answers(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the ``responses`` of a route that can return these problems."""
    return {status: {"description": HTTPStatus(status).phrase, "content": _CONTENT} for status in statuses}


_CONTENT: Final = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
ANY_PROBLEM: Final[dict[int | str, dict[str, Any]]] = {
    "4XX": {"description": "The request is invalid or cannot be fulfilled", "content": _CONTENT},
    "5XX": {"description": "Internal error", "content": _CONTENT},
}
"""Responses that every route can return."""


def install(app: FastAPI) -> None:
    """Return all errors that reach ``app`` as problems; the middleware handles unexpected ones."""
    handlers: dict[type[Exception], _Handler] = {
        StoreError: _store_error,
        RequestValidationError: _validation_error,
        HTTPException: _http_error,
        **dict.fromkeys(DATABASE_AWAY, _no_database),
        DataError: _data_error,
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, _page_for_browsers(handler))


def answered(request: Request, error: Exception) -> Response:
    """Return the response to an error of the store or database, for code in front of the routes."""
    handler = _store_error if isinstance(error, StoreError) else _no_database
    return _page_for_browsers(handler)(request, error)


def request_id(request: Request) -> str | None:
    """Return the request's id in the log."""
    return request.scope.get("request_id")


def unexpected(request: Request, error: Exception) -> Response:
    """Return the response to an unexpected error, whose details are only logged; a full disk is told."""
    if explained(error) is not None:
        return answered(request, error)
    if isinstance(error, OSError) and error.errno in DISK_FULL:
        return answered(request, _disk_error(error, "the disk of the server"))
    _log.error("unexpected error", exc_info=error)
    detail = "An unexpected error occurred. Search the server's log for this request_id."
    return ProblemResponse(500, "unexpected", "Internal error", detail, request_id(request))


def _page_for_browsers(handler: _Handler) -> _Handler:
    """Wrap ``handler`` to return a page to browsers that request one."""

    def answering(request: Request, error: Exception) -> Response:
        answer = handler(request, error)
        page = "text/html" in request.headers.get("accept", "") and not request.url.path.startswith(f"{API}/")
        if not page or not isinstance(answer, ProblemResponse):
            return answer
        shown = message_page(answer.title, sentence(answer.detail), answer.status_code)
        if "retry-after" in answer.headers:
            shown.headers["Retry-After"] = answer.headers["retry-after"]
        return shown

    return answering


def _store_error(request: Request, error: Exception) -> Response:
    status, kind, title = next(_KINDS[cls] for cls in error.__class__.__mro__ if cls in _KINDS)
    if status >= 500:
        _log.error("request failed", exc_info=error)
    headers = {"WWW-Authenticate": "Bearer"} if status == HTTPStatus.UNAUTHORIZED else {}
    if isinstance(error, TooMany):
        headers["Retry-After"] = str(error.seconds)
    return ProblemResponse(status, kind, title, str(error), request_id(request), headers=headers)


def _validation_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    errors = [_field_problem(problem) for problem in error.errors()]
    first = f"{errors[0]['place']}: {errors[0]['message']} (it is {errors[0]['value']})" if errors else "invalid"
    more = f"; and {len(errors) - 1} more" if len(errors) > 1 else ""
    return ProblemResponse(422, "invalid", "Invalid value", first + more, request_id(request), errors)


def _field_problem(problem: Mapping[str, Any]) -> dict[str, str]:
    place = ".".join(str(part) for part in problem["loc"])
    message = problem["msg"]
    if problem["type"] == "json_invalid":
        place, message = "body", f"not valid JSON: {problem['ctx']['error']} at position {problem['loc'][-1]}"
    return {"place": place, "value": _shortened(problem.get("input")), "message": message}


def _shortened(value: object) -> str:
    text = json.dumps(value, default=repr)
    return text if len(text) <= _SHORT else f"{text[:_SHORT]}…"


def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if isinstance(error.__cause__, OSError):
        # The framework reports a body that could not be saved as one that could not be parsed.
        return _store_error(request, _disk_error(error.__cause__, tempfile.gettempdir()))
    title = HTTPStatus(error.status_code).phrase
    detail = error.detail if error.detail != title else _explained(request, error.status_code, title)
    headers = dict(getattr(error, "headers", None) or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(_allowed(request))
    kind = _STATUS_TYPES.get(error.status_code, "http")
    return ProblemResponse(error.status_code, kind, title, detail, request_id(request), headers=headers)


def _disk_error(error: OSError, place: str) -> StorageError:
    """Return the error for a disk fault, for example while an upload is received."""
    try:
        with storage_errors(place):
            raise error
    except StorageError as found:
        return found


def _allowed(request: Request) -> list[str]:
    """Return every method that the path supports: a route knows only its own."""
    if request.scope["root_path"]:
        return ["GET", "HEAD"]  # in the folder of static files
    asked = {key: request.scope[key] for key in ("type", "path", "root_path", "headers", "app")}
    routes = request.app.router.routes
    found = {m for m in _METHODS if any(route.matches(asked | {"method": m})[0] is Match.FULL for route in routes)}
    if "GET" in found:
        found.add("HEAD")
    return [method for method in _METHODS if method in found]


def _explained(request: Request, status: int, title: str) -> str:
    if status == HTTPStatus.NOT_FOUND:
        return f"nothing exists at {request.url.path[:_SHORT]!r}"
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        return f"{request.method} is not supported at {request.url.path[:_SHORT]!r}"
    return title


def _no_database(request: Request, error: Exception) -> Response:
    known = explained(error)
    if isinstance(known, StorageFull):
        return _store_error(request, known)
    if isinstance(known, SettingsError):
        return _refused_by_database(request, known)
    _log.error("the database does not answer", error=_first_line(error))
    detail = "The database does not answer. Try again in a few seconds."
    return ProblemResponse(
        503, "unavailable", "Service unavailable", detail, request_id(request), headers={"Retry-After": "2"}
    )


def _refused_by_database(request: Request, error: SettingsError) -> Response:
    _log.error("the database refuses a query", error=str(error))
    detail = "The database refuses this query: the server may not read or write its tables."
    return ProblemResponse(503, "unavailable", "Service unavailable", detail, request_id(request))


def _data_error(request: Request, error: Exception) -> Response:
    _log.warning("a value cannot be stored", error=_first_line(error))
    detail = "A value cannot be stored: a number is out of range, or a text contains a null character."
    return ProblemResponse(422, "invalid", "Invalid value", detail, request_id(request))


def _first_line(error: Exception) -> str:
    return first_line(error.orig if isinstance(error, DBAPIError) else error)
