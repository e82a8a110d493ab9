"""Served below a path: which path that is, whom the server believes, and where every address of an answer lies."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx2
import pytest
import structlog
from fastapi.testclient import TestClient

from neurflow_server.access import guarded_routes
from neurflow_server.addresses import below
from neurflow_server.app import create_app
from neurflow_server.auth.next_page import next_page
from neurflow_server.auth.oidc import CALLBACK, Provider
from neurflow_store.errors import SettingsError
from neurflow_store.installation.database import Database
from neurflow_store.installation.setting_types import OWN_PATHS
from neurflow_store.installation.settings import MIB, Settings, load_settings
from tests.server.conftest import ADDRESS
from tests.server.running import Stream, running
from tests.services.fixtures import RecordingAnnouncer
from tests.store import rows, shared_rows

ROOT = "/user/ann/proxy/8000"
HEADER = "X-Forwarded-Prefix"
OURS = re.compile(r'(?:href|src|action)="(/[^"]*)"')
MakeSettings = Callable[..., Settings]


@pytest.fixture
def filled(sqlite_url: str) -> Database:
    """A circuit with a view."""
    database = Database(sqlite_url)
    with database.writing() as session:
        rows.add_basis(session)
        rows.add_circuit(session, "cat-00000")
        shared_rows.add_view(session)
    return database


@pytest.fixture
def settings(make_settings: MakeSettings, sqlite_url: str) -> Settings:
    return make_settings(database_url=sqlite_url, root_path=ROOT)


@pytest.fixture
def client(settings: Settings, filled: Database) -> Iterator[TestClient]:
    with TestClient(create_app(settings, RecordingAnnouncer()), ADDRESS, follow_redirects=False) as opened:
        yield opened


@pytest.fixture
def guarded(make_settings: MakeSettings, sqlite_url: str, filled: Database) -> Iterator[TestClient]:
    """With accounts, over HTTPS."""
    settings = make_settings(
        database_url=sqlite_url, root_path=ROOT, auth="accounts", public_url="https://circuits.example.org"
    )
    with TestClient(create_app(settings, RecordingAnnouncer()), ADDRESS, follow_redirects=False) as opened:
        yield opened


@pytest.mark.parametrize("path", ["/", "/glossary", "/circuits/cat-00000", "/circuits/new", "/nowhere"])
def test_every_address_in_a_page_lies_below_the_path(client: TestClient, path: str) -> None:
    # The proxy takes the path off, or passes it on.
    taken_off, passed_on = (client.get(f"{root}{path}", headers={"accept": "text/html"}) for root in ("", ROOT))
    assert taken_off.text == passed_on.text
    assert f'data-root="{ROOT}"' in taken_off.text
    found = OURS.findall(taken_off.text)
    assert len(found) > 5
    assert [address for address in found if not address.startswith(f"{ROOT}/")] == []
    icon = re.search(r'href="([^"]*icon.svg)"', taken_off.text)
    assert icon is not None and client.get(icon[1]).status_code == 200


def test_the_path_alone_is_the_first_page(client: TestClient) -> None:
    assert client.get(ROOT).text == client.get(f"{ROOT}/").text
    assert client.get(f"{ROOT}0/").status_code == 404


def test_answers_of_the_api_name_addresses_below_the_path(client: TestClient) -> None:
    made = client.post(f"{ROOT}/api/v1/circuits/cat-00000/notes", json={"text": "Ears."})
    assert made.headers["location"] == f"{ROOT}/api/v1/circuits/cat-00000/notes/{made.json()['id']}"
    assert made.json()["address"] == f"{ROOT}/circuits/cat-00000?note={made.json()['id']}"
    link = client.post(f"/api/v1/views/{shared_rows.VIEW}/links", json={}).json()
    assert link["address"] == f"{ADDRESS}{ROOT}/s/{link['token']}"
    page = client.get(f"/s/{link['token']}")
    assert f'content="{link["address"]}"' in page.text
    assert f'data-shared="{ROOT}/api/v1/shared/{link["token"]}"' in page.text
    assert f"Path={ROOT}/api/v1;" in page.headers["set-cookie"]


def test_limits_and_the_log_know_the_application_s_own_paths(client: TestClient) -> None:
    with structlog.testing.capture_logs() as logs:
        answer = client.post(f"{ROOT}/api/v1/uploads/datasets", files={"file": ("a.zip", bytes(2 * MIB))})
        assert answer.json()["type"] == "bad-upload"
        assert client.post(f"{ROOT}/api/v1/views", content=bytes(2 * MIB)).json()["type"] == "too-large"
        client.get(f"{ROOT}/s/Kx3b0qY2Vt5wN8eR1uZ7aC4dF6gH9jLm")
    paths = [line["path"] for line in logs if line["event"] == "request"]
    assert paths == ["/api/v1/uploads/datasets", "/api/v1/views", "/s/…"]


def test_the_document_of_the_api_names_the_path(client: TestClient, sqlite_client: TestClient) -> None:
    assert client.get("/api/v1/openapi.json").json()["servers"] == [{"url": ROOT}]
    assert "servers" not in sqlite_client.get("/api/v1/openapi.json").json()


def test_signing_in_stays_below_the_path(guarded: TestClient) -> None:
    for asked in ("/networks?q=x", f"{ROOT}/networks?q=x"):
        sent = guarded.get(asked)
        assert sent.headers["location"] == f"{ROOT}/login?next=%2Fuser%2Fann%2Fproxy%2F8000%2Fnetworks%3Fq%3Dx"
    page = guarded.get(sent.headers["location"])
    assert f'value="{ROOT}/networks?q=x"' in page.text
    # `__Host-` would require the path `/`, which other applications on the host share.
    cookie = page.headers["set-cookie"]
    assert cookie.startswith("__Secure-neurflow-form=") and f"Path={ROOT};" in cookie and "Secure" in cookie


def test_a_sign_in_returns_below_the_path_only() -> None:
    with below("/neurflow"):
        assert next_page("/neurflow/circuits/cat-7k2m9?a=1") == "/neurflow/circuits/cat-7k2m9?a=1"
        for other in ("/", "/neurflow", "/neurflows/x", "/hub/home", "//evil.example", "/neurflow/logout", ""):
            assert next_page(other) == "/neurflow/"


def test_notes_in_an_event_stream_have_addresses_below_the_path(settings: Settings, filled: Database) -> None:
    with running(settings) as service:
        stream = Stream(service.port, f"{ROOT}/api/v1/circuits/cat-00000/changes")
        events = stream.events()
        assert next(events).kind == "ready"
        text = 'Not "address":"/circuits/x".'
        note = _ask(service.port, "POST", "/api/v1/circuits/cat-00000/notes", json={"text": text}).json()
        heard = next(events).data["note"]
        assert heard["address"] == note["address"] == f"{ROOT}/circuits/cat-00000?note={note['id']}"
        assert heard["text"] == text
        stream.close()


def _ask(port: int, method: str, path: str, prefix: str | None = None, **more: Any) -> httpx2.Response:
    headers = {} if prefix is None else {HEADER: prefix}
    return httpx2.request(method, f"http://127.0.0.1:{port}{path}", headers=headers, trust_env=False, **more)


@contextmanager
def served(make_settings: MakeSettings, sqlite_url: str, **more: Any) -> Iterator[tuple[Callable[..., str], list[Any]]]:
    """Yield the root of a page that is asked for with a prefix, and the warnings."""
    with structlog.testing.capture_logs() as logs, running(make_settings(database_url=sqlite_url, **more)) as service:

        def root(prefix: str, path: str = "/glossary") -> str:
            page = _ask(service.port, "GET", path, prefix)
            assert page.status_code == 200, page.text
            found = re.search(r'data-root="([^"]*)"', page.text)
            assert found is not None
            return found[1]

        yield root, logs


def warnings(logs: list[Any]) -> list[str]:
    return [line["reason"] for line in logs if line["log_level"] == "warning" and HEADER in line["event"]]


def test_a_trusted_proxy_says_the_path(
    make_settings: MakeSettings, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FORWARDED_ALLOW_IPS", raising=False)
    with served(make_settings, sqlite_url, auth="proxy") as (root, logs):
        assert root(ROOT) == root(f"{ROOT}/") == root(ROOT, f"{ROOT}/glossary") == ROOT
        assert root("/user/ben") == "/user/ben"
        assert root("") == root("/") == ""
        assert root("/user/%C3%A9va", "/user/%C3%A9va/glossary") == "/user/%C3%A9va"
        assert warnings(logs) == []


@pytest.mark.parametrize(
    "prefix",
    [
        "neurflow",
        "//evil.example",
        "/a/../b",
        "/a b",
        "/a, /b",
        "/a\\b",
        "/a?b",
        '/a"b',
        "/a;b",
        "/a%2Fb",
        "/a%0Ab",
        "/" + "a" * 500,
    ],
)
def test_a_bad_path_of_a_trusted_proxy_is_ignored(make_settings: MakeSettings, sqlite_url: str, prefix: str) -> None:
    with served(make_settings, sqlite_url, auth="proxy") as (root, logs):
        assert root(prefix) == root(prefix) == ""
        (reason,) = warnings(logs)
        assert "/neurflow" in reason


@pytest.mark.parametrize(
    ("auth", "trusted", "remedy"),
    [("none", "*", "NEURFLOW_AUTH=proxy"), ("proxy", "192.0.2.1", "FORWARDED_ALLOW_IPS")],
)
def test_nobody_else_is_believed(
    make_settings: MakeSettings,
    sqlite_url: str,
    monkeypatch: pytest.MonkeyPatch,
    auth: str,
    trusted: str,
    remedy: str,
) -> None:
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", trusted)
    with served(make_settings, sqlite_url, auth=auth) as (root, logs):
        assert root(ROOT) == root("/other") == ""
        (reason,) = warnings(logs)
        assert "127.0.0.1" in reason and remedy in reason


def test_the_client_behind_a_trusted_proxy_is_not_believed_twice(make_settings: MakeSettings, sqlite_url: str) -> None:
    """The trust is the connection's, not that of an address which the client wrote into a header."""
    with running(make_settings(database_url=sqlite_url, auth="proxy")) as service, socket.socket() as connection:
        connection.connect(("127.0.0.1", service.port))
        head = f"GET /glossary HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Forwarded-For: 192.0.2.7\r\n{HEADER}: {ROOT}\r\n"
        connection.sendall(f"{head}Connection: close\r\n\r\n".encode())
        assert f'data-root="{ROOT}"' in b"".join(iter(lambda: connection.recv(65536), b"")).decode()


