"""What the guides say about who may do what, asked of every route that changes something, on things that are there.

Each row begins with the guide's own words, which must stand in it. ``test_access`` has the routes that read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from neurflow_server import access
from neurflow_server.app import create_app
from neurflow_store.installation.database import Database
from neurflow_store.installation.settings import Settings
from neurflow_store.sharing import links, notes, views
from neurflow_store.sharing.author import Author
from neurflow_store.sharing.notes import Subject
from neurflow_store.tables import Analysis, Role, Scope
from neurflow_store.upkeep.migrate import upgrade
from neurflow_store.users import credentials
from tests.server import users
from tests.server.test_views_api import image
from tests.server.users import CHANGED_BY, SEEN_BY, THINGS, USERS, refill, user_id
from tests.services.fixtures import RecordingAnnouncer, settings_in
from tests.store import rows

GUIDES: Final = Path(__file__).parents[2] / "docs" / "how-to"
API: Final = "/api/v1"
DONE: Final = frozenset({200, 201, 202, 204})
NONSENSE: Final = {"files": {"file": ("cat.bin", b"nonsense")}}
"""An upload of it is let in, and refused for what it is."""
REFUSED: Final = frozenset({415, 422})
NAMED: Final = {"json": {"name": "Other"}}
PICTURE: Final = image(size=(8, 8))
ONCE: Final = ("team",)
EVERY: Final = tuple(THINGS)
OWNER: Final = dict.fromkeys(THINGS, frozenset({"owner"}))
OWNER_OR_ADMIN: Final = dict.fromkeys(THINGS, frozenset({"owner", "admin"}))
ALL: Final = dict.fromkeys(THINGS, frozenset(USERS))
ADMIN: Final = dict.fromkeys(THINGS, frozenset({"admin"}))


@dataclass(frozen=True)
class Row:
    """A request, who may send it, and which role that takes. ``{…}`` in its path and body names what is there."""

    words: str
    name: str
    method: str
    path: str
    sent: Mapping[str, Any] = field(default_factory=dict)
    least: Role = Role.VIEWER
    may: Mapping[str, frozenset[str]] = field(default_factory=lambda: SEEN_BY)
    seen: Mapping[str, frozenset[str]] = field(default_factory=lambda: SEEN_BY)
    fine: frozenset[int] = DONE
    things: tuple[str, ...] = ("private", "lab", "team")


E_, A_ = Role.EDITOR, Role.ADMIN
REFUSED_LATER: Final = DONE | {409, 422}
"""Let in, and told that it does not fit what is there."""
ROWS: Final = (
    # run-for-a-team.md: roles
    Row("save views", "create_view", "POST", "/views", {"json": {"circuit": "{c}", "name": "x"}}),
    Row("write notes", "post_note", "POST", "/circuits/{c}/notes", {"json": {"text": "Look"}}),
    Row("write notes", "answer_note", "POST", "/circuits/{c}/notes/{note}/answers", {"json": {"text": "Look"}}),
    Row(
        *("also compute circuits", "request_circuit", "POST", "/circuits"),
        {"json": {"network": "{n}", "dataset": "{d}", "class": "cat"}},
        least=E_,
    ),
    Row(
        *("also compute circuits", "request_batch", "POST", "/circuits/batch"),
        {"json": {"network": "{n}", "dataset": "{d}", "classes": ["cat"]}},
        least=E_,
    ),
    Row(
        *("also compute circuits", "request_evaluation", "POST", "/evaluations"),
        {"json": {"network": "{n}", "dataset": "{d}"}},
        least=E_,
    ),
    Row(
        *("see what is visible to them", "estimate_circuit", "POST", "/circuits/estimate"),
        {"json": {"network": "{n}", "dataset": "{d}", "class": "cat"}},
    ),
    *(
        Row("upload", name, "POST", path, NONSENSE | more, E_, may=ALL, seen=ALL, fine=REFUSED, things=ONCE)
        for name, path, more in (
            ("import_circuit", "/uploads/circuits", {}),
            ("upload_network", "/uploads/networks", {"data": {"spec": "torchvision/resnet18"}}),
            ("upload_dataset", "/uploads/datasets", {}),
        )
    ),
    *(
        Row("upload", name, "POST", path, {"json": {"spec": "demo/photos"}}, least=E_, may=ALL, seen=ALL, things=ONCE)
        for name, path in (("register_network", "/networks"), ("register_dataset", "/datasets"))
    ),
    Row(
        *("inspect images", "upload_analysis", "POST", "/uploads/analyses?wait=0"),
        {"files": {"file": ("cat.png", PICTURE)}, "data": {"circuit": "{c}"}},
        least=E_,
        fine=REFUSED_LATER,
    ),
    Row(
        *("inspect images", "request_analysis", "POST", "/analyses?wait=0"),
        {"json": {"circuit": "{c}", "analysis": "{a}"}},
        least=E_,
        fine=REFUSED_LATER,
    ),
    Row(
        *("inspect images", "request_measurement", "POST", "/measurements?wait=0"),
        {"json": {"kind": "ranking", "circuit": "{c}"}},
        least=E_,
        fine=REFUSED_LATER,
    ),
    Row("label groups", "put_label", "PUT", "/circuits/{c}/groups/layer1/0/label", NAMED, least=E_),
    Row("create links", "create_link", "POST", "/views/{view}/links", {"json": {}}, least=E_, may=OWNER_OR_ADMIN),
    *(
        Row(
            "Editors of a space can change what is in it",
            name,
            method,
            path,
            sent,
            E_,
            CHANGED_BY,
            fine=fine,
            things=EVERY,
        )
        for name, method, path, sent, fine in (
            ("change_circuit", "PATCH", "/circuits/{c}", NAMED, DONE),
            ("delete_circuit", "DELETE", "/circuits/{c}", {}, DONE),
            ("recompute_circuit", "POST", "/circuits/{c}/recompute", {}, DONE),
            ("change_network", "PATCH", "/networks/{n}", NAMED, DONE),
            ("inspect_network", "POST", "/networks/{n}/inspect", {}, DONE),
            ("delete_network", "DELETE", "/networks/{n}", {}, frozenset({409})),
            ("change_dataset", "PATCH", "/datasets/{d}", NAMED, DONE),
            ("inspect_dataset", "POST", "/datasets/{d}/inspect", {}, DONE),
            ("delete_dataset", "DELETE", "/datasets/{d}", {}, frozenset({409})),
            ("rename_analysis", "PATCH", "/analyses/{a}", NAMED, DONE),
            ("repeat_analysis", "POST", "/analyses/{a}/repeat", {}, REFUSED_LATER),
            ("delete_analysis", "DELETE", "/analyses/{a}", {}, DONE),
            ("cancel_job", "POST", "/jobs/job-{c}/cancel", {}, frozenset({409})),
        )
    ),
    *(
        Row("manage users", name, method, path, sent, A_, ADMIN, seen=ALL, things=ONCE)
        for name, method, path, sent in (
            ("add_user", "POST", "/users", {"json": {"login": "new"}}),
            ("change_user", "PATCH", "/users/member-00000", {"json": {"role": "editor"}}),
            ("reset_user", "POST", "/users/member-00000/reset", {}),
        )
    ),
    *(
        Row("list and revoke the tokens of every user", name, method, path, {}, A_, ADMIN, ALL, things=ONCE)
        for name, method, path in (
            ("list_user_tokens", "GET", "/users/owner-00000/tokens"),
            ("revoke_user_token", "DELETE", "/users/owner-00000/tokens/{token}"),
            ("revoke_user_tokens", "DELETE", "/users/owner-00000/tokens"),
        )
    ),
    Row(
        *("users change their own password", "change_my_password", "PUT", "/me/password"),
        {"json": {"current": "wrong", "new": "several plain words"}},
        may=ALL,
        seen=ALL,
        fine=frozenset({409, 422}),
        things=ONCE,
    ),
    Row("create tokens", "make_token", "POST", "/tokens", {"json": {"name": "t"}}, may=ALL, seen=ALL, things=ONCE),
    Row("create tokens", "revoke_token", "DELETE", "/tokens/{token}", may=OWNER, seen=OWNER, things=ONCE),
    Row("editors also create spaces", "make_space", "POST", "/spaces", NAMED, E_, may=ALL, seen=ALL, things=ONCE),
    Row(
        *("The administrators of a space add and remove its members", "put_member", "PUT"),
        f"/spaces/{rows.SPACE}/members/owner-00000",
        {"json": {"role": "viewer"}},
        E_,
        may=ADMIN,
        seen={"team": frozenset({"member", "colleague", "admin"})},
        things=ONCE,
    ),
    Row(
        *("members can leave it", "remove_member", "DELETE", f"/spaces/{rows.SPACE}/members/colleague-00000"),
        may={"team": frozenset({"colleague", "admin"})},
        seen={"team": frozenset({"member", "colleague", "admin"})},
        things=ONCE,
    ),
    # share-with-a-colleague.md
    *(
        Row("Only you can change your views", name, method, "/views/{view}" + path, sent, may=OWNER_OR_ADMIN)
        for name, method, path, sent in (
            ("change_view", "PATCH", "", NAMED),
            ("put_view_picture", "PUT", "/picture", {"content": PICTURE}),
            ("remove_view", "DELETE", "", {}),
            ("remove_link", "DELETE", "/links/{link}", {}),
        )
    ),
    Row("Others can open a view and fork it", "fork_view", "POST", "/views/{view}/fork", {"json": {}}),
    *(
        Row("Whoever can change a circuit sees all links to it", name, method, path, {}, E_, CHANGED_BY, things=EVERY)
        for name, method, path in (
            ("list_circuit_links", "GET", "/circuits/{c}/links"),
            ("remove_circuit_link", "DELETE", "/circuits/{c}/links/{link}"),
        )
    ),
    Row(
        *("its author can change and delete it", "edit_note", "PATCH", "/circuits/{c}/notes/{note}"),
        {"json": {"text": "Look again"}},
        may=OWNER,
    ),
    Row(
        *("its author can change and delete it", "remove_note", "DELETE", "/circuits/{c}/notes/{note}"),
        may=OWNER_OR_ADMIN,
    ),
    Row("a thread can be resolved", "resolve_note", "POST", "/circuits/{c}/notes/{note}/resolve"),
    Row("a thread can be resolved", "reopen_note", "POST", "/circuits/{c}/notes/{note}/reopen"),
)
IN_FORMS: Final = {"log_in", "log_out"}
"""``test_logins`` sends them."""


@contextmanager
def _opened(settings: Settings) -> Iterator[FastAPI]:
    many = {"auth": "accounts", "uploads_per_hour": 10_000, "links_per_hour": 10_000}
    app = create_app(settings.model_copy(update=many), RecordingAnnouncer())
    with TestClient(app):
        yield app


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    """On SQLite alone: what decides is asked of both databases by ``test_access``."""
    home = tmp_path_factory.mktemp("home")
    settings = settings_in(home, database_url=f"sqlite:///{home / 'x.sqlite'}")
    database = Database(settings.database_url)
    upgrade(database)
    database.close()
    with _opened(settings) as app:
        yield app


def furnish(app: FastAPI, thing: str) -> dict[str, str]:
    """What is there, by its name in a row: all of it the owner's."""
    refill(app)
    who, circuit = Author(user_id("owner"), "Owner"), users.thing_id("c", thing)
    with app.state.services.database.writing() as session:
        session.get_one(Analysis, users.thing_id("a", thing)).owner_id = user_id("owner")
        view = views.create_view(session, who, circuit_id=circuit, name="Ears")
        link, _ = links.create_link(session, who, view.id)
        note = notes.post_note(session, who, circuit, Subject(), "Look")
        token, _ = credentials.make_token(session, user_id("owner"), "t", Scope.READ, None)
        made = {"view": view.id, "link": link.id, "note": note.id, "token": token.id}
    return made | {kind: users.thing_id(kind, thing) for kind in "cnda"}


