"""Share links: what they show, to whom, until when, and nothing else."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI, Request
from fastapi.routing import APIRoute, iter_route_contexts
from fastapi.testclient import TestClient

from neurflow_server import share_access
from neurflow_server.share_access import share_grant
from neurflow_store.asking import requests
from neurflow_store.clock import now
from neurflow_store.installation.database import Database
from neurflow_store.sharing.author import Author
from neurflow_store.sharing.links import Grant
from neurflow_store.tables import ShareLink
from tests.server.conftest import ADDRESS
from tests.server.test_pages import HOSTILE, built
from tests.store import rows, shared_rows

__all__ = ["built"]
VIEWS = "/api/v1/views"
ME = Author(None, "Me", admin=True)
UNKNOWN = "A" * 32


@pytest.fixture
def view(client: TestClient, database: Database) -> str:
    """Return the address of a view of the circuit ``cat-00000``."""
    with database.writing() as session:
        rows.add_basis(session)
        rows.add_circuit(session, "cat-00000")
        rows.add_circuit(session, "dog-00000")
    wanted = {"circuit": "cat-00000", "name": HOSTILE, "description": HOSTILE, "state": "?influence=80"}
    return f"{VIEWS}/{client.post(VIEWS, json=wanted).json()['id']}"


def make(client: TestClient, view: str, **values: Any) -> dict[str, Any]:
    answer = client.post(f"{view}/links", json=values)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def test_a_link_s_token_is_shown_once_and_not_listed(client: TestClient, view: str) -> None:
    link = make(client, view, may_comment=True)
    assert link["address"] == f"{ADDRESS}/s/{link['token']}"
    (listed,) = client.get(f"{view}/links").json()["items"]
    assert "token" not in listed
    assert {**listed, "token": link["token"], "address": link["address"]} == link
    assert link["token"] not in client.get(f"{view}/links").text
    past = (now() - timedelta(days=1)).isoformat()
    assert client.post(f"{view}/links", json={"expires_at": past}).status_code == 422
    assert client.post(f"{view}/links", json={"expires_at": "2030-01-01T00:00:00"}).status_code == 422


def test_a_link_opens_its_view_and_sets_a_cookie(client: TestClient, view: str) -> None:
    token = make(client, view, may_comment=True)["token"]
    answer = client.get(f"/api/v1/shared/{token}")
    found = answer.json()
    assert (found["name"], found["circuit"]["id"], found["state"]) == (HOSTILE, "cat-00000", "v=1&influence=80")
    assert found["rights"] == {"read": True, "comment": True}
    assert f"{VIEWS}/{found['view']}" == view  # without accounts everybody can fork it
    assert answer.headers["cache-control"] == "private, no-store"
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Path=/api/v1" in cookie and "Secure" not in cookie


def _end(client: TestClient, database: Database, view: str, link: dict[str, Any], how: str) -> None:
    if how == "revoked":
        assert client.delete(f"{view}/links/{link['id']}").status_code == 204
    elif how == "expired":
        with database.writing() as session:
            session.get_one(ShareLink, link["id"]).expires_at = now() - timedelta(seconds=1)
    elif how == "view deleted":
        assert client.delete(view).status_code == 204
    else:
        with database.writing() as session:
            requests.delete(session, "cat-00000")


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize(
    ("how", "status"), [("revoked", 410), ("expired", 410), ("view deleted", 404), ("circuit deleted", 404)]
)
def test_a_revoked_expired_or_deleted_link_says_only_that(
    client: TestClient, database: Database, view: str, how: str, status: int
) -> None:
    link = make(client, view)
    _end(client, database, view, link, how)
    pages = [client.get(f"/{kind}/{link['token']}") for kind in ("s", "embed")]
    answer = client.get(f"/api/v1/shared/{link['token']}")
    picture = client.get(f"/s/{link['token']}/picture")
    assert {page.status_code for page in (*pages, answer, picture)} == {status}
    for page in (*pages, answer, picture):
        assert "cat-00000" not in page.text
        assert "alert(1)" not in page.text
        assert link["token"] not in page.text
        assert "set-cookie" not in page.headers
    for page in pages:
        said = {410: "This link no longer works", 404: "This link does not exist"}[status]
        assert page.text.count(said) == 2  # as the title and as the heading
        assert "<p>Ask the sender for a new one.</p>" in page.text
    assert all("noindex" in page.headers["x-robots-tag"] for page in pages)
    if status == 404:
        never = client.get(f"/s/{UNKNOWN}")
        assert never.text == pages[0].text


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize(
    "token", [UNKNOWN, "x", "x" * 900, "%00", "%ff%fe", "<script>", "'%20OR%201=1", "..%2f..", "é"]
)
def test_a_mistyped_link_gets_the_response_of_an_unknown_one(client: TestClient, view: str, token: str) -> None:
    make(client, view)
    never = client.get(f"/s/{UNKNOWN}")
    answer = client.get(f"/s/{token}")
    if "%2f" not in token:  # that is another address
        assert (answer.status_code, answer.text) == (404, never.text)
        shared, known = client.get(f"/api/v1/shared/{token}"), client.get(f"/api/v1/shared/{UNKNOWN}")
        assert shared.json() | {"request_id": ""} == known.json() | {"request_id": ""}
    assert "<script>" not in answer.text.replace('<script src="/static/theme.js"></script>', "")


def test_a_link_for_users_only_reveals_nothing_to_others(app: FastAPI, client: TestClient, view: str) -> None:
    token = make(client, view, anonymous=False)["token"]
    assert client.get(f"/api/v1/shared/{token}").status_code == 200
    app.state.auth = object()
    assert client.get(f"/api/v1/shared/{token}").status_code == 404
    page = client.get(f"/s/{token}")
    assert page.status_code == 401
    assert 'data-known="no"' in page.text
    assert "cat-00000" not in page.text and "alert(1)" not in page.text


def test_tokens_are_not_logged(client: TestClient, view: str, logged: list[Any]) -> None:
    token = make(client, view)["token"]
    for path in ("/s/", "/embed/", "/api/v1/shared/"):
        client.get(f"{path}{token}")
        client.get(f"{path}{token}x")
    client.get(f"/s/{token}/picture")
    assert token not in str(logged)
    assert "/s/…/picture" in str(logged)


def _request(token: str | None, cookie: str | None = None) -> Request:
    headers = [(b"x-share-token", token.encode("latin-1"))] if token is not None else []
    headers += [(b"cookie", cookie.encode())] if cookie is not None else []
    return Request({"type": "http", "method": "GET", "path": "/", "headers": headers, "query_string": b""})


def _granted(database: Database, token: str | None, route: Any, id: str, cookie: str | None = None) -> Grant | None:
    with database.reading() as session:
        return share_grant(session, _request(token, cookie), route, {"id": id}, accounts=False)


def test_a_link_allows_reading_its_own_circuit_only(
    app: FastAPI, client: TestClient, database: Database, view: str
) -> None:
    token, other = make(client, view)["token"], make(client, view, may_comment=True)["token"]
    routes = {
        context.name
        for context in iter_route_contexts(app.router.routes)
        if isinstance(context.original_route, APIRoute)
    }
    assert share_access.CIRCUIT_ROUTES | share_access.ANALYSIS_ROUTES | share_access.COMMENT_ROUTES <= routes
    let = {name for name in routes if _granted(database, token, name, "cat-00000") is not None}
    assert let == share_access.CIRCUIT_ROUTES
    assert {
        name for name in routes if _granted(database, other, name, "cat-00000")
    } == let | share_access.COMMENT_ROUTES
    for strange in ("dog-00000", "photo-00000", view.rpartition("/")[2], "", "cat-00000%00"):
        assert {name for name in routes if _granted(database, token, name, strange)} == set()
    for nobody in (None, UNKNOWN, "", token[:-1], token.swapcase(), f"{token} "):
        assert {name for name in routes if _granted(database, nobody, name, "cat-00000")} == set()


def test_no_route_that_lists_exports_or_changes_is_open_to_links() -> None:
    words = ("export", "upload", "import", "delete", "remove", "rename", "request", "change", "put", "edit", "resolve")
    lists = {
        "list_circuits",
        "list_networks",
        "list_datasets",
        "list_analyses",
        "list_views",
        "list_jobs",
        "list_links",
    }
    let = share_access.CIRCUIT_ROUTES | share_access.ANALYSIS_ROUTES | share_access.COMMENT_ROUTES
    assert not let & lists
    assert [name for name in let if name.startswith(words)] == []


def test_a_link_shows_the_analysis_of_its_view_and_no_other(client: TestClient, database: Database, view: str) -> None:
    with database.writing() as session:
        shared_rows.add_analysis(session, "photo-00000", "cat-00000")
        shared_rows.add_analysis(session, "photo-00001", "cat-00000")
    client.patch(view, json={"analysis": "photo-00000"})
    token = make(client, view)["token"]
    assert _granted(database, token, "get_analysis", "photo-00000") is not None
    assert _granted(database, token, "get_analysis", "photo-00001") is None
    assert _granted(database, token, "export_analysis", "photo-00000") is None
    assert client.get(f"/api/v1/shared/{token}").json()["analysis"]["id"] == "photo-00000"


def test_cookies_of_links_open_the_same_as_their_links(client: TestClient, database: Database, view: str) -> None:
    first, second = make(client, view), make(client, view, may_comment=True)
    both = "; ".join(f"{share_access.COOKIE}{link['id']}={link['token']}" for link in (first, second))
    assert _granted(database, None, "get_circuit", "cat-00000", both) is not None
    grant = _granted(database, None, "post_note", "cat-00000", both)
    assert grant is not None and grant.link_id == second["id"]
    assert _granted(database, UNKNOWN, "get_circuit", "cat-00000", both) is None, "the header comes first"
    many = "; ".join(f"{share_access.COOKIE}{n}={UNKNOWN}" for n in range(500)) + f"; {both}"
    assert _granted(database, None, "get_circuit", "cat-00000", many) is None, "not all of a flood is looked up"
    client.delete(f"{view}/links/{first['id']}")
    client.delete(f"{view}/links/{second['id']}")
    assert _granted(database, None, "get_circuit", "cat-00000", both) is None


def test_a_link_is_only_found_under_its_own_view(client: TestClient, view: str) -> None:
    link = make(client, view)
    other = client.post(VIEWS, json={"circuit": "cat-00000", "name": "x"}).json()["id"]
    assert client.delete(f"{VIEWS}/{other}/links/{link['id']}").status_code == 404
    assert client.delete(f"{view}/links/zz").status_code == 422
    assert client.get(f"/api/v1/shared/{link['token']}").status_code == 200


def test_the_whole_token_is_masked_in_logs() -> None:
    assert share_access.masked("/api/v1/shared/abc") == "/api/v1/shared/…"
    assert share_access.masked("/static/s/abc") == "/static/s/abc"
    assert Path(share_access.masked("/embed/abc")).name == "…"
