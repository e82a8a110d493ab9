"""Users, spaces and the activity log over HTTP; what each user can see, and who owns what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import select

from neurflow_server.app import create_app
from neurflow_store.installation.settings import Settings
from neurflow_store.tables import Activity, Analysis, Circuit, Dataset, Network, Visibility
from tests.server import users
from tests.server.test_logins import log_in
from tests.server.users import SEEN_BY, THINGS, USERS, refill
from tests.services.fixtures import RecordingAnnouncer
from tests.store import rows

API = "/api/v1"


@pytest.fixture
def guarded(settings: Settings, announcer: RecordingAnnouncer) -> Iterator[FastAPI]:
    app = create_app(settings.model_copy(update={"auth": "accounts"}), announcer)
    with TestClient(app):
        refill(app)
        yield app


@pytest.mark.parametrize("login", USERS)
def test_a_data_set_says_whether_you_can_change_it(guarded: FastAPI, login: str) -> None:
    client = users.browser(guarded, login)
    for thing in THINGS:
        if login in SEEN_BY[thing]:
            found = client.get(f"{API}/datasets/{users.thing_id('d', thing)}").json()
            may = login in users.CHANGED_BY[thing]
            assert found["may_change"] is may, thing
            changed = client.patch(f"{API}/datasets/{found['id']}", json={"class_map": {"cat": "dog"}})
            assert (changed.status_code == 200) is may, thing


@pytest.mark.parametrize("login", USERS)
@pytest.mark.parametrize("kind", ["circuits", "networks", "datasets", "evaluations", "analyses", "measurements"])
def test_lists_leave_out_hidden_things_and_keep_full_pages(guarded: FastAPI, login: str, kind: str) -> None:
    client, letter = users.browser(guarded, login), kind[0]
    ids: list[str] = []
    cursor = ""
    for _ in THINGS:
        page = client.get(f"{API}/{kind}?limit=2{cursor}").json()
        ids += [item["id"] for item in page["items"]]
        assert len(page["items"]) == 2 or page["next"] is None, "pages are full, whatever was left out"
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    else:
        pytest.fail("pages that repeat themselves")
    assert set(ids) == {users.thing_id(letter, thing) for thing in THINGS if login in SEEN_BY[thing]}
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("login", USERS)
def test_the_list_of_jobs_leaves_out_those_of_hidden_things(guarded: FastAPI, login: str) -> None:
    found = users.browser(guarded, login).get(f"{API}/jobs?limit=200").json()["items"]
    seen = [thing for thing in THINGS if login in SEEN_BY[thing]]
    assert {job["subject"] for job in found} == {users.thing_id(kind, thing) for kind in "cndeam" for thing in seen}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "analyses?circuit=ID-c0000", None),
        ("GET", "datasets/team-d0000/images?network=ID-n0000", None),
        ("GET", "analyses/team-a0000/difference?other=ID-a0000", None),
        ("GET", "analyses/team-a0000/disagreement?other=ID-a0000", None),
        ("POST", "circuits", {"network": "ID-n0000", "dataset": "team-d0000", "class": "cat"}),
        ("POST", "circuits", {"network": "team-n0000", "dataset": "ID-d0000", "class": "cat"}),
        ("POST", "circuits/batch", {"network": "ID-n0000", "dataset": "team-d0000"}),
        ("POST", "circuits/estimate", {"network": "team-n0000", "dataset": "ID-d0000", "class": "cat"}),
        ("POST", "evaluations", {"network": "ID-n0000", "dataset": "team-d0000"}),
        ("POST", "analyses?wait=0", {"circuit": "ID-c0000", "analysis": "team-a0000"}),
        ("POST", "analyses?wait=0", {"circuit": "team-c0000", "analysis": "ID-a0000"}),
        ("POST", "analyses?wait=0", {"circuit": "team-c0000", "image": {"dataset": "ID-d0000", "position": 0}}),
        ("POST", "measurements?wait=0", {"kind": "ranking", "circuit": "ID-c0000", "analysis": "team-a0000"}),
        ("POST", "measurements?wait=0", {"kind": "ranking", "circuit": "team-c0000", "analysis": "ID-a0000"}),
        ("PATCH", "circuits/own-c0000", {"space": "SPACE"}),
    ],
)
def test_hidden_things_named_in_a_body_or_query_do_not_exist(
    guarded: FastAPI, method: str, path: str, body: Any
) -> None:
    with guarded.state.services.database.writing() as session:
        row: dict[str, Any] = {
            "owner_id": users.user_id("outsider"),
            "network_id": "team-n0000",
            "dataset_id": "team-d0000",
        }
        rows.add_circuit(session, "own-c0000", **row)
        looked = session.get_one(Analysis, "team-a0000")
        looked.reading, looked.computed_at, looked.circuit_computed_at = {"groups": []}, rows.START, rows.START
    client = users.browser(guarded, "outsider")

    def ask(thing: str, space: str) -> tuple[int, str]:
        sent = body and {
            name: (
                {**value, "dataset": value["dataset"].replace("ID", thing)}
                if isinstance(value, dict)
                else value.replace("ID", thing).replace("SPACE", space)
            )
            for name, value in body.items()
        }
        answer = client.request(method, f"{API}/{path.replace('ID', thing)}", json=sent)
        return answer.status_code, answer.json()["detail"].replace(thing, "X").replace(space, "Y")

    hidden, absent = ask("private", rows.SPACE), ask("absent", "nowhere-00000")
    assert hidden == absent
    assert hidden[0] == 404


def test_who_requests_something_owns_it(guarded: FastAPI) -> None:
    client = users.browser(guarded, "outsider")
    body = {"network": "team-n0000", "dataset": "team-d0000", "class": "cat"}
    card = client.post(f"{API}/circuits", json=body).json()
    assert card["owner"] == {"id": users.user_id("outsider"), "name": "Outsider"}
    assert (card["visibility"], card["space"]) == ("team", None)
    hidden = client.patch(f"{API}/circuits/{card['id']}", json={"visibility": "private"})
    assert hidden.json()["visibility"] == "private"
    assert users.browser(guarded, "owner").get(f"{API}/circuits/{card['id']}").status_code == 404


def test_the_same_request_does_not_reveal_a_hidden_circuit(guarded: FastAPI) -> None:
    body = {"network": "team-n0000", "dataset": "team-d0000", "class": "cat"}
    first, second = users.browser(guarded, "outsider"), users.browser(guarded, "owner")
    mine = first.post(f"{API}/circuits", json=body).json()["id"]
    assert second.post(f"{API}/circuits", json=body).json()["id"] == mine
    first.patch(f"{API}/circuits/{mine}", json={"visibility": "private"})
    answer = second.post(f"{API}/circuits", json=body)
    assert answer.status_code == 202 and answer.json()["id"] != mine
    assert second.post(f"{API}/circuits", json=body).json()["id"] == answer.json()["id"]
    assert first.post(f"{API}/circuits", json=body).json()["id"] == mine
    batch = {"network": "team-n0000", "dataset": "team-d0000", "classes": ["cat", "dog"]}
    ids = [item["id"] for item in second.post(f"{API}/circuits/batch", json=batch).json()["items"]]
    assert ids[0] == answer.json()["id"]
    with guarded.state.services.database.reading() as session:
        assert len(session.scalars(select(Circuit.id).where(Circuit.class_name == "cat")).all()) == len(THINGS) + 2


def test_the_same_registration_does_not_reveal_a_hidden_network_or_data_set(guarded: FastAPI) -> None:
    first, second = users.browser(guarded, "outsider"), users.browser(guarded, "owner")
    for kind in ("networks", "datasets"):
        body = {"spec": "demo/photos"}
        mine = first.post(f"{API}/{kind}", json=body).json()["id"]
        with guarded.state.services.database.writing() as session:
            table: Any = Network if kind == "networks" else Dataset
            session.get_one(table, mine).visibility = Visibility.PRIVATE
        again = second.post(f"{API}/{kind}", json=body)
        assert again.status_code == 201 and again.json()["id"] != mine


def test_a_visible_circuit_does_not_name_its_hidden_network(guarded: FastAPI) -> None:
    with guarded.state.services.database.writing() as session:
        rows.add_circuit(session, "open-c0000", network_id="private-n0000", dataset_id="private-d0000")
    card = users.browser(guarded, "stranger").get(f"{API}/circuits?q=cat&limit=100").json()["items"]
    (found,) = [item for item in card if item["id"] == "open-c0000"]
    assert (found["network"], found["dataset"]) == (None, None)
    # Nor does the filter tell which circuits were made of it.
    assert users.browser(guarded, "stranger").get(f"{API}/circuits?network=private-n0000").json()["items"] == []


def test_a_network_used_by_hidden_circuits_cannot_be_deleted(guarded: FastAPI) -> None:
    with guarded.state.services.database.writing() as session:
        rows.add_network(session, "mine-n0000", owner_id=users.user_id("outsider"))
        row: dict[str, Any] = {
            "network_id": "mine-n0000",
            "dataset_id": "team-d0000",
            "owner_id": users.user_id("owner"),
        }
        rows.add_circuit(session, "x-c0000", **row, visibility="private")
    assert users.browser(guarded, "outsider").delete(f"{API}/networks/mine-n0000").status_code == 409


def test_a_circuit_goes_into_a_space_that_you_edit(guarded: FastAPI) -> None:
    owner, admin = users.browser(guarded, "owner"), users.browser(guarded, "admin")
    path = f"{API}/circuits/private-c0000"
    assert owner.patch(path, json={"space": rows.SPACE}).status_code == 404, "the owner is not in it"
    admin.put(f"{API}/spaces/{rows.SPACE}/members/owner-00000", json={"role": "viewer"})
    assert owner.patch(path, json={"space": rows.SPACE}).status_code == 403
    admin.put(f"{API}/spaces/{rows.SPACE}/members/owner-00000", json={"role": "editor"})
    card = owner.patch(path, json={"space": rows.SPACE, "visibility": "team", "name": "Ours"}).json()
    assert (card["space"]["id"], card["visibility"], card["name"]) == (rows.SPACE, "team", "Ours")
    assert users.browser(guarded, "member").get(path).status_code == 200
    assert users.browser(guarded, "stranger").get(path).status_code == 404
    assert owner.patch(path, json={"space": None}).json()["space"] is None
    assert users.browser(guarded, "stranger").get(path).status_code == 200
    assert owner.patch(path, json={}).status_code == 422


def test_administrators_of_a_space_manage_its_members(guarded: FastAPI) -> None:
    owner, colleague = users.browser(guarded, "owner"), users.browser(guarded, "colleague")
    space = owner.post(f"{API}/spaces", json={"name": "Ours"}).json()
    path = f"{API}/spaces/{space['id']}"
    assert space["members"] == [{"user": "owner-00000", "name": "Owner", "role": "admin"}]
    assert colleague.get(path).status_code == 404
    assert owner.put(f"{path}/members/colleague-00000", json={"role": "viewer"}).status_code == 200
    assert colleague.put(f"{path}/members/stranger-00000", json={"role": "viewer"}).status_code == 403
    assert owner.put(f"{path}/members/nobody-00000", json={"role": "viewer"}).status_code == 404
    assert owner.delete(f"{path}/members/owner-00000").status_code == 409, "nobody would administer it"
    assert colleague.delete(f"{path}/members/colleague-00000").status_code == 200
    assert [item["id"] for item in owner.get(f"{API}/spaces").json()["items"]] == [space["id"]]
    assert owner.get(f"{API}/spaces").json()["items"][0]["my_role"] == owner.get(path).json()["my_role"] == "admin"
    admin = users.browser(guarded, "admin")
    assert {item["my_role"] for item in admin.get(f"{API}/spaces").json()["items"]} == {None}
    mine = owner.post(f"{API}/spaces", json={"name": "Mine", "kind": "personal"}).json()["id"]
    assert owner.put(f"{API}/spaces/{mine}/members/colleague-00000", json={"role": "viewer"}).status_code == 409


def test_administrators_manage_users(guarded: FastAPI) -> None:
    admin = users.browser(guarded, "admin")
    made = admin.post(f"{API}/users", json={"login": "Carla", "role": "editor"}).json()
    assert made["user"]["login"] == "carla" and len(made["password"]) == 20
    carla = users.browser(guarded, None)
    assert log_in(carla, "carla", made["password"]).status_code == 303
    path = f"{API}/users/{made['user']['id']}"
    assert admin.patch(path, json={"role": "viewer"}).json()["role"] == "viewer"
    assert carla.get(f"{API}/me").json()["role"] == "viewer"
    new = admin.post(f"{path}/reset").json()["password"]
    assert carla.get(f"{API}/me").status_code == 401
    assert log_in(carla, "carla", made["password"]).status_code == 401
    assert log_in(carla, "carla", new).status_code == 303
    assert admin.patch(path, json={"disabled": True}).json()["disabled"] is True
    assert carla.get(f"{API}/me").status_code == 401
    assert admin.post(f"{API}/users", json={"login": "CARLA"}).status_code == 409
    for bad in ({"login": "a b"}, {"login": "x", "password": "short"}, {"login": "x", "email": "nowhere"}):
        assert admin.post(f"{API}/users", json=bad).status_code == 422
    assert "hash" not in admin.get(f"{API}/users").text


def test_the_last_administrator_stays(guarded: FastAPI) -> None:
    admin = users.browser(guarded, "admin")
    for change in ({"role": "editor"}, {"disabled": True}):
        assert admin.patch(f"{API}/users/admin-00000", json=change).status_code == 409
    admin.patch(f"{API}/users/owner-00000", json={"role": "admin"})
    assert admin.patch(f"{API}/users/admin-00000", json={"role": "editor"}).status_code == 200
    assert admin.get(f"{API}/users").status_code == 403


def test_the_activity_log_names_user_and_action(guarded: FastAPI) -> None:
    owner, admin = users.browser(guarded, "owner"), users.browser(guarded, "admin")
    network = owner.post(f"{API}/networks", json={"spec": "demo/photos"}, headers={"x-request-id": "seen"}).json()["id"]
    owner.patch(f"{API}/circuits/team-c0000", json={"visibility": "public"})
    owner.delete(f"{API}/circuits/team-c0000")
    owner.delete(f"{API}/circuits/team-c0000")
    token = owner.post(f"{API}/tokens", json={"name": "t"}).json()["id"]
    owner.delete(f"{API}/tokens/{token}")
    admin.patch(f"{API}/users/stranger-00000", json={"disabled": True})
    mine = owner.get(f"{API}/activity").json()["items"]
    assert [(item["action"], item["subject_id"]) for item in reversed(mine)] == [
        ("network.create", network),
        ("circuit.share", "team-c0000"),
        ("circuit.change", "team-c0000"),
        ("circuit.delete", "team-c0000"),
        ("token.create", token),
        ("token.revoke", token),
    ]
    assert mine[-1]["request_id"] == "seen" and {item["user_id"] for item in mine} == {"owner-00000"}
    everything = admin.get(f"{API}/activity").json()["items"]
    assert len(everything) == 7 and everything[0]["action"] == "user.disable"
    assert {item["user_name"] for item in everything} == {"Owner", "Admin"}
    of_owner = admin.get(f"{API}/activity", params={"user": "owner-00000", "limit": 4}).json()
    rest = admin.get(f"{API}/activity", params={"user": "owner-00000", "cursor": of_owner["next"]}).json()
    assert of_owner["items"] + rest["items"] == mine
    assert owner.get(f"{API}/activity", params={"user": "admin-00000"}).json()["items"] == []
    assert admin.get(f"{API}/activity", params={"user": "nobody-00000"}).json()["items"] == []


def test_without_accounts_nothing_is_logged(client: TestClient, app: FastAPI) -> None:
    client.post(f"{API}/networks", json={"spec": "demo/photos"})
    with app.state.services.database.reading() as session:
        assert session.scalars(select(Activity)).all() == []
    assert client.get(f"{API}/tokens").status_code == 409
    assert client.get(f"{API}/users").json() == {"items": [], "next": None}
