"""Answers of the declared schemas, written while the database's session is still held by the same thread.

Were they left to the framework, it would wait for a free thread to write them, with the session's connection in hand;
threads that wait for a connection and connections that wait for a thread would then hold each other up.
"""

from __future__ import annotations

from typing import Any, Final

from fastapi import Response
from pydantic import BaseModel
from pydantic_core import to_json

from neurflow_server.addresses import API

JSON: Final = "application/json"
LOCATED: Final[dict[str, Any]] = {
    "headers": {"Location": {"description": "Where it is answered.", "schema": {"type": "string"}}}
}
"""For the ``responses`` of a route that says where."""


def answer(content: BaseModel | dict[str, Any], status: int = 200, at: str | None = None) -> Response:
    """An answer; ``at`` is the path below ``/api/v1`` where the thing can be found again."""
    headers = None if at is None else {"Location": f"{API}{at}"}
    return Response(to_json(content, by_alias=True), status, headers, JSON)
