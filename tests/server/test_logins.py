"""Signing in with a password, under attack: session fixation, forgery, open redirects, guessing, disabled users."""

from __future__ import annotations

import inspect
import re
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import select, update

from neurflow_server import security
from neurflow_server.app import create_app
from neurflow_server.auth import passwords
from neurflow_server.auth.cookies import Cookies
from neurflow_server.auth.secret_key import secret_key
from neurflow_store.clock import now
from neurflow_store.errors import BadValue, SettingsError
from neurflow_store.installation.settings import Settings
from neurflow_store.tables import Activity, Role, Scope, User, UserSession
from neurflow_store.users import credentials, users
from tests.server.conftest import QUICK
from tests.server.users import SAME_ORIGIN
from tests.services.fixtures import RecordingAnnouncer

PASSWORD: Final = "several plain words"  # noqa: S105 - made up
HASH: Final = QUICK.hash(PASSWORD)
HASHER, NOBODYS = passwords._hasher, passwords._dummy_hash
SECURE: Final = {"auth": "accounts", "public_url": "https://circuits.example.org"}


@pytest.fixture
def app(settings: Settings, announcer: RecordingAnnouncer) -> Iterator[FastAPI]:
    """An application with one user, on each kind of database."""
    made = create_app(settings.model_copy(update={"auth": "accounts"}), announcer)
    with TestClient(made):
        with made.state.services.database.writing() as session:
            users.add_user(
                session, name="Anna", login="anna", email="Anna@example.org", role=Role.ADMIN, password_hash=HASH
            )
        yield made


@pytest.fixture
def client(app: FastAPI) -> TestClient:
    return browser(app)


def browser(app: FastAPI) -> TestClient:
    return TestClient(app, base_url="http://127.0.0.1:8000", headers=SAME_ORIGIN, follow_redirects=False)


def form_token(client: TestClient, path: str = "/login") -> str:
    found = re.search(r'name="token" value="([^"]+)"', client.get(path).text)
    assert found is not None
    return found[1]


def log_in(client: TestClient, login: str = "anna", password: str = PASSWORD, wanted: str = "/") -> Any:
    values = {"login": login, "password": password, "wanted": wanted, "token": form_token(client)}
    return client.post("/login", data=values)


def actions(app: FastAPI) -> list[str]:
    with app.state.services.database.reading() as session:
        return list(session.scalars(select(Activity.action).order_by(Activity.id)))


def sessions(app: FastAPI) -> list[str]:
    with app.state.services.database.reading() as session:
        return list(session.scalars(select(UserSession.digest)))


def test_a_user_signs_in_and_out(app: FastAPI, client: TestClient) -> None:
    assert client.get("/api/v1/me").status_code == 401
    answer = log_in(client, wanted="/circuits/new?class=cat")
    assert (answer.status_code, answer.headers["location"]) == (303, "/circuits/new?class=cat")
    cookie = next(value for value in answer.headers.get_list("set-cookie") if value.startswith("neurflow-session="))
    assert {"HttpOnly", "Path=/", "SameSite=lax"} <= set(cookie.split("; ")) and "Secure" not in cookie
    assert client.get("/api/v1/me").json()["name"] == "Anna"
    kept = client.cookies["neurflow-session"]
    gone = client.post("/logout", data={"token": form_token(client, "/logout")})
    assert (gone.status_code, gone.headers["location"]) == (303, "/login")
    client.cookies.set("neurflow-session", kept)
    assert client.get("/api/v1/me").status_code == 401, "the session has ended, not only its cookie"
    assert actions(app) == ["login", "logout"]


@pytest.mark.parametrize("login", ["ANNA", " anna ", "anna@example.org", "ANNA@example.org"])
def test_the_login_ignores_case_and_spacing(client: TestClient, login: str) -> None:
    assert log_in(client, login).status_code == 303


def test_the_message_does_not_say_what_was_wrong(app: FastAPI, client: TestClient) -> None:
    answers = [log_in(client, "anna", "wrong wrong"), log_in(client, "nobody", PASSWORD)]
    with app.state.services.database.writing() as session:
        users.add_user(session, name="B", login="ben", role=Role.ADMIN, password_hash=HASH)
        users.set_disabled(session, session.scalars(select(User.id).where(User.login == "anna")).one(), True)
    answers.append(log_in(client))
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.text for answer in answers}) == 1
    assert actions(app) == ["login.failed"] * 3
    with app.state.services.database.reading() as session:
        assert PASSWORD not in repr(session.scalars(select(Activity.detail)).all())


