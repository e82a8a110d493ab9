"""API tokens: shown once, kept as digests, never logged, and limited to their scope."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import select, update

from neurflow_server.app import create_app
from neurflow_server.auth import passwords
from neurflow_store.clock import now
from neurflow_store.installation.settings import Settings
from neurflow_store.tables import Activity, ApiToken, Role, Scope, User
from neurflow_store.users import credentials
from neurflow_store.users.users import set_password
from tests.server import users
from tests.server.conftest import ADDRESS
from tests.services.fixtures import RecordingAnnouncer

READING, WRITING, ADMINISTERING = "/api/v1/circuits", "/api/v1/networks", "/api/v1/users"


@pytest.fixture
def guarded(settings: Settings, announcer: RecordingAnnouncer) -> Iterator[FastAPI]:
    app = create_app(settings.model_copy(update={"auth": "accounts"}), announcer)
    with TestClient(app):
        with app.state.services.database.writing() as session:
            users.add_users(session)
        yield app


def program(app: FastAPI, token: str) -> TestClient:
    return TestClient(app, base_url=ADDRESS, headers={"authorization": f"Bearer {token}"})


def made(app: FastAPI, login: str, **values: Any) -> dict[str, Any]:
    answer = users.browser(app, login).post("/api/v1/tokens", json={"name": "t"} | values)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


@pytest.mark.parametrize("login", ["stranger", "owner", "admin"])
@pytest.mark.parametrize("scope", list(Scope))
def test_a_token_can_do_what_its_scope_and_owner_allow(guarded: FastAPI, login: str, scope: Scope) -> None:
    client = TestClient(guarded, base_url=ADDRESS, headers=users.token_headers(guarded, login, scope))
    rank = min(users.USERS[login].rank, scope.role.rank)
    assert client.get(READING).status_code == 200
    written = client.post(WRITING, json={"spec": "demo/photos"})
    assert written.status_code == (201 if rank >= Role.EDITOR.rank else 403)
    assert client.get(ADMINISTERING).status_code == (200 if rank >= Role.ADMIN.rank else 403)
    assert client.get("/api/v1/me").json()["role"] == list(Role)[rank].value


def test_a_token_is_shown_once_and_kept_as_a_digest(guarded: FastAPI, logged: list[Any]) -> None:
    new = made(guarded, "owner", scope="write", days=1)
    listed = users.browser(guarded, "owner").get("/api/v1/tokens").json()["items"]
    assert [token["id"] for token in listed] == [new["id"]] and "token" not in listed[0]
    secret = new["token"].rpartition(f"{new['id']}_")[2]
    with guarded.state.services.database.reading() as session:
        row = session.scalars(select(ApiToken)).one()
        assert secret not in repr(vars(row)) and row.digest == credentials.digest(secret)
        assert secret not in repr([vars(entry) for entry in session.scalars(select(Activity))])
    assert program(guarded, new["token"]).get("/api/v1/me").status_code == 200
    assert secret not in repr(logged)
    assert users.browser(guarded, "owner").get("/api/v1/tokens").json()["items"][0]["last_used_at"] is not None


def test_a_revoked_or_expired_token_is_refused(guarded: FastAPI) -> None:
    first, second = made(guarded, "owner"), made(guarded, "owner")
    owner = users.browser(guarded, "owner")
    assert users.browser(guarded, "outsider").delete(f"/api/v1/tokens/{first['id']}").status_code == 404
    assert owner.delete(f"/api/v1/tokens/{first['id']}").status_code == 204
    assert owner.delete(f"/api/v1/tokens/{first['id']}").status_code == 404
    with guarded.state.services.database.writing() as session:
        session.execute(
            update(ApiToken).where(ApiToken.id == second["id"]).values(expires_at=now() - timedelta(seconds=1))
        )
    for token in (first, second):
        assert program(guarded, token["token"]).get("/api/v1/me").status_code == 401


def test_an_almost_correct_token_is_refused(guarded: FastAPI) -> None:
    right, other = made(guarded, "owner"), made(guarded, "owner")
    text = right["token"]
    other_id = text.replace(right["id"], other["id"])
    tries = [
        text[:-1],
        text + "A",
        text.upper(),
        other_id,
        "",
        "nf",
        "nf__",
        right["id"],
        f"nf_{right['id']}_",
        text + " x",
    ]
    for wrong in tries:
        assert program(guarded, wrong).get("/api/v1/me").status_code == 401, wrong
    for header in (text, f"Basic {text}", f"Token {text}"):
        answer = TestClient(guarded, base_url=ADDRESS).get("/api/v1/me", headers={"authorization": header})
        assert answer.status_code == 401


def test_a_wrong_token_is_refused_despite_a_valid_cookie(guarded: FastAPI) -> None:
    client = users.browser(guarded, "admin")
    assert client.get("/api/v1/me", headers={"authorization": "Bearer nonsense"}).status_code == 401


@pytest.mark.parametrize("scope", list(Scope))
def test_a_token_cannot_create_tokens(guarded: FastAPI, scope: Scope) -> None:
    client = TestClient(guarded, base_url=ADDRESS, headers=users.token_headers(guarded, "admin", scope))
    assert client.post("/api/v1/tokens", json={"name": "t"}).status_code == 403
    assert client.put("/api/v1/me/password", json={"current": "x", "new": "y"}).status_code == 403


def test_nobody_creates_a_token_with_more_rights_than_their_own(guarded: FastAPI) -> None:
    answer = users.browser(guarded, "owner").post("/api/v1/tokens", json={"name": "t", "scope": "admin"})
    assert answer.status_code == 422


def test_a_token_loses_the_rights_that_its_owner_loses(guarded: FastAPI) -> None:
    token = made(guarded, "owner", scope="write")["token"]
    with guarded.state.services.database.writing() as session:
        session.execute(update(User).where(User.id == users.user_id("owner")).values(role=Role.VIEWER))
    assert program(guarded, token).post(WRITING, json={"spec": "demo/photos"}).status_code == 403


def test_a_token_needs_no_origin_header(guarded: FastAPI) -> None:
    token = made(guarded, "owner", scope="write")["token"]
    assert program(guarded, token).post(WRITING, json={"spec": "demo/photos"}).status_code == 201


def test_a_new_password_offers_to_revoke_tokens(guarded: FastAPI) -> None:
    database, old, new = guarded.state.services.database, "several plain words", "quite another one"
    with database.writing() as session:
        set_password(session, users.user_id("owner"), passwords.hashed(old))
        users.add_session(session, "owner")
    token = made(guarded, "owner")["token"]
    owner = users.browser(guarded, "owner")
    assert owner.put("/api/v1/me/password", json={"current": old, "new": new}).status_code == 204
    assert program(guarded, token).get("/api/v1/me").status_code == 200
    back = {"current": new, "new": old, "revoke_tokens": True}
    assert owner.put("/api/v1/me/password", json=back).status_code == 204
    assert program(guarded, token).get("/api/v1/me").status_code == 401
    assert owner.get("/api/v1/me").status_code == 200
    with database.reading() as session:
        assert [row.action for row in session.scalars(select(Activity))].count("token.revoke") == 1


def test_a_reset_by_an_administrator_revokes_tokens(guarded: FastAPI) -> None:
    token, kept = made(guarded, "owner")["token"], made(guarded, "outsider")["token"]
    admin = users.browser(guarded, "admin")
    assert admin.post(f"/api/v1/users/{users.user_id('owner')}/reset").status_code == 200
    assert program(guarded, token).get("/api/v1/me").status_code == 401
    assert program(guarded, kept).get("/api/v1/me").status_code == 200


def test_a_disabled_account_comes_back_without_its_tokens(guarded: FastAPI) -> None:
    token, before = made(guarded, "owner")["token"], made(guarded, "member")["token"]
    with guarded.state.services.database.writing() as session:
        # As an earlier version disabled an account: its tokens stayed.
        session.get_one(User, users.user_id("member")).disabled_at = now()
    admin = users.browser(guarded, "admin")
    for login, steps in (("owner", (True, False)), ("member", (False,))):
        for disabled in steps:
            answer = admin.patch(f"/api/v1/users/{users.user_id(login)}", json={"disabled": disabled})
            assert answer.status_code == 200
    for text in (token, before):
        assert program(guarded, text).get("/api/v1/me").status_code == 401
    active = made(guarded, "outsider")["token"]
    admin.patch(f"/api/v1/users/{users.user_id('outsider')}", json={"disabled": False})
    assert program(guarded, active).get("/api/v1/me").status_code == 200, "nothing has changed for them"


def test_administrators_list_and_revoke_anybodys_tokens(guarded: FastAPI) -> None:
    first, second, third = (made(guarded, "owner", name=name) for name in ("a", "b", "c"))
    path = f"/api/v1/users/{users.user_id('owner')}/tokens"
    for login in ("owner", "outsider"):
        assert users.browser(guarded, login).get(path).status_code == 403
        assert users.browser(guarded, login).delete(path).status_code == 403
    admin = users.browser(guarded, "admin")
    listed = admin.get(path).json()["items"]
    assert {token["id"] for token in listed} == {first["id"], second["id"], third["id"]}
    assert "token" not in listed[0] and first["token"] not in str(listed)
    assert admin.delete(f"{path}/{first['id']}").status_code == 204
    assert admin.delete(f"{path}/{first['id']}").status_code == 404
    other = f"/api/v1/users/{users.user_id('member')}/tokens"
    assert admin.delete(f"{other}/{second['id']}").status_code == 404, "of another user"
    assert program(guarded, first["token"]).get("/api/v1/me").status_code == 401
    assert program(guarded, second["token"]).get("/api/v1/me").status_code == 200
    assert admin.delete(path).status_code == 204
    assert program(guarded, third["token"]).get("/api/v1/me").status_code == 401
    assert admin.get(path).json()["items"] == []
    assert admin.get("/api/v1/users/nobody-00000/tokens").status_code == 404
    log = admin.get("/api/v1/activity").json()["items"]
    revoked = [entry for entry in log if entry["action"] == "token.revoke"]
    assert {entry["subject_id"] for entry in revoked} == {first["id"], second["id"], third["id"]}
    assert {entry["detail"]["user"] for entry in revoked} == {users.user_id("owner")}
