"""Every error is a problem of one shape that says what is wrong."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import BaseModel
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from neurflow_server.dependencies import ReadSession
from neurflow_server.schemas.fields import Name
from neurflow_server.schemas.problems import Problem
from neurflow_store import errors
from neurflow_store.errors import StoreError


class _Body(BaseModel):
    name: Name
    count: int


@pytest.fixture
def asked(sqlite_client: TestClient) -> TestClient:
    """An application with a route that takes a body, and routes that fail."""
    app = sqlite_client.app
    assert isinstance(app, FastAPI)

    @app.post("/taken")
    def take(body: _Body) -> _Body:
        return body

    @app.get("/fails/{kind}")
    def fail(kind: str) -> None:
        raise getattr(errors, kind)("'it' is wrong: do something else")

    @app.get("/bug")
    def bug() -> None:
        raise ZeroDivisionError("secret words")

    @app.get("/gone")
    def gone() -> None:
        raise OperationalError("SELECT 1", {}, Exception("connection refused"))

    return sqlite_client


def _problem(answer: Any, status: int) -> Problem:
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    problem = Problem.model_validate(answer.json())
    assert problem.status == status
    assert problem.request_id == answer.headers["x-request-id"]
    return problem


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("NotFound", 404),
        ("Conflict", 409),
        ("BadValue", 422),
        ("BadUpload", 422),
        ("TooLarge", 413),
        ("WrongType", 415),
        ("StorageError", 503),
        ("StorageFull", 507),
        ("SchemaError", 503),
    ],
)
def test_errors_of_the_store_have_their_status(asked: TestClient, kind: str, status: int) -> None:
    problem = _problem(asked.get(f"/fails/{kind}"), status)
    assert problem.detail == "'it' is wrong: do something else"


def test_every_error_of_the_store_is_mapped(asked: TestClient) -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, StoreError)]
    for kind in kinds:
        assert asked.get(f"/fails/{kind.__name__}").headers["content-type"] == "application/problem+json"


def test_an_invalid_value_is_named_with_its_place(asked: TestClient) -> None:
    problem = _problem(asked.post("/taken", json={"name": "cat", "count": "many" * 200}), 422)
    (error,) = problem.errors
    assert error.place == "body.count"
    assert error.value.startswith('"manymany') and len(error.value) < 250
    assert "body.count" in problem.detail and "integer" in problem.detail


def test_each_invalid_value_is_listed(asked: TestClient) -> None:
    problem = _problem(asked.post("/taken", json={"name": " "}), 422)
    assert {error.place for error in problem.errors} == {"body.name", "body.count"}
    assert problem.detail.endswith("and 1 more")


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"",
        b"[",
        b'{"name": NaN}',
        b'"\\ud800"',
        b'{"name": "\\ud800", "count": 1}',
        b"\xff\xfe",
        b"null",
        b"[[[[",
    ],
)
def test_an_invalid_body_is_refused(asked: TestClient, body: bytes) -> None:
    answer = asked.post("/taken", content=body, headers={"content-type": "application/json"})
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"


def test_an_endlessly_nested_body_is_refused(asked: TestClient) -> None:
    answer = asked.post("/taken", content=b"[" * 100_000, headers={"content-type": "application/json"})
    assert answer.status_code in (400, 422)


@pytest.mark.parametrize("name", ["a\0b", "two\nlines", "\u2028", "\x7f", "x" * 201])
def test_names_must_be_one_line(asked: TestClient, name: str) -> None:
    problem = _problem(asked.post("/taken", json={"name": name, "count": 1}), 422)
    assert [error.place for error in problem.errors] == ["body.name"]


def test_an_unknown_address_is_not_found(asked: TestClient) -> None:
    assert "/nowhere/<b>" in _problem(asked.get("/nowhere/<b>"), 404).detail


def test_an_unsupported_method_is_refused(asked: TestClient) -> None:
    answer = asked.delete("/healthz")
    assert "DELETE" in _problem(answer, 405).detail
    assert answer.headers["allow"] == "GET, HEAD"


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/api/v1/networks", "GET, HEAD, POST"),
        ("/api/v1/circuits/cat-00000", "DELETE, GET, HEAD, PATCH"),
        ("/api/v1/jobs/job-00000/cancel", "POST"),
        ("/static/style.css", "GET, HEAD"),
    ],
)
def test_the_supported_methods_are_listed(asked: TestClient, path: str, methods: str) -> None:
    answer = asked.put(path)
    assert (answer.status_code, answer.headers["allow"]) == (405, methods)


def test_an_unexpected_error_is_described_only_in_the_log(asked: TestClient, logged: list[Any]) -> None:
    answer = asked.get("/bug")
    problem = _problem(answer, 500)
    assert "secret" not in answer.text and "Traceback" not in answer.text
    assert answer.headers["content-security-policy"]
    (entry,) = [entry for entry in logged if entry["log_level"] == "error"]
    assert repr(entry["exc_info"]) == "ZeroDivisionError('secret words')"
    assert entry["request_id"] == problem.request_id


def test_a_database_that_is_away_is_unavailable_not_a_bug(asked: TestClient) -> None:
    answer = asked.get("/gone")
    assert _problem(answer, 503).type == "unavailable"
    assert int(answer.headers["retry-after"]) >= 1


def test_a_value_that_the_database_refuses_is_a_bad_value(app: FastAPI, client: TestClient) -> None:
    @app.get("/refused")
    def refused(session: ReadSession) -> None:
        if session.get_bind().dialect.name == "sqlite":
            raise errors.BadValue("SQLite takes anything")
        session.execute(text("SELECT CAST(:value AS text)"), {"value": "a\0b"})

    _problem(client.get("/refused"), 422)


def test_any_sent_value_can_be_quoted(asked: TestClient) -> None:
    """A lone surrogate is valid JSON but not text: the response is ASCII."""
    answer = asked.post("/taken", content=json.dumps({"name": ["\ud800"], "count": 1}).encode(), headers=_JSON)
    assert answer.content.isascii()
    _problem(answer, 422)


_JSON = {"content-type": "application/json"}