@pytest.fixture
def strong(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash passwords as outside of the tests."""
    monkeypatch.setattr(passwords, "_hasher", HASHER)
    monkeypatch.setattr(passwords, "_dummy_hash", NOBODYS)


def test_password_hashes_have_the_recommended_cost(strong: None) -> None:
    hashed = passwords.hashed(PASSWORD)
    assert hashed.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert passwords.verified(hashed, PASSWORD) and not passwords.outdated(hashed)
    assert passwords.outdated(HASH)


def test_an_unknown_login_takes_as_long_as_a_wrong_password(strong: None) -> None:
    passwords.verified(None, "warm")
    seconds = []
    for known in (passwords.hashed(PASSWORD), None):
        begun = time.process_time()
        assert not passwords.verified(known, "wrong wrong")
        seconds.append(time.process_time() - begun)
    assert 0.3 < seconds[0] / seconds[1] < 3


def test_a_session_from_before_signing_in_is_not_used(app: FastAPI, client: TestClient) -> None:
    """The attacker's own session, so that its signature is valid."""
    with app.state.services.database.writing() as session:
        users.add_user(session, name="Eve", login="eve", role=Role.VIEWER, password_hash=HASH)
    attacker = browser(app)
    log_in(attacker, "eve")
    slipped = attacker.cookies["neurflow-session"]
    client.cookies.set("neurflow-session", slipped, domain="127.0.0.1")
    assert client.get("/api/v1/me").json()["name"] == "Eve"
    log_in(client)
    assert client.cookies["neurflow-session"] != slipped
    assert client.get("/api/v1/me").json()["name"] == "Anna"
    assert attacker.get("/api/v1/me").status_code == 401
    (first,) = sessions(app)
    log_in(client)
    (second,) = sessions(app)
    assert first != second, "a login ends the session that there was"


def test_the_stored_digests_do_not_sign_anybody_in(app: FastAPI, client: TestClient) -> None:
    log_in(client)
    (digest,) = sessions(app)
    secret = app.state.auth.cookies.session(client.cookies)
    assert credentials.digest(secret) == digest and len(secret) >= 43
    stranger = browser(app)
    for value in (digest, secret, f"{secret}.", f"{secret}.AAAA", f"{digest}.{secret}"):
        stranger.cookies.set("neurflow-session", value)
        assert stranger.get("/api/v1/me").status_code == 401


@pytest.mark.parametrize("token", ["", "guessed", "ä"])
@pytest.mark.parametrize("path", ["/login", "/logout"])
def test_another_site_s_page_cannot_send_the_form(client: TestClient, path: str, token: str) -> None:
    form_token(client)
    data = {"login": "anna", "password": PASSWORD, "token": token}
    assert client.post(path, data=data).status_code == 403
    assert "neurflow-session" not in client.cookies


def test_a_form_token_of_another_browser_is_refused(app: FastAPI, client: TestClient) -> None:
    stolen = form_token(browser(app))
    form_token(client)
    assert client.post("/login", data={"login": "anna", "password": PASSWORD, "token": stolen}).status_code == 403
    client.cookies.set("neurflow-form", stolen)
    answer = client.post("/login", data={"login": "anna", "password": PASSWORD, "token": stolen})
    assert answer.status_code == 403, "it is not signed"


def test_a_cookie_is_only_accepted_for_changes_from_own_pages(client: TestClient) -> None:
    log_in(client)
    client.headers.pop("sec-fetch-site")
    body: dict[str, Any] = {"json": {"name": "x"}}
    assert client.post("/api/v1/tokens", **body).status_code == 403
    assert client.post("/api/v1/tokens", **body, headers={"sec-fetch-site": "cross-site"}).status_code == 403
    assert client.post("/api/v1/tokens", **body, headers={"origin": "https://example.org"}).status_code == 403
    assert client.post("/api/v1/tokens", **body, headers={"origin": "http://127.0.0.1:8000"}).status_code == 201
    assert client.get("/api/v1/me").status_code == 200


ELSEWHERE: Final = (
    "https://example.org",
    "//example.org",
    "///example.org",
    "/\\example.org",
    "\\\\example.org",
    "/\t/example.org",
    "http:example.org",
    "@example.org",
    "javascript:1",
    "/ä",
    "/login",
    "/api/v1/me",
    "/" + "a" * 2500,
)


@pytest.mark.parametrize("wanted", ELSEWHERE)
def test_signing_in_does_not_redirect_to_other_sites(client: TestClient, wanted: str) -> None:
    assert log_in(client, wanted=wanted).headers["location"] == "/"
    assert 'name="wanted" value="/"' in client.get("/login", params={"next": wanted}).text


def test_signing_in_returns_to_the_requested_page(client: TestClient) -> None:
    answer = client.get("/circuits/cat-00000?group=a%26b")
    assert answer.headers["location"] == "/login?next=%2Fcircuits%2Fcat-00000%3Fgroup%3Da%2526b"
    assert "/circuits/cat-00000?group=a%26b" in client.get(answer.headers["location"]).text


def test_text_in_the_address_is_escaped(client: TestClient) -> None:
    page = client.get("/login", params={"next": '/"><script>alert(1)</script>'})
    assert "<script>alert" not in page.text
    assert page.headers["cache-control"] == "no-store"
    assert "unsafe" not in page.headers["content-security-policy"]
    assert "form-action 'self'" in page.headers["content-security-policy"]


def test_disabling_a_user_ends_their_sessions_at_once(app: FastAPI, client: TestClient) -> None:
    log_in(client)
    with app.state.services.database.writing() as session:
        users.add_user(session, name="B", login="ben", role=Role.ADMIN, password_hash=HASH)
        user = users.find_login(session, "anna")
        assert user is not None
        _, token = credentials.make_token(session, user.id, "t", Scope.ADMIN, None)
        users.set_disabled(session, user.id, True)
    assert client.get("/api/v1/me").status_code == 401
    program = browser(app)
    assert program.get("/api/v1/me", headers={"authorization": f"Bearer {token}"}).status_code == 401
    assert sessions(app) == []


def test_a_session_expires(app: FastAPI, client: TestClient) -> None:
    log_in(client)
    with app.state.services.database.writing() as session:
        session.execute(update(UserSession).values(expires_at=now() - timedelta(seconds=1)))
    assert client.get("/api/v1/me").status_code == 401
    log_in(browser(app))
    assert len(sessions(app)) == 1, "the old one was deleted"


def test_a_new_password_ends_all_other_sessions(app: FastAPI, client: TestClient) -> None:
    other = browser(app)
    log_in(other)
    log_in(client)
    wrong = {"current": "wrong", "new": "quite another one"}
    assert client.put("/api/v1/me/password", json=wrong).status_code == 422
    assert client.put("/api/v1/me/password", json={"current": PASSWORD, "new": "short"}).status_code == 422
    right = {"current": PASSWORD, "new": "quite another one"}
    assert client.put("/api/v1/me/password", json=right).status_code == 204
    assert client.get("/api/v1/me").status_code == 200
    assert other.get("/api/v1/me").status_code == 401
    assert log_in(browser(app)).status_code == 401
    assert log_in(browser(app), password="quite another one").status_code == 303  # noqa: S106 - made up


@pytest.mark.parametrize(
    "password",
    [
        *("a1!b2?c3#d4", "anna.example", "Anna@Example.org", "ANNA@EXAMPLE.ORG"),
        *("password1234", "passwordpassword", "qwertyuiop12", "123456789012", "iloveyou1234", "Passw0rd2026!"),
        *("aaaaaaaaaaaa", "abcdefghijkl", "annaannaanna", "administrator", "trustno1trustno1"),
    ],
)
def test_a_new_password_is_hard_to_guess(password: str) -> None:
    with pytest.raises(BadValue, match=r"the password (has 11 characters: use 12 to 200|is )"):
        passwords.hashed(password, "anna.example", "anna@example.org", "Anna")


@pytest.mark.parametrize("password", [PASSWORD, "quite another one", "pferd klammer über heft", "Kx3b0qY2Vt5w"])
def test_others_are_taken(password: str) -> None:
    assert passwords.verified(passwords.hashed(password, "anna"), password)
    assert passwords.hashed(passwords.generated(), "anna")


def test_the_longest_passwords_are_estimated_in_no_time() -> None:
    begun = time.perf_counter()
    with suppress(BadValue):
        passwords.hashed("@4(3!1|0$57%2" * 15)
    assert time.perf_counter() - begun < 1.0


def test_a_password_from_before_still_signs_in(app: FastAPI, client: TestClient, monkeypatch: Any) -> None:
    """Also where its hash is replaced by a stronger one meanwhile."""
    with app.state.services.database.writing() as session:
        short = passwords._hasher().hash("password1")
        users.add_user(session, name="Old", login="old", role=Role.VIEWER, password_hash=short)
    monkeypatch.setattr(passwords, "outdated", lambda found: True)
    assert log_in(client, "old", "password1").status_code == 303
    with app.state.services.database.reading() as session:
        user = users.find_login(session, "old")
        assert user is not None and user.password_hash != short
    assert log_in(browser(app), "old", "password1").status_code == 303


def test_guessing_is_limited_by_login_and_by_address(settings: Settings, announcer: RecordingAnnouncer) -> None:
    app = create_app(settings.model_copy(update={"auth": "accounts", "login_attempts": 3}), announcer)
    with TestClient(app):
        for n in range(3):
            assert log_in(browser(app), "anna", f"wrong {n}").status_code == 401
        answer = log_in(browser(app), " ANNA ", PASSWORD)
        assert answer.status_code == 429
        assert 1 <= int(answer.headers["retry-after"]) <= 300
        statuses = [log_in(browser(app), f"guess{n}", "wrong").status_code for n in range(13)]
        assert statuses[0] == 401 and statuses[-1] == 429


def test_a_correct_password_resets_the_limit(settings: Settings, announcer: RecordingAnnouncer) -> None:
    app = create_app(settings.model_copy(update={"auth": "accounts", "login_attempts": 3}), announcer)
    with TestClient(app):
        with app.state.services.database.writing() as session:
            users.add_user(session, name="Anna", login="anna", role=Role.ADMIN, password_hash=HASH)
        for _ in range(4):
            assert log_in(browser(app)).status_code == 303


def test_uploads_are_counted(settings: Settings, announcer: RecordingAnnouncer) -> None:
    app = create_app(settings.model_copy(update={"auth": "accounts", "uploads_per_hour": 1}), announcer)
    with TestClient(app):
        with app.state.services.database.writing() as session:
            users.add_user(session, name="Anna", login="anna", role=Role.ADMIN, password_hash=HASH)
        client = browser(app)
        log_in(client)
        statuses = [client.post("/api/v1/uploads/circuits", files={"file": b"x"}) for _ in range(2)]
        assert [answer.status_code for answer in statuses] == [422, 429]
        assert statuses[1].headers["content-type"] == "application/problem+json"
        assert int(statuses[1].headers["retry-after"]) > 0


def test_secrets_are_compared_in_constant_time() -> None:
    for function in (credentials.by_token, Cookies.is_own_form):
        source = inspect.getsource(function)
        assert "hmac.compare_digest" in source


def test_over_https_cookies_are_bound_to_the_host(make_settings: Callable[..., Settings]) -> None:
    app = create_app(make_settings(**SECURE), RecordingAnnouncer())
    cookies = app.state.auth.cookies
    assert cookies.name("neurflow-session") == "__Host-neurflow-session"
    from starlette.responses import Response

    answer = Response()
    cookies.set_session(answer, "secret")
    told = set(answer.headers["set-cookie"].split("; "))
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=lax"} <= told
    assert not any(part.startswith("Domain") for part in told)


def test_the_secret_key_is_made_once_and_only_readable_by_the_owner(make_settings: Callable[..., Settings]) -> None:
    settings = make_settings()
    key = secret_key(settings)
    path = Path(settings.home / "secret.key")
    assert secret_key(settings) == key and len(key) >= 43
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in settings.home.iterdir()] == ["secret.key"]
    path.chmod(0o644)
    with pytest.raises(SettingsError, match="is readable by others"):
        secret_key(settings)
    assert secret_key(make_settings(secret_key="k" * 32)) == "k" * 32