def send(client: TestClient, row: Row, there: Mapping[str, str]) -> Any:
    return client.request(row.method, API + _filled(row.path, there), **_filled(row.sent, there))


def _filled(value: Any, there: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return re.sub(r"\{(\w+)\}", lambda name: there[name[1]], value)
    if isinstance(value, dict):
        return {key: _filled(inner, there) for key, inner in value.items()}
    return [_filled(inner, there) for inner in value] if isinstance(value, list) else value


def test_the_guides_say_so() -> None:
    text = " ".join(" ".join(page.read_text("utf-8").split()) for page in sorted(GUIDES.glob("*.md")))
    assert [row.words for row in ROWS if row.words not in text] == []


def test_every_route_that_changes_something_is_asked(guarded: FastAPI) -> None:
    changing = {route.name for route in access.guarded_routes(guarded) if route.methods - {"GET", "HEAD"}}
    assert changing - {row.name for row in ROWS} == IN_FORMS


@pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])
def test_a_route_does_what_the_guides_say(guarded: FastAPI, row: Row) -> None:
    for thing in row.things:
        there = furnish(guarded, thing)
        nobody = send(users.browser(guarded, None), row, there)
        assert nobody.status_code == 401, nobody.text
        for login, role in USERS.items():
            answer = send(users.browser(guarded, login), row, there)
            told = (login, thing, answer.status_code, answer.text[:300])
            if role.rank < row.least.rank:
                assert answer.status_code == 403, told
            elif login not in row.seen[thing]:
                assert answer.status_code == 404, told
            elif login not in row.may[thing]:
                assert answer.status_code == 403, told
            else:
                assert answer.status_code in row.fine, told
                there = furnish(guarded, thing)
