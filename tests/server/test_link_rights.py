"""A link shows a circuit as long as its owner may share it: asked at each use, with the reason where it may not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from neurflow_server import share_access
from neurflow_server.app import create_app
from neurflow_store.installation.settings import Settings
from neurflow_store.sharing import links, views
from neurflow_store.sharing.author import Author
from neurflow_store.tables import Analysis, AnalysisImage, Circuit, Dataset, Role, ShareLink, Space, View, Visibility
from neurflow_store.users import spaces
from neurflow_store.users.users import change_role, set_disabled
from tests.server import users
from tests.server.test_pages import built
from tests.server.test_views_api import image
from tests.server.users import SAME_ORIGIN, refill, thing_id, user_id
from tests.services.fixtures import RecordingAnnouncer
from tests.store import rows

__all__ = ["built"]
API: Final = "/api/v1"
LAB: Final = thing_id("c", "lab")
PUBLIC: Final = thing_id("c", "public")
REASON: Final = "may no longer share what it shows"


@pytest.fixture
def guarded(settings: Settings, announcer: RecordingAnnouncer) -> Iterator[FastAPI]:
    app = create_app(settings.model_copy(update={"auth": "accounts"}), announcer)
    with TestClient(app):
        refill(app)
        yield app


def make(app: FastAPI, login: str, circuit: str, analysis: str | None = None, **values: Any) -> dict[str, Any]:
    """A link of someone to a view of theirs, which has a picture."""
    client = users.browser(app, login)
    body = {"circuit": circuit, "name": "Ears", "analysis": analysis}
    view = client.post(f"{API}/views", json=body, headers=SAME_ORIGIN).json()["id"]
    assert client.put(f"{API}/views/{view}/picture", content=image(), headers=SAME_ORIGIN).status_code == 204
    answer = client.post(f"{API}/views/{view}/links", json=values, headers=SAME_ORIGIN)
    assert answer.status_code == 201, answer.text
    return {**answer.json(), "view": view}


def uses(app: FastAPI, link: dict[str, Any], circuit: str, visitor: str | None = None) -> dict[str, int]:
    """The status of everything that a link allows."""
    client, shown = users.browser(app, visitor), {share_access.HEADER: link["token"]}
    token, about = link["token"], f"{API}/circuits/{circuit}"
    answers = {
        "the view": client.get(f"{API}/shared/{token}"),
        "its page": client.get(f"/s/{token}"),
        "its frame": client.get(f"/embed/{token}"),
        "its picture": client.get(f"/s/{token}/picture"),
    }
    client.cookies.clear()
    if visitor is not None:
        client.cookies.update(users.session_cookie(app, visitor))
    answers |= {path: client.get(f"{about}/{path}".rstrip("/"), headers=shown) for path in ("", "images", "notes")}
    answers["writing"] = client.post(f"{about}/notes", json={"text": "Look"}, headers=shown)
    for name, answer in answers.items():
        if answer.status_code == 403:
            assert REASON in answer.text or "Ask them, or the owner of the circuit" in answer.text, name
    return {name: answer.status_code for name, answer in answers.items()}


WORKS: Final = {
    **dict.fromkeys(("the view", "its page", "its frame", "its picture", "", "images", "notes"), 200),
    "writing": 201,
}
PAUSED: Final = dict.fromkeys(WORKS, 403)


def _disabled(session: Session, undo: bool) -> None:
    set_disabled(session, user_id("colleague"), not undo)


def _demoted(session: Session, undo: bool) -> None:
    change_role(session, user_id("colleague"), Role.EDITOR if undo else Role.VIEWER)


def _taken_out(session: Session, undo: bool) -> None:
    space = session.get_one(Space, rows.SPACE)
    spaces.set_member(session, space, user_id("colleague"), Role.EDITOR if undo else None)


def _viewer_there(session: Session, undo: bool) -> None:
    space = session.get_one(Space, rows.SPACE)
    spaces.set_member(session, space, user_id("colleague"), Role.EDITOR if undo else Role.VIEWER)


def _private(session: Session, undo: bool) -> None:
    session.get_one(Circuit, LAB).visibility = Visibility.TEAM if undo else Visibility.PRIVATE


def _moved(session: Session, undo: bool) -> None:
    session.get_one(Circuit, LAB).space_id = rows.SPACE if undo else None


WAYS: Final[dict[str, tuple[Callable[[Session, bool], None], bool]]] = {
    "the account is disabled": (_disabled, True),
    "the account is demoted": (_demoted, True),
    "the user is taken out of the space": (_taken_out, True),
    "the user only reads in the space": (_viewer_there, False),
    "the circuit is made private": (_private, True),
    "the circuit leaves the space": (_moved, False),
}
"""Each with whether a link for people with an account stops working, too: its owner may still see the circuit."""


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize("way", WAYS)
def test_a_link_works_while_its_owner_may_share(guarded: FastAPI, way: str) -> None:
    lose, also_with_account = WAYS[way]
    link = make(guarded, "colleague", LAB, may_comment=True)
    closed = make(guarded, "colleague", LAB, may_comment=True, anonymous=False)
    database = guarded.state.services.database
    assert uses(guarded, link, LAB) == WORKS
    assert uses(guarded, closed, LAB, "stranger") == WORKS
    with database.writing() as session:
        lose(session, False)
    assert uses(guarded, link, LAB) == PAUSED
    if way != "the circuit leaves the space":  # then the stranger sees it anyway
        assert uses(guarded, closed, LAB, "stranger") == (PAUSED if also_with_account else WORKS)
    listed = users.browser(guarded, "admin").get(f"{API}/views/{link['view']}/links").json()["items"]
    assert [(item["good"], item["paused"]) for item in listed] == [(False, True)]
    with database.writing() as session:
        lose(session, True)
    assert uses(guarded, link, LAB) == WORKS
    assert uses(guarded, closed, LAB, "stranger") == WORKS


def test_a_revoked_link_says_that_and_not_that_it_is_paused(guarded: FastAPI) -> None:
    link = make(guarded, "colleague", LAB)
    with guarded.state.services.database.writing() as session:
        links.revoke_link(session, Author(user_id("colleague"), "x"), link["view"], link["id"])
        _disabled(session, False)
    visitor = users.browser(guarded, None)
    assert visitor.get(f"{API}/shared/{link['token']}").status_code == 410
    assert visitor.get(f"{API}/circuits/{LAB}", headers={share_access.HEADER: link["token"]}).status_code == 401


def test_a_link_from_before_accounts_shows_what_all_users_see(guarded: FastAPI) -> None:
    visitor, stranger = users.browser(guarded, None), users.browser(guarded, "stranger")
    found = {}
    for thing in users.THINGS:
        with guarded.state.services.database.writing() as session:
            view = views.create_view(session, Author(None, "Me", admin=True), circuit_id=thing_id("c", thing), name="x")
            made = [
                links.create_link(session, Author(None, "Me", admin=True), view.id, anonymous=a)[1]
                for a in (True, False)
            ]
        found[thing] = (
            visitor.get(f"{API}/shared/{made[0]}").status_code,
            stranger.get(f"{API}/shared/{made[1]}").status_code,
        )
    shown = dict.fromkeys(("public", "shown"), (200, 200)) | {"team": (403, 200)}
    assert found == {thing: shown.get(thing, (403, 403)) for thing in users.THINGS}


def test_an_administrator_may_share_everything(guarded: FastAPI) -> None:
    link = make(guarded, "admin", thing_id("c", "private"), analysis=thing_id("a", "private"))
    assert users.browser(guarded, None).get(f"{API}/shared/{link['token']}").status_code == 200


def test_whoever_may_change_a_circuit_sees_and_revokes_all_links_to_it(guarded: FastAPI) -> None:
    theirs = make(guarded, "outsider", PUBLIC)
    other = make(guarded, "colleague", LAB)
    path = f"{API}/circuits/{PUBLIC}/links"
    for login, status in (("stranger", 403), ("outsider", 403), ("colleague", 403), ("owner", 200), ("admin", 200)):
        client = users.browser(guarded, login)
        answer = client.get(path)
        assert answer.status_code == status, login
        if status == 200:
            (item,) = answer.json()["items"]
            assert (item["id"], item["view"]["name"], item["owner"]["id"]) == (
                theirs["id"],
                "Ears",
                user_id("outsider"),
            )
            assert "token" not in item and theirs["token"] not in answer.text
            assert client.get(f"{API}/views/{item['view']['id']}").status_code == 200
        else:
            assert client.delete(f"{path}/{theirs['id']}", headers=SAME_ORIGIN).status_code == 403
    owner, visitor = users.browser(guarded, "owner"), users.browser(guarded, None)
    assert owner.delete(f"{path}/{other['id']}", headers=SAME_ORIGIN).status_code == 404
    assert visitor.get(f"{API}/shared/{theirs['token']}").status_code == 200
    assert owner.delete(f"{path}/{theirs['id']}", headers=SAME_ORIGIN).status_code == 204
    assert visitor.get(f"{API}/shared/{theirs['token']}").status_code == 410
    assert owner.get(path).json()["items"][0]["revoked_at"] is not None
    log = users.browser(guarded, "admin").get(f"{API}/activity").json()["items"]
    assert ("circuit.unshare", PUBLIC) in {(entry["action"], entry["subject_id"]) for entry in log}


def test_only_who_may_change_an_analysis_sends_its_image_out(guarded: FastAPI) -> None:
    analysis = thing_id("a", "public")
    outsider, owner = users.browser(guarded, "outsider"), users.browser(guarded, "owner")
    with guarded.state.services.database.writing() as session:
        session.get_one(Analysis, analysis).owner_id = user_id("owner")
    # Everyone who sees the circuit sees the image, and may keep a view of it: that shows it to nobody else.
    body = {"circuit": PUBLIC, "name": "Ears", "analysis": analysis}
    view = outsider.post(f"{API}/views", json=body, headers=SAME_ORIGIN).json()["id"]
    for anonymous in (True, False):
        answer = outsider.post(f"{API}/views/{view}/links", json={"anonymous": anonymous}, headers=SAME_ORIGIN)
        assert answer.status_code == 403 and "remove the image from the view" in answer.json()["detail"]
    plain = make(guarded, "outsider", PUBLIC)
    for state in ({"analysis": analysis}, {"state": f"v=1&analysis={analysis}"}):
        answer = outsider.patch(f"{API}/views/{plain['view']}", json=state, headers=SAME_ORIGIN)
        assert answer.status_code == 403 and analysis in answer.json()["detail"]
    assert outsider.get(f"{API}/views/{plain['view']}").json()["analysis"] is None
    assert owner.post(f"{API}/views/{view}/links", json={}, headers=SAME_ORIGIN).status_code == 403  # not their view
    own = make(guarded, "owner", PUBLIC, analysis=analysis)
    picture = {share_access.HEADER: own["token"]}
    assert users.browser(guarded, None).get(f"{API}/analyses/{analysis}", headers=picture).status_code == 200


def test_an_image_that_was_sent_out_before_is_not_shown_any_more(guarded: FastAPI) -> None:
    """Links from before this was asked, and links whose owner has lost the right."""
    analysis = thing_id("a", "public")
    link = make(guarded, "outsider", PUBLIC)
    database, visitor = guarded.state.services.database, users.browser(guarded, None)
    with database.writing() as session:
        session.get_one(View, link["view"]).analysis_id = analysis
        session.get_one(Analysis, analysis).owner_id = user_id("owner")
    shown = {share_access.HEADER: link["token"]}
    assert visitor.get(f"{API}/shared/{link['token']}").status_code == 403
    assert visitor.get(f"{API}/analyses/{analysis}/picture", headers=shown).status_code == 403
    with database.writing() as session:
        session.get_one(Analysis, analysis).owner_id = user_id("outsider")
    assert visitor.get(f"{API}/analyses/{analysis}", headers=shown).status_code == 200
    with database.reading() as session:
        assert session.get_one(ShareLink, link["id"]).revoked_at is None


def test_an_image_is_shown_while_the_owner_of_the_link_sees_its_data_set(guarded: FastAPI) -> None:
    """Whether those who list the links see the data set makes no difference."""
    analysis, dataset = thing_id("a", "public"), thing_id("d", "private")
    database, visitor = guarded.state.services.database, users.browser(guarded, None)
    with database.writing() as session:
        session.get_one(Analysis, analysis).owner_id = user_id("outsider")
        session.get_one(Dataset, dataset).owner_id = user_id("outsider")
        session.add(AnalysisImage(analysis_id=analysis, dataset_id=dataset))
    link = make(guarded, "outsider", PUBLIC, analysis=analysis)
    shown = {share_access.HEADER: link["token"]}
    for owner, status in (("outsider", 200), ("stranger", 403), ("outsider", 200)):
        with database.writing() as session:
            session.get_one(Dataset, dataset).owner_id = user_id(owner)
        assert visitor.get(f"{API}/analyses/{analysis}", headers=shown).status_code == status
        (listed,) = users.browser(guarded, "owner").get(f"{API}/circuits/{PUBLIC}/links").json()["items"]
        assert listed["paused"] is (status == 403)