def test_a_cookie_signed_with_another_key_is_refused(make_settings: Callable[..., Settings]) -> None:
    one, other = (Cookies(make_settings(auth="accounts", secret_key=letter * 40)) for letter in "ab")
    from starlette.responses import Response

    answer = Response()
    one.set_session(answer, "secret")
    sent = {"neurflow-session": answer.headers["set-cookie"].partition(";")[0].partition("=")[2]}
    assert (one.session(sent), other.session(sent)) == ("secret", None)


@pytest.mark.parametrize("path", ["/login", "/logout", "/auth/oidc/start", "/auth/oidc/callback"])
def test_without_accounts_there_is_no_login(sqlite_client: TestClient, path: str) -> None:
    assert sqlite_client.get(path).status_code == 404
    assert sqlite_client.get("/api/v1/me").json() == {"id": None, "name": "local user", "role": "admin", "auth": "none"}


@pytest.mark.parametrize("auth", ["accounts", "proxy"])
def test_with_accounts_other_machines_can_connect(make_settings: Callable[..., Settings], auth: str) -> None:
    security.check_address(make_settings(host="0.0.0.0", auth=auth))  # noqa: S104 - what is asked


def test_without_accounts_other_machines_are_refused(make_settings: Callable[..., Settings]) -> None:
    with pytest.raises(SettingsError, match="NEURFLOW_AUTH=accounts"):
        security.check_address(make_settings(host="0.0.0.0"))  # noqa: S104 - what is refused
