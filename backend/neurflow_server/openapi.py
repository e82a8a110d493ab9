"""The OpenAPI document: FastAPI's, with the problem schema and an example for each list."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute

from neurflow_server.schemas.labels import StaleLabel
from neurflow_server.schemas.notes import CircuitChangeOut
from neurflow_server.schemas.problems import Problem

DESCRIPTION = """
Request circuits of neuron groups in vision networks, follow their progress, and read the results.

Lists return `{"items": […], "next": cursor or null}`: pass `next` as `cursor` for the next page. Errors are returned as
problem details (RFC 9457, `application/problem+json`). Wherever there is GET, HEAD returns the same headers. Requests
that change something are refused if another site's page sends them.
"""


def operation_id(route: APIRoute) -> str:
    """Return the name of the route's function."""
    return route.name


def install(app: FastAPI) -> None:
    """Complete the document of ``app``."""
    build = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None or "Problem" not in app.openapi_schema["components"]["schemas"]:
            _complete(build())
        return build()

    app.openapi = openapi  # type: ignore[method-assign]


def _complete(document: dict[str, Any]) -> None:
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    # Schemas that no route's model names: problems, and the data of events.
    for model in (CircuitChangeOut, StaleLabel, Problem):
        schema = model.model_json_schema(mode="serialization", ref_template="#/components/schemas/{model}")
        for name, part in schema.pop("$defs", {}).items():
            schemas.setdefault(name, part)
        schemas[model.__name__] = schema
    for name, schema in schemas.items():
        if "enum" in schema:
            schema.setdefault("example", schema["enum"][0])
        if name.startswith("Page_"):
            item = schema["properties"]["items"]["items"].get("$ref", "").rpartition("/")[2]
            schema["example"] = {"items": [schemas[item]["example"]] if item else [], "next": None}
