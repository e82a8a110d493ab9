"""Who can see a circuit from its first moment, and what each user can do with it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from neurflow_server.app import create_app
from neurflow_store.installation.database import Database
from neurflow_store.installation.settings import Settings
from neurflow_store.tables import Role, Scope
from tests.server import users
from tests.server.users import refill, thing_id
from tests.services.fixtures import RecordingAnnouncer
from tests.store import rows

API = "/api/v1/circuits"
BODY = {"network": thing_id("n", "team"), "dataset": thing_id("d", "team"), "class": "cat"}
BATCH = {"network": thing_id("n", "team"), "dataset": thing_id("d", "team"), "classes": ["cat", "dog"]}


@pytest.fixture
def guarded(settings: Settings, announcer: RecordingAnnouncer) -> Iterator[FastAPI]:
    app = create_app(settings.model_copy(update={"auth": "accounts"}), announcer)
    with TestClient(app):
        refill(app)
        yield app


def test_a_private_circuit_is_never_visible_to_others(guarded: FastAPI) -> None:
    owner, outsider = users.browser(guarded, "owner"), users.browser(guarded, "outsider")
    mine = owner.post(API, json=BODY | {"visibility": "private"})
    assert (mine.status_code, mine.json()["visibility"]) == (202, "private")
    assert outsider.get(f"{API}/{mine.json()['id']}").status_code == 404
    # The same request of another user is another circuit, and reveals nothing of the first.
    theirs = outsider.post(API, json=BODY)
    assert (theirs.status_code, theirs.json()["visibility"]) == (202, "team")
    assert theirs.json()["id"] != mine.json()["id"]
    # An existing circuit keeps its visibility, whatever the request says.
    again = owner.post(API, json=BODY | {"visibility": "public"})
    assert (again.status_code, again.json()["id"], again.json()["visibility"]) == (200, mine.json()["id"], "private")
    batch = owner.post(f"{API}/batch", json=BATCH | {"visibility": "private"}).json()["items"]
    assert [card["visibility"] for card in batch] == ["private", "private"]
    assert batch[0]["id"] == mine.json()["id"]


def test_each_user_learns_what_they_can_change(guarded: FastAPI) -> None:
    for login, role in users.USERS.items():
        client = users.browser(guarded, login)
        cards = {card["id"]: card["may_change"] for card in client.get(API).json()["items"]}
        for thing, seen_by in users.SEEN_BY.items():
            id = thing_id("c", thing)
            assert (id in cards) == (login in seen_by)
            if id in cards:
                may = login in users.CHANGED_BY[thing] and role is not Role.VIEWER
                assert cards[id] is may, (login, thing)
                assert client.get(f"{API}/{id}").json()["may_change"] is may
                answer = client.patch(f"{API}/{id}", json={"name": thing})
                assert (answer.status_code == 200) is may, (login, thing)
    reading = users.token_headers(guarded, "owner", Scope.READ)
    read = users.browser(guarded, None).get(API, headers=reading).json()["items"]
    assert {card["may_change"] for card in read} == {False}


def test_a_link_does_not_let_anybody_change_the_circuit(guarded: FastAPI) -> None:
    owner, circuit = users.browser(guarded, "owner"), thing_id("c", "private")
    view = owner.post("/api/v1/views", json={"circuit": circuit, "name": "Ears"}).json()["id"]
    shown = {"x-share-token": owner.post(f"/api/v1/views/{view}/links", json={}).json()["token"]}
    for login in (None, "outsider"):
        found = users.browser(guarded, login).get(f"{API}/{circuit}", headers=shown).json()
        assert found["may_change"] is False
    assert owner.get(f"{API}/{circuit}", headers=shown).json()["may_change"] is True


def test_without_accounts_everybody_can_change_everything(client: TestClient, database: Database) -> None:
    with database.writing() as session:
        rows.add_basis(session)
        rows.add_circuit(session, "cat-00000")
    assert client.get(API).json()["items"][0]["may_change"] is True
    assert client.get(f"{API}/cat-00000").json()["may_change"] is True


@pytest.mark.parametrize("path", ["", "/batch"])
def test_only_editors_of_a_space_can_put_circuits_into_it(guarded: FastAPI, path: str) -> None:
    body = (BATCH if path else BODY) | {"space": rows.SPACE}
    outsider = users.browser(guarded, "outsider")
    refused = outsider.post(f"{API}{path}", json=body)
    never = outsider.post(f"{API}{path}", json=body | {"space": "none-00000"})
    assert (refused.status_code, never.status_code) == (404, 404)
    assert refused.json()["detail"].replace(rows.SPACE, "none-00000") == never.json()["detail"]
    admin = users.browser(guarded, "admin")
    admin.put(f"/api/v1/spaces/{rows.SPACE}/members/{users.user_id('outsider')}", json={"role": "viewer"})
    assert outsider.post(f"{API}{path}", json=body).status_code == 403
    seen = users.browser(guarded, "colleague").post(f"{API}{path}", json=body)
    assert seen.status_code == 202, seen.text
    card = seen.json()["items"][0] if path else seen.json()
    assert (card["visibility"], card["space"]["id"]) == ("team", rows.SPACE)
    assert users.browser(guarded, "member").get(f"{API}/{card['id']}").status_code == 200
    assert users.browser(guarded, "stranger").get(f"{API}/{card['id']}").status_code == 404
