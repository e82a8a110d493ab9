"""Rules that every route must follow by its address and method, also routes added later."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from neurflow_server import access
from neurflow_server.access import Counted
from neurflow_server.app import create_app
from neurflow_store.installation.settings import Settings
from neurflow_store.tables import Scope
from tests.server import users
from tests.server.conftest import ADDRESS
from tests.services.fixtures import RecordingAnnouncer

_WORDS = Path(__file__).parents[2] / "frontend" / "src" / "account" / "activity_words.ts"

CHANGES_NOTHING: Final = frozenset({"estimate_circuit"})
NOTED_BY_THE_SERVICE: Final = frozenset(
    {
        *("change_my_password", "make_token", "revoke_token", "add_user", "change_user", "reset_user"),
        *("revoke_user_token", "revoke_user_tokens"),
        *("make_space", "put_member", "remove_member", "log_in", "log_out"),
    }
)
"""These write to the activity log themselves, with details that the guard does not know."""
NOT_NOTED: Final = frozenset({"put_view_picture", "edit_note", "resolve_note", "reopen_note"})
"""These change something whose creation is logged."""


@pytest.fixture
def accounts(make_settings: Callable[..., Settings], sqlite_url: str) -> Iterator[FastAPI]:
    """An application with accounts, users and things."""
    app = create_app(make_settings(database_url=sqlite_url, auth="accounts"), RecordingAnnouncer())
    with TestClient(app):
        with app.state.services.database.writing() as session:
            users.add_users(session)
            users.add_things(session)
        yield app


@pytest.fixture
def routes(sqlite_settings: Settings) -> list[access.Guarded]:
    return list(access.guarded_routes(create_app(sqlite_settings, RecordingAnnouncer())))


def _changing(routes: list[access.Guarded]) -> dict[str, access.Rule]:
    return {route.name: route.rule for route in routes if route.methods - {"GET", "HEAD"}}


def test_every_change_is_logged(routes: list[access.Guarded]) -> None:
    silent = {name for name, rule in _changing(routes).items() if rule.action is None}
    assert silent == CHANGES_NOTHING | NOTED_BY_THE_SERVICE | NOT_NOTED


def test_reading_is_not_logged(routes: list[access.Guarded]) -> None:
    noted = {route.name for route in routes if route.rule.action is not None}
    assert noted <= set(_changing(routes))


def test_the_log_has_words_for_each_action() -> None:
    text = _WORDS.read_text("utf-8")
    known = set(re.findall(r'^  "?([a-z._]+)"?: "', text, re.MULTILINE))
    assert {rule.action for rule in access.RULES.values() if rule.action is not None} <= known


def test_uploads_links_and_link_openings_are_counted(routes: list[access.Guarded]) -> None:
    for route in routes:
        address = route.pattern.pattern
        opens = re.match(r"\^/(api/v1/shared|s|embed)/", address) is not None
        expected = Counted.UPLOAD if "/uploads/" in address else Counted.OPENING if opens else None
        assert route.rule.counts is (Counted.LINK if route.name == "create_link" else expected), route.name
        assert route.rule.asks_who is opens, route.name
        assert (route.rule.least is None) or not opens, route.name


def test_only_these_routes_are_open_to_everybody(routes: list[access.Guarded]) -> None:
    """Links with names that cannot be guessed, signing in and out, the glossary, and health checks."""
    opened = re.compile(r"\^/(api/v1/shared/|s/|embed/|log(in|out)\$|auth/oidc/|glossary\$|healthz\$|readyz\$)")
    for route in routes:
        assert (route.rule.least is None) is (opened.match(route.pattern.pattern) is not None), route.name


def test_changing_passwords_and_tokens_requires_a_session() -> None:
    found = {name for name, rule in access.RULES.items() if rule.browser}
    assert found == {"change_my_password", "make_token", "revoke_token"}


def test_a_route_that_names_a_thing_checks_who_can_see_it(routes: list[access.Guarded]) -> None:
    """The store also leaves out what is hidden. The API does not rely on that alone; pages do."""
    kinds = {f"{word.replace(' ', '')}s": table for table, word in access.KINDS.items()}
    kinds["analyses"] = kinds.pop("analysiss")
    for route in routes:
        named = re.match(r"\^/api/v1/([a-z]+)/\(\?P<id>", route.pattern.pattern)
        assert route.rule.kind is (kinds.get(named[1]) if named else None), route.name


def test_a_route_that_changes_a_thing_checks_who_can_change_it(routes: list[access.Guarded]) -> None:
    """Labels and notes are for all who can see the circuit, the links to it only for those who can change it."""
    for route in routes:
        names_thing = route.rule.kind is not None and route.pattern.pattern.count("(?P<") == 1
        changes = names_thing and bool(route.methods - {"GET", "HEAD"}) and route.name != "post_note"
        assert route.rule.changes is (changes or route.name.endswith(("_circuit_link", "_circuit_links"))), route.name


def test_a_token_cannot_change_how_its_owner_signs_in(accounts: FastAPI) -> None:
    headers = users.token_headers(accounts, "admin", Scope.ADMIN)
    (token,) = (listed["id"] for listed in users.browser(accounts, "admin").get("/api/v1/tokens").json()["items"])
    program = TestClient(accounts, base_url=ADDRESS, headers=headers)
    for method, path in (("POST", "tokens"), ("DELETE", f"tokens/{token}"), ("PUT", "me/password")):
        answer = program.request(method, f"/api/v1/{path}", json={"name": "t", "current": "x", "new": "y"})
        assert answer.status_code == 403 and "requires a session" in answer.text, path
    assert users.browser(accounts, "admin").delete(f"/api/v1/tokens/{token}").status_code == 204


LISTS: Final = ("circuits", "networks", "datasets", "evaluations", "analyses", "measurements", "jobs", "views")


def test_a_permitted_request_is_answered(accounts: FastAPI) -> None:
    """A server that always fails would refuse nobody, too."""
    admin = users.browser(accounts, "admin")
    for path in (*LISTS, "tokens", "spaces", "users", "activity", "me"):
        assert admin.get(f"/api/v1/{path}").status_code == 200, path
    assert users.browser(accounts, None).get("/api/v1/events").status_code == 401
    for path in ("/", "/account", "/networks", "/datasets", "/users", "/activity", "/metrics"):
        assert admin.get(path).status_code == 200, path
