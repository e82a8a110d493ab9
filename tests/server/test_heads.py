"""HEAD wherever there is GET: the same status and headers, for the same people, and no body."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from neurflow_server.app import create_app
from neurflow_store.installation.settings import Settings
from tests.server import test_access, users
from tests.server.running import Stream, running, wait_until
from tests.services.fixtures import RecordingAnnouncer

ROWS: Final = {
    name: row
    for name, row in (
        test_access.OPEN
        | test_access.PAGES
        | test_access.OFFICE
        | test_access.ALL
        | test_access.MAKING
        | test_access.ADMINISTERING
        | test_access.SEEING
        | test_access.CHANGING
    ).items()
    if row[0] == "GET"
}
ENDLESS: Final = {"/api/v1/events", "/api/v1/circuits/team-c0000/changes", "/api/v1/jobs/job-team-c0000/events"}
CHANGING: Final = {"x-request-id", "set-cookie", "date"}


@pytest.fixture
def guarded(sqlite_settings: Settings, announcer: RecordingAnnouncer) -> Iterator[FastAPI]:
    app = create_app(sqlite_settings.model_copy(update={"auth": "accounts"}), announcer)
    with TestClient(app):
        users.refill(app)
        yield app


def told(answer: Any, path: str) -> tuple[Any, ...]:
    # Metrics count this very request, so that their length is another each time.
    without = CHANGING | ({"content-length"} if path == "/metrics" else set())
    return answer.status_code, {name: value for name, value in answer.headers.items() if name not in without}


def test_head_is_answered_as_get_is(guarded: FastAPI) -> None:
    assert len(ROWS) > 60
    for login in (None, "stranger", "admin"):
        for thing in ("team", "private"):
            client = users.browser(guarded, login)
            for name, (_, path, more) in ROWS.items():
                address = path.replace("ID", thing)
                head = client.head(address, **more)
                assert head.content == b"", (name, login)
                assert told(head, address) == told(client.get(address, **more), address), (name, login, thing)


def test_a_stream_has_a_head_and_ends_with_it(sqlite_settings: Settings) -> None:
    with running(sqlite_settings) as server:
        users.refill(server.app)
        for path in ENDLESS:
            stream = Stream(server.port, path, method="HEAD", timeout=3)
            assert (stream.status, stream.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
            wait_until(lambda: server.follower.watching + server.app.state.services.changes.watching == 0, 3)
            stream.close()


def test_other_methods_are_as_before(guarded: FastAPI, logged: list[Any]) -> None:
    admin = users.browser(guarded, "admin")
    assert admin.head("/nowhere").status_code == 404
    assert admin.head("/api/v1/circuits/estimate").status_code == 404, "no circuit has this id"
    assert admin.head("/api/v1/circuits/batch").status_code == admin.get("/api/v1/circuits/batch").status_code
    assert admin.head("/api/v1/circuits/team-c0000").status_code == 200
    lines = [entry for entry in logged if entry.get("event") == "request"]
    assert {line["method"] for line in lines} == {"HEAD", "GET"}
    assert 'route="/api/v1/circuits/{id}"' in "".join(
        line for line in admin.get("/metrics").text.splitlines() if 'method="HEAD"' in line
    )
