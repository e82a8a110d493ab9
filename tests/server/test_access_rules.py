"""What the table of rules must hold of each route by its address and method, whoever adds one."""

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
from tests.server import people
from tests.server.conftest import ADDRESS
from tests.services.fixtures import RecordingAnnouncer

_WORDS = Path(__file__).parents[2] / "frontend" / "src" / "account" / "activity_words.ts"

CHANGES_NOTHING: Final = frozenset({"estimate_circuit"})
NOTED_BY_THE_SERVICE: Final = frozenset(
    {
        *("change_my_password", "make_token", "revoke_token", "add_user", "change_user", "reset_user"),
        *("make_space", "put_member", "remove_member", "log_in", "log_out"),
    }
)
"""They write to the log of activity themselves, with what the guard does not know."""
NOT_NOTED: Final = frozenset({"put_view_picture", "edit_note", "resolve_note", "reopen_note"})
"""They change what was made by something that is noted."""


@pytest.fixture
def accounts(make_settings: Callable[..., Settings], sqlite_url: str) -> Iterator[FastAPI]:
    """An application with accounts, people and things."""
    app = create_app(make_settings(database_url=sqlite_url, auth="accounts"), RecordingAnnouncer())
    with TestClient(app):
        with app.state.services.database.writing() as session:
            people.add_people(session)
            people.add_things(session)
        yield app


@pytest.fixture
def routes(sqlite_settings: Settings) -> list[access.Guarded]:
    return list(access.guarded_routes(create_app(sqlite_settings, RecordingAnnouncer())))


def _changing(routes: list[access.Guarded]) -> dict[str, access.Rule]:
    return {route.name: route.rule for route in routes if route.methods - {"GET", "HEAD"}}


def test_all_that_changes_something_is_noted(routes: list[access.Guarded]) -> None:
    silent = {name for name, rule in _changing(routes).items() if rule.action is None}
    assert silent == CHANGES_NOTHING | NOTED_BY_THE_SERVICE | NOT_NOTED


def test_what_only_reads_is_not_noted(routes: list[access.Guarded]) -> None:
    noted = {route.name for route in routes if route.rule.action is not None}
    assert noted <= set(_changing(routes))


def test_the_log_has_words_for_each_action() -> None:
    text = _WORDS.read_text("utf-8")
    known = set(re.findall(r'^  "?([a-z._]+)"?: "', text, re.MULTILINE))
    assert {rule.action for rule in access.RULES.values() if rule.action is not None} <= known


def test_uploads_are_counted_and_so_is_what_a_link_opens(routes: list[access.Guarded]) -> None:
    for route in routes:
        address = route.pattern.pattern
        opens = re.match(r"\^/(api/v1/shared|s|embed)/", address) is not None
        expected = Counted.UPLOAD if "/uploads/" in address else Counted.OPENING if opens else None
        assert route.rule.counts is (Counted.LINK if route.name == "create_link" else expected), route.name
        assert route.rule.asks_who is opens, route.name
        assert (route.rule.least is None) or not opens, route.name


def test_what_is_open_without_a_login(routes: list[access.Guarded]) -> None:
    """Links whose names nobody can guess, signing in and out, the glossary, and health checks."""
    opened = re.compile(r"\^/(api/v1/shared/|s/|embed/|log(in|out)\$|auth/oidc/|glossary\$|healthz\$|readyz\$)")
    for route in routes:
        assert (route.rule.least is None) is (opened.match(route.pattern.pattern) is not None), route.name


def test_a_login_instead_of_a_token_is_asked_for_where_a_token_would_outlive_its_revocation() -> None:
    found = {name for name, rule in access.RULES.items() if rule.browser}
    assert found == {"change_my_password", "make_token", "revoke_token"}


def test_what_names_a_thing_asks_who_sees_it(routes: list[access.Guarded]) -> None:
    """The store leaves out what is not seen, too: the API does not rest on that alone, while pages do."""
    kinds = {f"{word.replace(' ', '')}s": table for table, word in access.KINDS.items()}
    kinds["analyses"] = kinds.pop("analysiss")
    for route in routes:
        named = re.match(r"\^/api/v1/([a-z]+)/\(\?P<id>", route.pattern.pattern)
        assert route.rule.kind is (kinds.get(named[1]) if named else None), route.name


def test_what_names_a_thing_and_changes_it_asks_whose_it_is(routes: list[access.Guarded]) -> None:
    """Labels and notes are for all who see the circuit."""
    for route in routes:
        names_thing = route.rule.kind is not None and route.pattern.pattern.count("(?P<") == 1
        changes = names_thing and bool(route.methods - {"GET", "HEAD"}) and route.name != "post_note"
        assert route.rule.changes is changes, route.name


def test_a_token_cannot_change_how_its_owner_comes_in(accounts: FastAPI) -> None:
    headers = people.token_headers(accounts, "admin", Scope.ADMIN)
    (token,) = (listed["id"] for listed in people.asking(accounts, "admin").get("/api/v1/tokens").json()["items"])
    program = TestClient(accounts, base_url=ADDRESS, headers=headers)
    for method, path in (("POST", "tokens"), ("DELETE", f"tokens/{token}"), ("PUT", "me/password")):
        answer = program.request(method, f"/api/v1/{path}", json={"name": "t", "current": "x", "new": "y"})
        assert answer.status_code == 403 and "requires a session" in answer.text, path
    assert people.asking(accounts, "admin").delete(f"/api/v1/tokens/{token}").status_code == 204


LISTS: Final = ("circuits", "networks", "datasets", "evaluations", "analyses", "measurements", "jobs", "views")


def test_who_is_let_in_is_answered(accounts: FastAPI) -> None:
    """That nobody is refused would hold of a server that fails, too."""
    admin = people.asking(accounts, "admin")
    for path in (*LISTS, "tokens", "spaces", "users", "activity", "me"):
        assert admin.get(f"/api/v1/{path}").status_code == 200, path
    assert people.asking(accounts, None).get("/api/v1/events").status_code == 401
    for path in ("/", "/account", "/networks", "/datasets", "/users", "/activity", "/metrics"):
        assert admin.get(path).status_code == 200, path
