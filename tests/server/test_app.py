"""The whole application: its document, its routes, and that a failed commit is never a success."""

from __future__ import annotations

import inspect
import re
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError
from starlette.responses import PlainTextResponse

from neurflow_server.app import ROUTERS
from neurflow_server.dependencies import ReadSession, WriteSession
from neurflow_store.installation.database import Database
from neurflow_store.installation.settings import Settings
from neurflow_store.jobs import queue
from neurflow_store.repositories import jobs
from neurflow_store.tables import JobKind
from tests.services.fixtures import RecordingAnnouncer


@pytest.fixture
def document(sqlite_client: TestClient) -> dict[str, Any]:
    answer = sqlite_client.get("/api/v1/openapi.json")
    assert answer.status_code == 200
    return dict(answer.json())


def _operations(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [operation for path in document["paths"].values() for operation in path.values()]


def test_the_document_is_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1.")


def test_operation_ids_are_names_and_unique(document: dict[str, Any]) -> None:
    ids = [operation["operationId"] for operation in _operations(document)]
    assert len(ids) == len(set(ids))
    assert [id for id in ids if not re.fullmatch("[a-z]+(_[a-z]+)*", id)] == []


def test_every_schema_has_an_example(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    assert [name for name, schema in schemas.items() if not {"example", "examples"} & schema.keys()] == []


def test_every_reference_has_a_target(document: dict[str, Any]) -> None:
    names = set(re.findall(r"#/components/schemas/(\w+)", str(document)))
    assert names - document["components"]["schemas"].keys() == set()


def test_every_operation_describes_itself_and_its_errors(document: dict[str, Any]) -> None:
    for operation in _operations(document):
        assert operation["description"], operation["operationId"]
        for status in ("4XX", "5XX"):
            assert list(operation["responses"][status]["content"]) == ["application/problem+json"]


def test_there_are_no_documentation_pages_with_foreign_scripts(sqlite_client: TestClient) -> None:
    assert [sqlite_client.get(path).status_code for path in ("/docs", "/redoc")] == [404, 404]


@pytest.fixture
def spoilt(app: FastAPI) -> FastAPI:
    """The application with a route whose commit fails."""

    @app.get("/spoilt")
    def spoil(session: WriteSession) -> dict[str, str]:
        def refuse(_: object) -> None:
            raise IntegrityError("COMMIT", {}, Exception("refused"))

        job = queue.enqueue(session, RecordingAnnouncer(), JobKind.TRACE, "cat-00000")
        event.listen(session, "before_commit", refuse)
        return {"made": job.id}

    return app


def test_a_failed_commit_is_an_error(spoilt: FastAPI, client: TestClient, database: Database) -> None:
    answer = client.get("/spoilt")

    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    with database.reading() as session:
        assert jobs.list_jobs(session, jobs.JobFilter(), None, 10).items == []


def test_an_exception_rolls_back(
    app: FastAPI, client: TestClient, database: Database, announcer: RecordingAnnouncer
) -> None:
    @app.get("/broken")
    def break_off(session: WriteSession) -> None:
        queue.enqueue(session, announcer, JobKind.TRACE, "cat-00000")
        raise RuntimeError("in the middle")

    assert client.get("/broken").status_code == 500
    assert announcer.announced == []
    with database.reading() as session:
        assert jobs.list_jobs(session, jobs.JobFilter(), None, 10).items == []


def test_the_session_is_closed_before_the_response_is_sent(app: FastAPI, client: TestClient) -> None:
    seen: list[bool] = []

    @app.get("/closing")
    def look(session: ReadSession) -> Any:
        class Late(PlainTextResponse):
            async def __call__(self, *args: Any) -> None:
                seen.append(session.in_transaction())
                await super().__call__(*args)

        session.execute(text("SELECT 1"))
        assert session.in_transaction()
        return Late("done")

    assert client.get("/closing").text == "done"
    assert seen == [False]


def test_routes_with_a_session_are_not_coroutines() -> None:
    """A coroutine that waits for a database would block all requests."""
    routes = [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]
    assert routes
    for route in routes:
        if inspect.iscoroutinefunction(route.endpoint):
            assert "session" not in inspect.signature(route.endpoint).parameters, route.path


def test_the_application_can_start_again_after_it_ended(app: FastAPI, settings: Settings) -> None:
    with TestClient(app, base_url="http://127.0.0.1"):
        pass
    with TestClient(app, base_url="http://127.0.0.1") as client:
        assert client.get("/healthz").status_code == 200
