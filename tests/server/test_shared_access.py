"""Share links with accounts: what visitors and users without access can reach through a link."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from neurflow_server import share_access
from neurflow_server.app import create_app
from neurflow_store.installation.settings import Settings
from tests.server import users
from tests.server.test_pages import built
from tests.server.users import SAME_ORIGIN, refill, thing_id
from tests.services.fixtures import RecordingAnnouncer

__all__ = ["built"]
API = "/api/v1"
SECRET = thing_id("c", "private")
OTHER = thing_id("c", "hidden")


@pytest.fixture
def guarded(settings: Settings, announcer: RecordingAnnouncer) -> Iterator[FastAPI]:
    app = create_app(settings.model_copy(update={"auth": "accounts"}), announcer)
    with TestClient(app):
        refill(app)
        yield app


@pytest.fixture
def view(guarded: FastAPI) -> str:
    """A view of a private circuit, by its address."""
    owner = users.browser(guarded, "owner")
    answer = owner.post(f"{API}/views", json={"circuit": SECRET, "name": "Ears"}, headers=SAME_ORIGIN)
    assert answer.status_code == 201, answer.text
    return f"{API}/views/{answer.json()['id']}"


def token_of(app: FastAPI, view: str, **values: Any) -> str:
    answer = users.browser(app, "owner").post(f"{view}/links", json=values, headers=SAME_ORIGIN)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["token"])


def test_a_view_of_a_hidden_circuit_is_not_found(guarded: FastAPI, view: str) -> None:
    for login in ("stranger", "member", "outsider", "colleague"):
        client = users.browser(guarded, login)
        assert client.get(view).status_code == 404
        assert client.get(f"{view}/provenance").status_code == 404
        assert client.get(f"{view}/picture").status_code == 404
        assert client.post(f"{view}/fork", json={}, headers=SAME_ORIGIN).status_code == 404
        assert client.patch(view, json={"name": "x"}, headers=SAME_ORIGIN).status_code == 404
        assert client.delete(view, headers=SAME_ORIGIN).status_code == 404
        assert client.get(f"{API}/views").json()["items"] == []
        assert client.get(f"{API}/views", params={"circuit": SECRET}).status_code == 404
        made = client.post(f"{API}/views", json={"circuit": SECRET, "name": "x"}, headers=SAME_ORIGIN)
        assert made.status_code == 404
        assert client.get(f"{API}/circuits/{SECRET}/notes").status_code == 404
        assert client.get(f"{API}/circuits/{SECRET}/labels").status_code == 404
        assert client.get(f"{API}/circuits/{SECRET}/changes").status_code == 404
    assert users.browser(guarded, None).get(view).status_code == 401


def test_other_users_can_see_a_view_but_not_change_it(guarded: FastAPI) -> None:
    owner, stranger = users.browser(guarded, "owner"), users.browser(guarded, "stranger")
    body = {"circuit": thing_id("c", "public"), "name": "Ears"}
    view = f"{API}/views/{owner.post(f'{API}/views', json=body, headers=SAME_ORIGIN).json()['id']}"
    assert stranger.get(view).json()["mine"] is False
    assert stranger.patch(view, json={"name": "x"}, headers=SAME_ORIGIN).status_code == 403
    assert users.browser(guarded, "outsider").post(f"{view}/links", json={}, headers=SAME_ORIGIN).status_code == 403
    fork = stranger.post(f"{view}/fork", json={}, headers=SAME_ORIGIN).json()
    assert (fork["mine"], fork["owner"]["id"]) == (True, users.user_id("stranger"))


def test_only_users_who_can_see_the_circuit_can_fork_a_shared_view(guarded: FastAPI, view: str) -> None:
    owner = users.browser(guarded, "owner")
    body = {"circuit": thing_id("c", "lab"), "name": "Ears", "state": "v=1&influence=80"}
    lab = f"{API}/views/{owner.post(f'{API}/views', json=body, headers=SAME_ORIGIN).json()['id']}"
    token, secret = token_of(guarded, lab), token_of(guarded, view)
    for login, told in (("member", True), ("colleague", True), ("admin", True), ("stranger", False), (None, False)):
        client = users.browser(guarded, login)
        found = client.get(f"{API}/shared/{token}").json()["view"]
        assert found == (lab.rpartition("/")[2] if told else None), login
        assert (client.get(f"{API}/shared/{secret}").json()["view"] is not None) == (login == "admin")
        # The link alone does not allow a fork, even if the id is known.
        answer = client.post(f"{lab}/fork", json={"state": "v=1&influence=30"}, headers={share_access.HEADER: token})
        assert answer.status_code == (201 if told else 404 if login else 401), login
        if told:
            fork = answer.json()
            assert (fork["forked_from"], fork["mine"]) == (found, True)
            assert (fork["name"], fork["state"]) == ("Ears", "v=1&influence=30")
    assert owner.get(lab).json()["state"] == "v=1&influence=80"


@pytest.mark.usefixtures("built")
def test_the_page_of_a_link_marks_visitors_without_an_account(guarded: FastAPI) -> None:
    owner = users.browser(guarded, "owner")
    body = {"circuit": thing_id("c", "lab"), "name": "Ears", "analysis": thing_id("a", "lab")}
    view = f"{API}/views/{owner.post(f'{API}/views', json=body, headers=SAME_ORIGIN).json()['id']}"
    token = token_of(guarded, view)
    for address in (f"/s/{token}", f"/s/{'A' * 32}"):
        assert 'data-known="no"' in users.browser(guarded, None).get(address).text
        assert "data-known" not in users.browser(guarded, "stranger").get(address).text
    assert f'data-analysis="{thing_id("a", "lab")}"' in users.browser(guarded, None).get(f"/s/{token}").text


def test_a_visitor_reads_one_circuit_and_writes_only_if_the_link_allows_it(guarded: FastAPI, view: str) -> None:
    visitor = users.browser(guarded, None)
    mute = {share_access.HEADER: token_of(guarded, view)}
    talking = {share_access.HEADER: token_of(guarded, view, may_comment=True)}
    assert visitor.get(f"{API}/circuits/{SECRET}").status_code == 401
    for path in ("", "/images", "/edges", "/labels", "/notes", "/preview"):
        assert visitor.get(f"{API}/circuits/{SECRET}{path}", headers=mute).status_code == 200, path
        assert visitor.get(f"{API}/circuits/{OTHER}{path}", headers=mute).status_code == 401, path
    for path in ("circuits", "networks", "datasets", "analyses", "views", "jobs", "events", "users", "me", "spaces"):
        assert visitor.get(f"{API}/{path}", headers=mute).status_code in (401, 404), path
    assert visitor.get(f"{API}/circuits/{SECRET}/export/bundle", headers=mute).status_code == 401
    assert visitor.delete(f"{API}/circuits/{SECRET}", headers=talking).status_code == 401
    assert visitor.patch(f"{API}/circuits/{SECRET}", json={"name": "x"}, headers=talking).status_code == 401
    notes = f"{API}/circuits/{SECRET}/notes"
    assert visitor.post(notes, json={"text": "Hello"}, headers=mute).status_code == 401
    note = visitor.post(notes, json={"text": "Hello"}, headers=talking)
    assert (note.status_code, note.json()["by"]) == (201, {"id": None, "name": "Visitor"})
    assert visitor.delete(f"{notes}/{note.json()['id']}", headers=talking).status_code == 401


def test_a_link_for_users_only_refuses_visitors(guarded: FastAPI, view: str) -> None:
    token = token_of(guarded, view, anonymous=False)
    visitor, stranger = users.browser(guarded, None), users.browser(guarded, "stranger")
    shown = {share_access.HEADER: token}
    assert visitor.get(f"{API}/shared/{token}").status_code == 404
    assert visitor.get(f"{API}/circuits/{SECRET}", headers=shown).status_code == 401
    assert stranger.get(f"{API}/shared/{token}").status_code == 200
    assert stranger.get(f"{API}/circuits/{SECRET}", headers=shown).status_code == 200
    assert users.browser(guarded, "stranger").get(f"{API}/circuits/{SECRET}").status_code == 404


def test_a_link_for_visitors_needs_the_right_to_change_a_circuit_s_visibility(guarded: FastAPI) -> None:
    for login, thing, status in (
        ("outsider", "team", 403),
        ("colleague", "team", 403),
        ("colleague", "lab", 201),
        ("outsider", "public", 201),
        ("owner", "hidden", 201),
        ("admin", "private", 201),
    ):
        client = users.browser(guarded, login)
        body = {"circuit": thing_id("c", thing), "name": "Ears"}
        view = client.post(f"{API}/views", json=body, headers=SAME_ORIGIN).json()["id"]
        links = f"{API}/views/{view}/links"
        answer = client.post(links, json={"anonymous": True}, headers=SAME_ORIGIN)
        assert answer.status_code == status, (login, thing, answer.text)
        with_account = client.post(links, json={"anonymous": False}, headers=SAME_ORIGIN)
        assert with_account.status_code == 201, (login, thing)


def test_a_revoked_link_is_refused(guarded: FastAPI, view: str) -> None:
    owner = users.browser(guarded, "owner")
    link = owner.post(f"{view}/links", json={}, headers=SAME_ORIGIN).json()
    shown = {share_access.HEADER: link["token"]}
    visitor = users.browser(guarded, None)
    assert visitor.get(f"{API}/circuits/{SECRET}", headers=shown).status_code == 200
    assert owner.delete(f"{view}/links/{link['id']}", headers=SAME_ORIGIN).status_code == 204
    assert visitor.get(f"{API}/circuits/{SECRET}", headers=shown).status_code == 401
    assert visitor.get(f"{API}/shared/{link['token']}").status_code == 410


def test_the_cookie_of_a_link_opens_it_too(guarded: FastAPI, view: str) -> None:
    visitor = users.browser(guarded, None)
    token = token_of(guarded, view)
    assert visitor.get(f"{API}/shared/{token}").status_code == 200
    assert visitor.get(f"{API}/circuits/{SECRET}").status_code == 200
    assert visitor.get(f"{API}/circuits/{OTHER}").status_code == 401
