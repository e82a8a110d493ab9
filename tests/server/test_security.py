"""Protection against other hosts' names, other sites' pages, other machines, and requests that are too large."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from neurflow_server import security
from neurflow_server.app import create_app
from neurflow_store.errors import SettingsError
from neurflow_store.installation.settings import Settings
from tests.services.fixtures import RecordingAnnouncer

CANCEL = "/api/v1/jobs/job-00000/cancel"


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:9999", "localhost:8000", "LOCALHOST", "[::1]:8000", "[::1]"])
def test_own_host_names_are_served(sqlite_client: TestClient, host: str) -> None:
    assert sqlite_client.get("/healthz", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["example.org", "127.0.0.1.example.org", "localhost.example.org:8000", "", "[::2]", "x]"]
)
def test_a_foreign_host_name_that_resolves_here_is_refused(sqlite_client: TestClient, host: str) -> None:
    answer = sqlite_client.get("/healthz", headers={"host": host})
    assert answer.status_code == 400
    assert answer.json()["type"] == "host"
    assert "NEURFLOW_ALLOWED_HOSTS" in answer.json()["detail"]


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "strange"},
        {"origin": "https://example.org"},
        {"origin": "http://127.0.0.1:9"},
        {"origin": "null"},
        {"origin": "http://["},
        {"origin": "http://127.0.0.1:8000", "sec-fetch-site": "cross-site"},
    ],
)
def test_other_sites_cannot_change_anything(sqlite_client: TestClient, headers: dict[str, str]) -> None:
    answer = sqlite_client.post(CANCEL, headers=headers)
    assert answer.status_code == 403
    assert answer.json()["type"] == "cross-site"


@pytest.mark.parametrize(
    "headers", [{}, {"sec-fetch-site": "same-origin"}, {"sec-fetch-site": "none"}, {"origin": "http://127.0.0.1:8000"}]
)
def test_own_pages_and_programs_can_change_things(sqlite_client: TestClient, headers: dict[str, str]) -> None:
    assert sqlite_client.post(CANCEL, headers=headers).status_code == 404


def test_reading_from_other_sites_is_not_refused(sqlite_client: TestClient) -> None:
    assert sqlite_client.get("/healthz", headers={"sec-fetch-site": "cross-site"}).status_code == 200


@pytest.mark.parametrize("path", ["/healthz", "/nowhere", "/api/v1/jobs"])
def test_every_response_has_the_security_headers(sqlite_client: TestClient, path: str) -> None:
    headers = sqlite_client.get(path).headers
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert {policy[kind] for kind in ("script-src", "style-src", "worker-src", "connect-src")} == {"'self'"}
    assert policy["img-src"] == "'self' blob: data:"
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "server" not in headers


def test_a_body_with_a_too_large_declared_length_is_not_read(sqlite_client: TestClient) -> None:
    answer = sqlite_client.post(CANCEL, content=b"x" * (security.JSON_LIMIT + 1))
    assert answer.status_code == 413
    assert answer.json()["type"] == "too-large"


def test_a_body_that_grows_too_large_is_cut_off(sqlite_client: TestClient) -> None:
    def pieces() -> Iterator[bytes]:
        for _ in range(20):
            yield b"x" * (security.JSON_LIMIT // 10)

    app = sqlite_client.app
    assert isinstance(app, FastAPI)

    @app.post("/reads")
    def read(body: dict[str, str]) -> None:
        """Take a body."""

    answer = sqlite_client.post("/reads", content=pieces(), headers={"content-type": "application/json"})
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"


def test_uploads_have_a_larger_limit(sqlite_settings: Settings) -> None:
    assert security.body_limit("/api/v1/uploads", sqlite_settings) == sqlite_settings.max_upload_bytes
    assert security.body_limit("/api/v1/circuits", sqlite_settings) == security.JSON_LIMIT


def test_a_request_keeps_the_id_it_comes_with(sqlite_client: TestClient) -> None:
    assert sqlite_client.get("/healthz", headers={"x-request-id": "abc-1.2_3"}).headers["x-request-id"] == "abc-1.2_3"


@pytest.mark.parametrize("given", ["", "a b", "x" * 65, "a\tb", "<script>", "ä"])
def test_an_id_that_could_forge_log_lines_is_replaced(sqlite_client: TestClient, given: str) -> None:
    answered = sqlite_client.get("/healthz", headers=[(b"x-request-id", given.encode())]).headers["x-request-id"]
    assert answered != given and len(answered) == 16


def test_requests_are_logged_with_their_id(sqlite_client: TestClient, logged: list[Any]) -> None:
    sqlite_client.get("/api/v1/jobs", headers={"x-request-id": "seen"})
    (entry,) = [entry for entry in logged if entry["event"] == "request"]
    assert (entry["request_id"], entry["method"], entry["path"], entry["status"]) == (
        "seen",
        "GET",
        "/api/v1/jobs",
        200,
    )


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "example.org"])  # noqa: S104 - what is refused
def test_without_accounts_other_machines_are_refused(make_settings: Callable[..., Settings], host: str) -> None:
    with pytest.raises(SettingsError, match="NEURFLOW_AUTH=proxy"):
        security.check_address(make_settings(host=host))
    security.check_address(make_settings(host=host, auth="proxy"))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "localhost", "::1"])
def test_the_own_machine_needs_no_account(make_settings: Callable[..., Settings], host: str) -> None:
    security.check_address(make_settings(host=host))


def test_host_names_are_a_setting(
    make_settings: Callable[..., Settings], sqlite_url: str, announcer: RecordingAnnouncer
) -> None:
    settings = make_settings(database_url=sqlite_url, allowed_hosts=("neurflow.example.org", "*.lab.example.org"))
    with TestClient(create_app(settings, announcer), base_url="http://neurflow.example.org") as client:
        assert client.get("/healthz").status_code == 200
        assert client.get("/healthz", headers={"host": "a.lab.example.org:80"}).status_code == 200
        assert client.get("/healthz", headers={"host": "lab.example.org"}).status_code == 400
        assert client.get("/healthz", headers={"host": "127.0.0.1"}).status_code == 400
