"""Signing in through a provider: a real one on a local port, one that lies, and strangers who pretend."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from joserfc.jwk import OctKey, RSAKey
from sqlalchemy import select

from neurflow_server.app import create_app
from neurflow_store.errors import SettingsError
from neurflow_store.installation.settings import Settings, load_settings
from neurflow_store.tables import Role, User
from neurflow_store.users import users
from tests.server.conftest import ADDRESS
from tests.server.provider import CLIENT, SECRET, Provider, provider
from tests.server.users import SAME_ORIGIN
from tests.services.fixtures import RecordingAnnouncer

MakeApp = Callable[..., FastAPI]
HOUR: Final = 3600


@pytest.fixture
def there() -> Iterator[Provider]:
    with provider() as running:
        yield running


@pytest.fixture
def make_app(settings: Settings, announcer: RecordingAnnouncer, there: Provider) -> Iterator[MakeApp]:
    """Make an application whose users sign in through ``there``, on each kind of database."""
    opened: list[TestClient] = []

    def make(**values: Any) -> FastAPI:
        mine: dict[str, Any] = {"auth": "oidc", "public_url": ADDRESS, "oidc_issuer": there.issuer}
        mine |= {"oidc_client_id": CLIENT, "oidc_client_secret": SECRET}
        app = create_app(settings.model_copy(update=mine | values), announcer)
        opened.append(TestClient(app).__enter__())
        return app

    yield make
    for client in opened:
        client.__exit__(None, None, None)


def browser(app: FastAPI) -> TestClient:
    return TestClient(app, base_url=ADDRESS, headers=SAME_ORIGIN, follow_redirects=False)


def go_there(client: TestClient, wanted: str = "/") -> str:
    """Start signing in at the provider; return the address to which it sends the browser."""
    answer = client.get("/auth/oidc/start", params={"next": wanted})
    assert answer.status_code == 303, answer.text
    return str(httpx2.get(answer.headers["location"], trust_env=False).headers["location"])


def come_back(client: TestClient, address: str) -> Any:
    assert address.startswith(ADDRESS)
    return client.get(address.removeprefix(ADDRESS))


def users_of(app: FastAPI) -> list[User]:
    with app.state.services.database.reading() as session:
        return list(session.scalars(select(User).order_by(User.created_at)))


def test_a_user_is_added_at_first_and_recognised_later(make_app: MakeApp, there: Provider) -> None:
    app = make_app()
    client = browser(app)
    assert "/auth/oidc/start?next=/circuits/new" in client.get("/login", params={"next": "/circuits/new"}).text
    answer = come_back(client, go_there(client, "/circuits/new"))
    assert (answer.status_code, answer.headers["location"]) == (303, "/circuits/new")
    assert client.get("/api/v1/me").json() | {"id": ""} == {"id": "", "name": "Anna", "role": "viewer", "auth": "oidc"}
    asked = there.asked[0]
    assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
    assert set(asked["scope"].split()) == {"openid", "profile", "email"}
    again = browser(app)
    assert come_back(again, go_there(again)).status_code == 303
    assert len(users_of(app)) == 1
    assert there.asked[1]["state"] != asked["state"] and there.asked[1]["nonce"] != asked["nonce"]


def test_the_role_of_new_users_is_a_setting(make_app: MakeApp) -> None:
    app = make_app(oidc_role="editor")
    client = browser(app)
    come_back(client, go_there(client))
    assert client.get("/api/v1/me").json()["role"] == "editor"


def test_an_email_address_does_not_identify_a_user(make_app: MakeApp, there: Provider) -> None:
    """Anyone who can choose their address at the provider could otherwise sign in as anybody."""
    app = make_app()
    with app.state.services.database.writing() as session:
        users.add_user(session, name="Boss", login="boss", email="boss@example.org", role=Role.ADMIN)
    there.person = {"sub": "subject-2", "name": "Boss", "email": "boss@example.org", "email_verified": True}
    client = browser(app)
    come_back(client, go_there(client))
    assert client.get("/api/v1/me").json()["role"] == "viewer"
    first, second = users_of(app)
    assert (first.email, second.email) == ("boss@example.org", None)


@pytest.mark.parametrize(
    ("email", "verified", "let"),
    [
        ("a@lab.example.org", True, True),
        ("a@LAB.example.org", True, True),
        ("a@lab.example.org", False, False),
        ("a@lab.example.org", "true", False),
        ("a@example.org", True, False),
        ("lab.example.org@evil.example", True, False),
        ("a@evil-lab.example.org", True, False),
        (None, True, False),
    ],
)
def test_email_domains_can_be_restricted(
    make_app: MakeApp, there: Provider, email: str | None, verified: object, let: bool
) -> None:
    app = make_app(oidc_email_domains=("lab.example.org",))
    there.person = {"sub": "s", "email": email, "email_verified": verified}
    client = browser(app)
    assert come_back(client, go_there(client)).status_code == (303 if let else 403)
    assert len(users_of(app)) == int(let)


LIES: Final[dict[str, dict[str, Any]]] = {
    "nonce": {"nonce": "another"},
    "no nonce": {"nonce": None},
    "audience": {"aud": "another"},
    "several audiences without us": {"aud": ["one", "two"]},
    "for another among several": {"aud": [CLIENT, "another"], "azp": "another"},
    "no audience": {"aud": None},
    "issuer": {"iss": "https://example.org"},
    "no issuer": {"iss": None},
    "expired": {"exp": int(time.time()) - HOUR},
    "no end": {"exp": None},
    "not yet": {"nbf": int(time.time()) + HOUR},
    "made in the future": {"iat": int(time.time()) + HOUR},
    "no subject": {"sub": None},
    "empty subject": {"sub": ""},
    "long subject": {"sub": "x" * 256},
    "another access token": {"at_hash": "x"},
}


@pytest.mark.parametrize("lie", LIES)
def test_an_invalid_token_signs_nobody_in(make_app: MakeApp, there: Provider, lie: str) -> None:
    app = make_app()
    there.claims = LIES[lie]
    client = browser(app)
    answer = come_back(client, go_there(client))
    assert answer.status_code == 401
    assert "neurflow-session" not in client.cookies
    assert users_of(app) == []


def test_only_the_provider_s_signature_is_accepted(make_app: MakeApp, there: Provider) -> None:
    app = make_app()
    forged: list[tuple[dict[str, Any], Any]] = [
        ({}, RSAKey.generate_key(2048, {"kid": "one"})),
        ({"kid": "two"}, RSAKey.generate_key(2048, {"kid": "two"})),
        ({"alg": "HS256"}, OctKey.import_key(SECRET)),
        ({"alg": "none"}, OctKey.import_key(SECRET)),
    ]
    for header, key in forged:
        there.header, there.signs_with = header, key
        client = browser(app)
        assert come_back(client, go_there(client)).status_code == 401, header
    assert users_of(app) == []


def test_a_new_key_of_the_provider_is_accepted(make_app: MakeApp, there: Provider) -> None:
    app = make_app()
    client = browser(app)
    come_back(client, go_there(client))
    there.key = RSAKey.generate_key(2048, {"kid": "two", "use": "sig"})
    there.header = {"kid": "two"}
    again = browser(app)
    assert come_back(again, go_there(again)).status_code == 303


def test_a_response_is_only_accepted_in_the_browser_that_started(make_app: MakeApp) -> None:
    app = make_app()
    attacker, victim = browser(app), browser(app)
    address = go_there(attacker)
    assert come_back(victim, address).status_code == 401, "it has no cookie"
    go_there(victim)
    assert come_back(victim, address).status_code == 401, "it left with another state"
    assert "neurflow-session" not in victim.cookies
    state = parse_qs(urlsplit(address).query)["state"][0]
    for query in ("", f"?state={state}", "?code=x", f"?state={state}x&code=x", f"?error=access_denied&state={state}"):
        assert attacker.get(f"/auth/oidc/callback{query}").status_code == 401
    assert come_back(attacker, address + "&iss=https://example.org").status_code == 401


def test_a_code_can_be_used_once(make_app: MakeApp) -> None:
    app = make_app()
    client = browser(app)
    address = go_there(client)
    cookie = client.cookies["neurflow-login"]
    assert come_back(client, address).status_code == 303
    assert "neurflow-login" not in client.cookies
    client.cookies.set("neurflow-login", cookie, domain="127.0.0.1")
    client.cookies.delete("neurflow-session")
    assert come_back(client, address).status_code == 401


def test_signing_in_does_not_redirect_to_other_sites(make_app: MakeApp) -> None:
    client = browser(make_app())
    answer = come_back(client, go_there(client, "https://example.org/"))
    assert answer.headers["location"] == "/"


def test_a_disabled_user_cannot_sign_in(make_app: MakeApp) -> None:
    app = make_app()
    client = browser(app)
    come_back(client, go_there(client))
    (user,) = users_of(app)
    with app.state.services.database.writing() as session:
        users.set_disabled(session, user.id, True)
    assert client.get("/api/v1/me").status_code == 401
    assert come_back(client, go_there(client)).status_code == 401


def test_passwords_are_not_accepted_beside_a_provider(make_app: MakeApp) -> None:
    client = browser(make_app())
    assert 'type="password"' not in client.get("/login").text
    assert client.post("/login", data={"login": "a", "password": "b"}).status_code == 404


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://example.org"},
        {"issuer": None},
        {"token_endpoint": "http://example.org/token"},
        {"jwks_uri": "file:///etc/passwd"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"token_endpoint": None},
    ],
)
def test_an_invalid_discovery_document_is_refused(make_app: MakeApp, there: Provider, metadata: dict[str, Any]) -> None:
    there.metadata = metadata
    answer = browser(make_app()).get("/auth/oidc/start")
    assert answer.status_code == 401


def test_a_provider_that_does_not_answer_is_reported(make_app: MakeApp) -> None:
    app = make_app(oidc_issuer="http://127.0.0.1:1")
    answer = browser(app).get("/auth/oidc/start")
    assert answer.status_code == 503
    assert "127.0.0.1:1" not in answer.text


def test_missing_settings_are_named_at_the_start(make_settings: Callable[..., Settings]) -> None:
    make_settings()
    with pytest.raises(SettingsError, match="requires public_url and oidc_issuer and oidc_client_id"):
        load_settings(auth="oidc")