def test_the_setting_is_preferred_to_the_header(make_settings: MakeSettings, sqlite_url: str) -> None:
    with served(make_settings, sqlite_url, auth="proxy", root_path="/neurflow") as (root, logs):
        assert root(ROOT) == "/neurflow"
        assert warnings(logs) == []


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("neurflow", "start it with /"),
        ("/neurflow/", "without / at the end"),
        ("/", "leave it empty"),
        ("https://example.org/neurflow", "start it with /"),
        ("//evil.example", "plain path"),
        ("/a/./b", "plain path"),
        ("/circuits", "is a path of the application itself"),
        ("/%61pi/x", "is a path of the application itself"),
    ],
)
def test_a_bad_setting_is_refused(monkeypatch: pytest.MonkeyPatch, value: str, reason: str) -> None:
    monkeypatch.setenv("NEURFLOW_ROOT_PATH", value)
    with pytest.raises(SettingsError, match=re.escape(f"setting root_path is {value!r}: ")) as refused:
        load_settings()
    assert reason in str(refused.value)


def test_the_reserved_paths_are_those_of_the_application(client: TestClient) -> None:
    patterns = [route.pattern.pattern for route in guarded_routes(client.app)]  # type: ignore[arg-type]
    first = {re.split(r"[/$(]", pattern.removeprefix("^/"))[0] for pattern in patterns}
    assert (first - {""}) | {"static"} == OWN_PATHS


@pytest.mark.parametrize("public_url", ["https://example.org", "https://example.org/neurflow"])
def test_the_provider_returns_users_below_the_path(make_settings: MakeSettings, public_url: str) -> None:
    settings = make_settings(
        auth="oidc",
        public_url=public_url,
        oidc_issuer="https://login.example.org",
        oidc_client_id="x",
        root_path="/neurflow",
    )
    assert Provider(settings)._redirect == f"https://example.org/neurflow{CALLBACK}"


def test_a_public_address_with_another_path_is_refused() -> None:
    with pytest.raises(SettingsError, match="public_url has the path /a, but root_path is /b: make them equal"):
        load_settings(public_url="https://example.org/a", root_path="/b")
