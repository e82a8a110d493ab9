"""Every route, called by every user: who is allowed and who is refused.

The table states the rules again, independently of the code. A route without a row fails.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from neurflow_server import access
from neurflow_server.app import create_app
from neurflow_store.installation.settings import Settings
from neurflow_store.tables import Role
from tests.server import users
from tests.server.users import EVERYBODY, USERS, refill
from tests.services.fixtures import RecordingAnnouncer, lent_database, settings_in
from tests.store import rows

Row = tuple[str, str, Any]
EDITORS: Final = frozenset(login for login, role in USERS.items() if role is not Role.VIEWER)
ADMINS: Final = frozenset({"admin"})
FILE: Final = {"files": {"file": ("cat.bin", b"nonsense")}}
RENAMED: Final = {"json": {"name": "Other"}}
NEW_CIRCUIT: Final = {"json": {"network": "team-n0000", "dataset": "team-d0000", "class": "cat"}}
API: Final = "/api/v1"
V: Final = f"{API}/views"
C, N, D, E, A, M = (
    f"{API}/{kind}" for kind in ("circuits", "networks", "datasets", "evaluations", "analyses", "measurements")
)

OPEN: Final[dict[str, Row]] = {
    "open_shared": ("GET", f"{API}/shared/{'A' * 32}", {}),
    "show_shared": ("GET", f"/s/{'A' * 32}", {}),
    "show_embedded": ("GET", f"/embed/{'A' * 32}", {}),
    "get_shared_picture": ("GET", f"/s/{'A' * 32}/picture", {}),
    "show_glossary": ("GET", "/glossary", {}),
    "show_login": ("GET", "/login", {}),
    "log_in": ("POST", "/login", {}),
    "show_logout": ("GET", "/logout", {}),
    "log_out": ("POST", "/logout", {}),
    "start_oidc": ("GET", "/auth/oidc/start", {}),
    "finish_oidc": ("GET", "/auth/oidc/callback", {}),
    "is_alive": ("GET", "/healthz", {}),
    "is_ready": ("GET", "/readyz", {}),
}
"""For everybody, without signing in: none of these is answered 401."""

PAGES: Final[dict[str, Row]] = {
    "show_gallery": ("GET", "/", {}),
    "show_new_circuit": ("GET", "/circuits/new", {}),
    "show_networks": ("GET", "/networks", {}),
    "show_datasets": ("GET", "/datasets", {}),
    "show_account": ("GET", "/account", {}),
    "show_activity": ("GET", "/activity", {}),
}
"""For all signed-in users; others are redirected to the sign-in page."""

OFFICE: Final[dict[str, Row]] = {"show_users": ("GET", "/users", {})}
"""A page for administrators; others are redirected to the sign-in page."""

ALL: Final[dict[str, Row]] = {
    "list_circuits": ("GET", C, {}),
    "estimate_circuit": ("POST", f"{C}/estimate", NEW_CIRCUIT),
    "list_networks": ("GET", N, {}),
    "list_datasets": ("GET", D, {}),
    "list_evaluations": ("GET", E, {}),
    "list_analyses": ("GET", A, {}),
    "list_measurements": ("GET", M, {}),
    "list_jobs": ("GET", f"{API}/jobs", {}),
    "get_artifact": ("GET", f"{API}/artifacts/{'0f' * 32}", {}),
    "get_me": ("GET", f"{API}/me", {}),
    "change_my_password": ("PUT", f"{API}/me/password", {"json": {"current": "x", "new": "y"}}),
    "list_tokens": ("GET", f"{API}/tokens", {}),
    "make_token": ("POST", f"{API}/tokens", {"json": {"name": "t", "scope": "read"}}),
    "revoke_token": ("DELETE", f"{API}/tokens/0000000000", {}),
    "list_spaces": ("GET", f"{API}/spaces", {}),
    "list_activity": ("GET", f"{API}/activity", {}),
    "list_views": ("GET", V, {}),
    "create_view": ("POST", V, {"json": {"circuit": "team-c0000", "name": "Ears"}}),
    "get_view": ("GET", f"{V}/none-00000", {}),
    "change_view": ("PATCH", f"{V}/none-00000", RENAMED),
    "remove_view": ("DELETE", f"{V}/none-00000", {}),
    "fork_view": ("POST", f"{V}/none-00000/fork", {"json": {}}),
    "get_view_picture": ("GET", f"{V}/none-00000/picture", {}),
    "put_view_picture": ("PUT", f"{V}/none-00000/picture", {"content": b"x"}),
    "get_provenance": ("GET", f"{V}/none-00000/provenance", {}),
    "remove_link": ("DELETE", f"{V}/none-00000/links/0f", {}),
}
"""For all signed-in users."""

MAKING: Final[dict[str, Row]] = {
    "request_circuit": ("POST", C, NEW_CIRCUIT),
    "request_batch": ("POST", f"{C}/batch", {"json": {"network": "team-n0000", "dataset": "team-d0000"}}),
    "import_circuit": ("POST", f"{API}/uploads/circuits", FILE),
    "register_network": ("POST", N, {"json": {"spec": "demo/photos"}}),
    "upload_network": ("POST", f"{API}/uploads/networks", FILE | {"data": {"spec": "torchvision/resnet18"}}),
    "register_dataset": ("POST", D, {"json": {"spec": "demo/photos"}}),
    "upload_dataset": ("POST", f"{API}/uploads/datasets", FILE),
    "request_evaluation": ("POST", E, {"json": {"network": "team-n0000", "dataset": "team-d0000"}}),
    "upload_analysis": ("POST", f"{API}/uploads/analyses?wait=0", FILE | {"data": {"circuit": "team-c0000"}}),
    "request_analysis": ("POST", f"{A}?wait=0", {"json": {"circuit": "team-c0000", "analysis": "team-a0000"}}),
    "request_measurement": ("POST", f"{M}?wait=0", {"json": {"kind": "ranking", "circuit": "team-c0000"}}),
    "make_space": ("POST", f"{API}/spaces", {"json": {"name": "Ours"}}),
    "list_links": ("GET", f"{V}/none-00000/links", {}),
    "create_link": ("POST", f"{V}/none-00000/links", {"json": {}}),
    "put_label": ("PUT", f"{C}/team-c0000/groups/layer1/0/label", {"json": {"name": "ears"}}),
}
"""For editors."""

ADMINISTERING: Final[dict[str, Row]] = {
    "list_users": ("GET", f"{API}/users", {}),
    "add_user": ("POST", f"{API}/users", {"json": {"login": "new", "password": "several plain words"}}),
    "change_user": ("PATCH", f"{API}/users/member-00000", {"json": {"disabled": False}}),
    "reset_user": ("POST", f"{API}/users/nobody-00000/reset", {}),
    "list_user_tokens": ("GET", f"{API}/users/member-00000/tokens", {}),
    "revoke_user_token": ("DELETE", f"{API}/users/member-00000/tokens/0000000000", {}),
    "revoke_user_tokens": ("DELETE", f"{API}/users/member-00000/tokens", {}),
    "read_metrics": ("GET", "/metrics", {}),
}
"""For administrators."""

SEEING: Final[dict[str, Row]] = {
    "get_circuit": ("GET", f"{C}/ID-c0000", {}),
    "get_circuit_preview": ("GET", f"{C}/ID-c0000/preview", {}),
    "list_circuit_images": ("GET", f"{C}/ID-c0000/images", {}),
    "list_circuit_edges": ("GET", f"{C}/ID-c0000/edges", {}),
    "get_group": ("GET", f"{C}/ID-c0000/groups/layer1/0", {}),
    "list_exemplars": ("GET", f"{C}/ID-c0000/groups/layer1/0/exemplars", {}),
    "get_group_members": ("GET", f"{C}/ID-c0000/groups/layer1/0/members", {}),
    "get_edge": ("GET", f"{C}/ID-c0000/edges/detail?source=layer0/0&target=layer1/0", {}),
    "get_neuron": ("GET", f"{C}/ID-c0000/neurons/layer1/0", {}),
    "get_patch": ("GET", f"{C}/ID-c0000/patches/0", {}),
    "export_circuit": ("GET", f"{C}/ID-c0000/export/graphml", {}),
    "list_labels": ("GET", f"{C}/ID-c0000/labels", {}),
    "list_label_history": ("GET", f"{C}/ID-c0000/groups/layer1/0/label/history", {}),
    "list_notes": ("GET", f"{C}/ID-c0000/notes", {}),
    "post_note": ("POST", f"{C}/ID-c0000/notes", {"json": {"text": "Look"}}),
    "get_note": ("GET", f"{C}/ID-c0000/notes/note-00000", {}),
    "answer_note": ("POST", f"{C}/ID-c0000/notes/note-00000/answers", {"json": {"text": "Look"}}),
    "edit_note": ("PATCH", f"{C}/ID-c0000/notes/note-00000", {"json": {"text": "Look"}}),
    "remove_note": ("DELETE", f"{C}/ID-c0000/notes/note-00000", {}),
    "resolve_note": ("POST", f"{C}/ID-c0000/notes/note-00000/resolve", {}),
    "reopen_note": ("POST", f"{C}/ID-c0000/notes/note-00000/reopen", {}),
    "get_circuit_file": ("GET", f"{C}/ID-c0000/files/{rows.digest('ID sprite')[7:]}", {}),
    "get_network": ("GET", f"{N}/ID-n0000", {}),
    "list_classes": ("GET", f"{N}/ID-n0000/classes", {}),
    "get_dataset": ("GET", f"{D}/ID-d0000", {}),
    "list_dataset_images": ("GET", f"{D}/ID-d0000/images", {}),
    "get_dataset_image": ("GET", f"{D}/ID-d0000/images/0", {}),
    "get_evaluation": ("GET", f"{E}/ID-e0000", {}),
    "get_analysis": ("GET", f"{A}/ID-a0000", {}),
    "get_analysis_picture": ("GET", f"{A}/ID-a0000/picture", {}),
    "get_difference": ("GET", f"{A}/ID-a0000/difference?other=ID-a0000", {}),
    "get_disagreement": ("GET", f"{A}/ID-a0000/disagreement?other=ID-a0000", {}),
    "export_analysis": ("GET", f"{A}/ID-a0000/export/json", {}),
    "get_measurement": ("GET", f"{M}/ID-m0000", {}),
    "get_job": ("GET", f"{API}/jobs/job-ID-c0000", {}),
    "watch_job": ("GET", f"{API}/jobs/job-ID-c0000/events", {"headers": {"last-event-id": "1"}}),
    "compare_visibility": ("GET", f"{C}/ID-c0000/narrower?visibility=team", {}),
    "show_circuit": ("GET", "/circuits/ID-c0000", {}),
    "show_network": ("GET", "/networks/ID-n0000", {}),
    "show_dataset": ("GET", "/datasets/ID-d0000", {}),
}
"""For users who can see the thing; for others it does not exist."""

CHANGING: Final[dict[str, Row]] = {
    "change_circuit": ("PATCH", f"{C}/ID-c0000", RENAMED),
    "delete_circuit": ("DELETE", f"{C}/ID-c0000", {}),
    "recompute_circuit": ("POST", f"{C}/ID-c0000/recompute", {}),
    "list_circuit_links": ("GET", f"{C}/ID-c0000/links", {}),
    "remove_circuit_link": ("DELETE", f"{C}/ID-c0000/links/0f", {}),
    "change_network": ("PATCH", f"{N}/ID-n0000", RENAMED),
    "delete_network": ("DELETE", f"{N}/ID-n0000", {}),
    "inspect_network": ("POST", f"{N}/ID-n0000/inspect", {}),
    "change_dataset": ("PATCH", f"{D}/ID-d0000", RENAMED),
    "delete_dataset": ("DELETE", f"{D}/ID-d0000", {}),
    "inspect_dataset": ("POST", f"{D}/ID-d0000/inspect", {}),
    "rename_analysis": ("PATCH", f"{A}/ID-a0000", RENAMED),
    "delete_analysis": ("DELETE", f"{A}/ID-a0000", {}),
    "repeat_analysis": ("POST", f"{A}/ID-a0000/repeat", {}),
    "cancel_job": ("POST", f"{API}/jobs/job-ID-c0000/cancel", {}),
}
"""For the owner and editors of its space; others who can see it are refused, and for the rest it does not exist."""

SPACES: Final[dict[str, tuple[Row, frozenset[str], frozenset[str]]]] = {
    "get_space": (("GET", f"{API}/spaces/{rows.SPACE}", {}), users.LAB - {"owner"}, frozenset()),
    "put_member": (
        ("PUT", f"{API}/spaces/{rows.SPACE}/members/owner-00000", {"json": {"role": "viewer"}}),
        ADMINS,
        frozenset({"colleague", "member", "stranger"}),
    ),
    "remove_member": (
        ("DELETE", f"{API}/spaces/{rows.SPACE}/members/colleague-00000", {}),
        frozenset({"admin", "colleague"}),
        frozenset({"member"}),
    ),
}
"""Each with who is allowed and who is refused; for the rest the space does not exist. Members can always leave."""

STREAMS: Final[dict[str, Row]] = {
    "watch_all_jobs": ("GET", f"{API}/events", {}),
    "watch_circuit": ("GET", f"{C}/team-c0000/changes", {}),
}
"""Endless: ``test_access_events`` and ``test_shared_access`` read them."""

FLAT: Final = [
    *((name, row, EVERYBODY) for name, row in (PAGES | ALL).items()),
    *((name, row, EDITORS) for name, row in MAKING.items()),
    *((name, row, ADMINS) for name, row in (OFFICE | ADMINISTERING).items()),
]


@contextmanager
def opened(settings: Settings) -> Iterator[FastAPI]:
    """Start an application with accounts and a high limit of uploads."""
    app = create_app(settings.model_copy(update={"auth": "accounts", "uploads_per_hour": 10_000}), RecordingAnnouncer())
    with TestClient(app):
        yield app


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def installation(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    """An application on each kind of database, made once for a module, because that takes longer than most tests."""
    home = tmp_path_factory.mktemp("home")
    with lent_database(request, home) as url, opened(settings_in(home, database_url=url)) as app:
        yield app


@pytest.fixture
def guarded(installation: FastAPI) -> FastAPI:
    """An application with users and things as no other test has changed them."""
    refill(installation)
    return installation


def ask(client: TestClient, row: Row, thing: str = "") -> Any:
    method, path, more = row
    return client.request(method, path.replace("ID", thing), **more)


def denied(answer: Any) -> bool:
    """Return whether the response says that a thing or a space does not exist."""
    if answer.status_code != 404:
        return False
    if not answer.content.startswith(b"{"):
        return True
    detail = str(answer.json()["detail"])
    return detail.startswith(tuple(f"no {word} '" for word in (*access.KINDS.values(), "space")))


def test_the_table_has_every_route() -> None:
    tables: list[Any] = [OPEN, PAGES, OFFICE, ALL, MAKING, ADMINISTERING, SEEING, CHANGING, SPACES, STREAMS]
    names = [name for table in tables for name in table]
    assert len(names) == len(set(names))
    assert set(names) == set(access.RULES)


def test_a_route_without_a_rule_keeps_the_server_from_starting(
    make_settings: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access, "RULES", {n: rule for n, rule in access.RULES.items() if n != "get_job"})
    with pytest.raises(RuntimeError, match=r"routes without a rule: \['get_job'\]"):
        create_app(make_settings())


def test_a_route_that_is_added_later_is_not_reached(settings: Settings) -> None:
    with opened(settings) as app:
        refill(app)

        @app.get("/api/v1/later")
        def later() -> None:
            """No rule says who may call this."""

        assert users.browser(app, "admin").get("/api/v1/later").status_code == 500


@pytest.mark.parametrize("name", OPEN)
def test_an_open_route_needs_no_account(guarded: FastAPI, name: str) -> None:
    assert ask(users.browser(guarded, None), OPEN[name]).status_code != 401


@pytest.mark.parametrize(("name", "row", "let"), FLAT, ids=[entry[0] for entry in FLAT])
def test_a_route_allows_exactly_the_users_of_its_row(
    guarded: FastAPI, name: str, row: Row, let: frozenset[str]
) -> None:
    nobody = ask(users.browser(guarded, None), row)
    if name in PAGES | OFFICE:
        assert nobody.status_code == 303 and nobody.headers["location"].startswith("/login?next=")
    else:
        assert nobody.status_code == 401 and nobody.headers["www-authenticate"] == "Bearer"
    for login in USERS:
        answer = ask(users.browser(guarded, login), row)
        assert (answer.status_code not in (401, 403)) is (login in let), (login, answer.text)
        assert login in let or answer.status_code == 403
