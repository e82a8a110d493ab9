"""Responses of the declared schemas, serialised in the thread that holds the database session.

If the framework serialised them, it would wait for a free thread while holding the session's connection; threads that
wait for a connection and connections that wait for a thread would then block each other.
"""

from __future__ import annotations

from typing import Any, Final

from fastapi import Response
from pydantic import BaseModel
from pydantic_core import to_json

from neurflow_server.addresses import API
from neurflow_server.addresses import at as address_of

JSON: Final = "application/json"
LOCATED: Final[dict[str, Any]] = {
    "headers": {"Location": {"description": "The path of the resource.", "schema": {"type": "string"}}}
}
"""For the ``responses`` of a route that sends ``Location``."""


def answer(content: BaseModel | dict[str, Any], status: int = 200, at: str | None = None) -> Response:
    """Return a response; ``at`` is the path of the resource below ``/api/v1``."""
    headers = None if at is None else {"Location": address_of(f"{API}{at}")}
    return Response(to_json(content, by_alias=True), status, headers, JSON)
