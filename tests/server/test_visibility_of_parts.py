"""Networks, data sets and files of every visibility, asked for by everybody in every way; and circuits made of them.

Who sees what is written in ``tests.server.users``, from the guide's words. ``test_access`` asks for what paths name;
here bodies, queries and lists name it as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import insert

from neurflow_server.app import create_app
from neurflow_store.installation.settings import Settings
from neurflow_store.tables import DatasetImage, Role
from tests.server import users
from tests.server.test_uploads import png, safetensors, zipped
from tests.server.users import CHANGED_BY, EVERYBODY, OWN, SEEN_BY, THINGS, USERS, refill, thing_id, user_id
from tests.services.fixtures import RecordingAnnouncer
from tests.store import rows

API: Final = "/api/v1"
C, N, D, E, A = (f"{API}/{kind}" for kind in ("circuits", "networks", "datasets", "evaluations", "analyses"))
EDITORS: Final = frozenset(login for login, role in USERS.items() if role is not Role.VIEWER)
IMAGE: Final = {"circuit": "team-c0000", "image": {"dataset": "ID-d0000", "position": 0}}
OF_NETWORK: Final = {"network": "ID-n0000", "dataset": "team-d0000"}
OF_DATASET: Final = {"network": "team-n0000", "dataset": "ID-d0000"}
NAMING: Final[dict[str, tuple[str, str, Any, frozenset[str]]]] = {
    "the network": ("GET", f"{N}/ID-n0000", None, EVERYBODY),
    "its classes": ("GET", f"{N}/ID-n0000/classes", None, EVERYBODY),
    "its page": ("GET", "/networks/ID-n0000", None, EVERYBODY),
    "the data set": ("GET", f"{D}/ID-d0000", None, EVERYBODY),
    "its images": ("GET", f"{D}/ID-d0000/images", None, EVERYBODY),
    "one of its images": ("GET", f"{D}/ID-d0000/images/0", None, EVERYBODY),
    "the data set's page": ("GET", "/datasets/ID-d0000", None, EVERYBODY),
    "labels of the data set": ("GET", f"{N}/team-n0000/classes?dataset=ID-d0000", None, EVERYBODY),
    "predictions of the network": ("GET", f"{D}/team-d0000/images?network=ID-n0000", None, EVERYBODY),
    "the evaluation": ("GET", f"{E}/ID-e0000", None, EVERYBODY),
    "an estimate on the network": ("POST", f"{C}/estimate", OF_NETWORK | {"class": "cat"}, EVERYBODY),
    "an estimate on the data set": ("POST", f"{C}/estimate", OF_DATASET | {"class": "cat"}, EVERYBODY),
    "a circuit of the network": ("POST", C, OF_NETWORK | {"class": "cat"}, EDITORS),
    "a circuit of the data set": ("POST", C, OF_DATASET | {"class": "cat"}, EDITORS),
    "circuits of the network": ("POST", f"{C}/batch", OF_NETWORK, EDITORS),
    "circuits of the data set": ("POST", f"{C}/batch", OF_DATASET, EDITORS),
    "an evaluation of the network": ("POST", E, OF_NETWORK, EDITORS),
    "an evaluation on the data set": ("POST", E, OF_DATASET, EDITORS),
    "an analysis of its image": ("POST", f"{A}?wait=0", IMAGE, EDITORS),
    "the network's job": ("GET", f"{API}/jobs/job-ID-n0000", None, EVERYBODY),
    "the data set's job": ("GET", f"{API}/jobs/job-ID-d0000", None, EVERYBODY),
}
"""Ways to ask for a network or a data set: method, path, body, and whose role allows the route."""

LISTS: Final = {
    "networks": (N, "n"),
    "networks that are searched": (f"{N}?q=0000&sort=name", "n"),
    "data sets": (D, "d"),
    "data sets that are searched": (f"{D}?q=0000&sort=name", "d"),
    "evaluations": (E, "e"),
    "jobs that inspect networks": (f"{API}/jobs?kind=inspect_network", "job-n"),
    "jobs that inspect data sets": (f"{API}/jobs?kind=inspect_dataset", "job-d"),
}


@pytest.fixture
def guarded(settings: Settings, announcer: RecordingAnnouncer) -> Iterator[FastAPI]:
    app = create_app(settings.model_copy(update={"auth": "accounts", "uploads_per_hour": 10_000}), announcer)
    with TestClient(app):
        refill(app)
        yield app


def _filled(value: Any, thing: str) -> Any:
    if isinstance(value, dict):
        return {name: _filled(inner, thing) for name, inner in value.items()}
    return value.replace("ID", thing) if isinstance(value, str) else value


def _ask(client: TestClient, name: str, thing: str) -> Any:
    method, path, body, _ = NAMING[name]
    more = {} if body is None else {"json": _filled(body, thing)}
    return client.request(method, _filled(path, thing), **more)


def _shared(app: FastAPI, kind: str, thing: str, **body: Any) -> Any:
    paths = {"c": C, "n": N, "d": D}
    answer = users.browser(app, "owner").patch(f"{paths[kind]}/{thing_id(kind, thing)}", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize("name", NAMING)
def test_whoever_may_not_see_it_is_told_that_it_is_not_there(guarded: FastAPI, name: str) -> None:
    allowed = NAMING[name][3]
    for thing in THINGS:
        assert _ask(users.browser(guarded, None), name, thing).status_code in (401, 303)
        for login in USERS:
            answer = _ask(users.browser(guarded, login), name, thing)
            told = (login, thing, answer.status_code, answer.text[:300])
            if login not in allowed:
                assert answer.status_code == 403, told
            elif login in SEEN_BY[thing]:
                # The made-up files are not stored, and there may be no build of the pages.
                assert answer.status_code in (200, 202, 503) or "no stored file" in answer.text, told
            else:
                assert answer.status_code == 404, told
                absent = _ask(users.browser(guarded, login), name, "absent")
                assert absent.status_code == 404
                if "/api/" in str(answer.url):
                    assert answer.json()["detail"].replace(thing, "absent") == absent.json()["detail"], told


@pytest.mark.parametrize("name", LISTS)
def test_lists_leave_out_what_is_not_seen(guarded: FastAPI, name: str) -> None:
    path, kind = LISTS[name]
    for login in USERS:
        answer = users.browser(guarded, login).get(path)
        assert answer.status_code == 200, answer.text
        expected = {
            f"job-{thing}-{kind[-1]}0000" if kind.startswith("job") else thing_id(kind, thing)
            for thing, seen_by in SEEN_BY.items()
            if login in seen_by
        }
        assert {item["id"] for item in answer.json()["items"]} == expected, login


@pytest.mark.parametrize("kind", ["n", "d"])
def test_the_owner_and_those_who_edit_its_space_change_who_sees_it(guarded: FastAPI, kind: str) -> None:
    path = {"n": N, "d": D}[kind]
    for thing in THINGS:
        for login, role in USERS.items():
            address, client = f"{path}/{thing_id(kind, thing)}", users.browser(guarded, login)
            answer = client.patch(address, json={"visibility": "private"})
            if role is Role.VIEWER:
                assert answer.status_code == 403
            elif login not in SEEN_BY[thing]:
                assert answer.status_code == 404
            elif login not in CHANGED_BY[thing]:
                assert answer.status_code == 403
                assert client.get(address).json()["may_change"] is False
            elif login in OWN:
                assert (answer.status_code, answer.json()["visibility"]) == (200, "private"), answer.text
                assert answer.json()["owner"]["id"] == user_id("owner")
                assert client.get(address).json()["may_change"] is True
                refill(guarded)
            else:
                # They would not see it any more, and so could not undo it.
                assert answer.status_code == 403 and "no longer see" in answer.json()["detail"], answer.text
                assert client.patch(address, json={"visibility": "public"}).json()["visibility"] == "public"
                refill(guarded)


@pytest.mark.parametrize("kind", ["n", "d"])
def test_a_change_reaches_everybody_at_once(guarded: FastAPI, kind: str) -> None:
    address = f"{ {'n': N, 'd': D}[kind] }/{thing_id(kind, 'team')}"
    for body, seen_by in (
        ({"visibility": "private"}, OWN),
        ({"visibility": "team", "space": rows.SPACE}, users.LAB),
        ({"visibility": "public"}, EVERYBODY),
        ({"visibility": "team"}, users.LAB),
        ({"space": None}, EVERYBODY),
    ):
        admin = users.browser(guarded, "admin").patch(address, json=body)
        assert admin.status_code == 200, admin.text
        for login in USERS:
            status = users.browser(guarded, login).get(address).status_code
            assert status == (200 if login in seen_by else 404), (login, body)
    word = "network.share" if kind == "n" else "dataset.share"
    done = users.browser(guarded, "admin").get(f"{API}/activity").json()["items"]
    assert [entry["detail"] for entry in done if entry["action"] == word][-1] == {"visibility": "private"}


def test_a_space_takes_what_its_editors_put_into_it(guarded: FastAPI) -> None:
    owner = users.browser(guarded, "owner")
    for address in (f"{N}/{thing_id('n', 'team')}", f"{D}/{thing_id('d', 'team')}"):
        refused = owner.patch(address, json={"space": rows.SPACE})
        absent = owner.patch(address, json={"space": "none-00000"})
        assert (refused.status_code, absent.status_code) == (404, 404)
        assert owner.patch(address, json={}).status_code == 422
        assert owner.patch(address, json={"visibility": "secret"}).status_code == 422


def test_what_is_added_as_private_is_private_from_the_start(guarded: FastAPI) -> None:
    colleague, others = users.browser(guarded, "colleague"), EVERYBODY - {"colleague", "admin"}
    archive = {"file": ("cats.zip", zipped({"cat/1.png": png()}))}
    weights = {"file": ("w.safetensors", safetensors(w=4))}
    made = [
        colleague.post(N, json={"spec": "demo/photos", "visibility": "private"}),
        colleague.post(D, json={"spec": "demo/photos", "visibility": "private"}),
        colleague.post(f"{API}/uploads/datasets", files=archive, data={"visibility": "private"}),
        colleague.post(f"{API}/uploads/networks", files=weights, data={"spec": "demo/photos", "visibility": "private"}),
    ]
    for answer in made:
        assert (answer.status_code, answer.json()["visibility"]) == (201, "private"), answer.text
        address = answer.headers["location"]
        assert all(users.browser(guarded, login).get(address).status_code == 404 for login in others)
    # The same request of another is another thing, which tells nothing of the first.
    theirs = users.browser(guarded, "outsider").post(D, json={"spec": "demo/photos"})
    assert (theirs.status_code, theirs.json()["visibility"]) == (201, "team")
    assert theirs.json()["id"] != made[1].json()["id"]
    # What is there keeps its visibility, whatever is asked for.
    again = colleague.post(D, json={"spec": "demo/photos", "visibility": "public"})
    assert (again.status_code, again.json()["visibility"]) == (200, "private")
    lab = colleague.post(f"{API}/uploads/datasets", files=archive, data={"space": rows.SPACE})
    assert lab.status_code == 200 and lab.json()["space"] is None
    assert users.browser(guarded, "outsider").post(N, json={"spec": "demo/x", "space": rows.SPACE}).status_code == 404


def test_a_circuit_says_where_more_see_it_than_what_it_is_made_of(guarded: FastAPI) -> None:
    for thing in THINGS:
        for kind, part in (("n", "network"), ("d", "dataset")):
            for whole in THINGS:
                _shared(guarded, "c", thing, visibility=THINGS[whole]["visibility"].value)
                card = users.browser(guarded, "admin").get(f"{C}/{thing_id('c', thing)}").json()
                # A circuit in a space stays in it, a private one reaches its owner alone.
                reached = _reached(card)
                expected = bool(reached - SEEN_BY[thing])
                assert (part in card["narrower"]) is expected, (thing, whole, kind)
        refill(guarded)


def _reached(card: dict[str, Any]) -> frozenset[str]:
    if card["visibility"] == "private":
        return OWN
    return users.LAB if card["visibility"] == "team" and card["space"] else EVERYBODY


def test_it_is_said_before_and_after_a_circuit_is_shown_to_more(guarded: FastAPI) -> None:
    owner, circuit = users.browser(guarded, "owner"), f"{C}/{thing_id('c', 'private')}"
    both = ["network", "dataset"]
    for query, expected in (
        ("visibility=private", []),
        ("visibility=team", both),
        ("visibility=public", both),
    ):
        assert owner.get(f"{circuit}/narrower?{query}").json() == {"narrower": expected}
    assert owner.get(f"{circuit}/narrower?visibility=team&space={rows.SPACE}").status_code == 404
    lab = users.browser(guarded, "admin").get(f"{C}/lab-c0000/narrower?visibility=team&space={rows.SPACE}")
    assert lab.json() == {"narrower": []}
    assert users.browser(guarded, "stranger").get(f"{circuit}/narrower?visibility=team").status_code == 404
    assert owner.get(circuit).json()["narrower"] == []
    assert _shared(guarded, "c", "private", visibility="public")["narrower"] == both
    listed = {card["id"]: card["narrower"] for card in users.browser(guarded, "stranger").get(C).json()["items"]}
    assert listed[thing_id("c", "private")] == both and listed[thing_id("c", "public")] == []
    assert _shared(guarded, "n", "private", visibility="public")["wider_circuits"] == 0
    assert owner.get(circuit).json()["narrower"] == ["dataset"]
    assert owner.get(f"{D}/private-d0000").json()["wider_circuits"] == 1
    # A new circuit, and a link.
    body = {"network": "team-n0000", "dataset": "private-d0000", "class": "dog"}
    assert owner.post(f"{C}/estimate", json=body).json()["narrower"] == ["dataset"]
    assert owner.post(f"{C}/estimate", json=body | {"visibility": "private"}).json()["narrower"] == []
    assert owner.post(C, json=body).json()["narrower"] == ["dataset"]
    batch = owner.post(f"{C}/batch", json={k: v for k, v in body.items() if k != "class"} | {"visibility": "private"})
    # The circuit of dogs is there, and keeps its visibility.
    assert {card["class"]: card["narrower"] for card in batch.json()["items"]} == {
        "cat": [],
        "dog": ["dataset"],
        "fox": [],
    }
    view = owner.post(f"{API}/views", json={"circuit": "hidden-c0000", "name": "Ears"}).json()["id"]
    link = owner.post(f"{API}/views/{view}/links", json={"anonymous": False})
    assert link.json()["narrower"] == both
    assert owner.get(f"{API}/views/{view}/links").json()["items"][0]["narrower"] == both


def test_making_a_data_set_private_says_which_circuits_still_show_it(guarded: FastAPI) -> None:
    outsider = users.browser(guarded, "outsider")
    body = {"network": "team-n0000", "dataset": "team-d0000", "class": "dog", "visibility": "private"}
    theirs = outsider.post(C, json=body).json()["id"]
    made = _shared(guarded, "d", "team", visibility="private")
    # The owner's circuit of the same data set, and one that the owner cannot see.
    assert made["wider_circuits"] == 2
    card = outsider.get(f"{C}/{theirs}").json()
    assert (card["dataset"], card["narrower"]) == (None, ["dataset"])


def test_a_circuit_shows_its_own_patches_and_no_other_image_of_a_hidden_data_set(guarded: FastAPI) -> None:
    owner, stranger, outsider = (users.browser(guarded, login) for login in ("owner", "stranger", "outsider"))
    analysis = owner.post(f"{A}?wait=0", json=IMAGE | {"image": {"dataset": "team-d0000", "position": 1}}).json()["id"]
    assert stranger.get(f"{A}/{analysis}").status_code == 200
    assert analysis in {item["id"] for item in stranger.get(A).json()["items"]}
    _shared(guarded, "d", "team", visibility="private")
    _shared(guarded, "n", "team", visibility="private")
    circuit = f"{C}/team-c0000"
    card = stranger.get(circuit).json()
    assert (card["network"], card["dataset"], card["narrower"]) == (None, None, ["network", "dataset"])
    for path in ("/images", "/groups/layer1/0/exemplars", "/groups/layer1/0/members", "/edges", "/neurons/layer1/0"):
        assert stranger.get(circuit + path).status_code == 200, path
    for path in ("", "/images", "/images/0"):
        assert stranger.get(f"{D}/team-d0000{path}").status_code == 404, path
    # An image that was taken from the data set belongs to it, whatever circuit it was inspected in.
    for path in ("", "/picture", "/export/json", f"/difference?other={analysis}"):
        assert stranger.get(f"{A}/{analysis}{path}").status_code == 404, path
    assert stranger.get(f"{API}/jobs/{owner.get(f'{A}/{analysis}').json()['job']['id']}").status_code == 404
    assert analysis not in {item["id"] for item in stranger.get(A).json()["items"]}
    assert stranger.get(f"{A}/team-a0000").status_code == 200  # of an upload
    # Nobody learns which circuits were made of it, or computes one of them again.
    assert stranger.get(f"{C}?dataset=team-d0000").json()["items"] == []
    assert stranger.get(f"{C}?network=team-n0000").json()["items"] == []
    assert [item["id"] for item in owner.get(f"{C}?dataset=team-d0000").json()["items"]] == ["team-c0000"]
    assert outsider.post(f"{A}?wait=0", json={"circuit": "team-c0000", "analysis": "team-a0000"}).status_code != 500
    measured = {"kind": "held_out", "circuit": "team-c0000", "groups": [{"group": "layer0/0"}], "class": "cat"}
    assert outsider.post(f"{API}/measurements?wait=0", json=measured).status_code == 202


def test_a_circuit_of_what_its_owner_no_longer_sees_is_not_computed_again(guarded: FastAPI) -> None:
    outsider = users.browser(guarded, "outsider")
    body = {"network": "team-n0000", "dataset": "team-d0000", "class": "dog"}
    circuit = f"{C}/{outsider.post(C, json=body).json()['id']}"
    assert outsider.post(f"{API}/jobs/{outsider.get(circuit).json()['job']['id']}/cancel").status_code < 300
    _shared(guarded, "d", "team", visibility="private")
    answer = outsider.post(f"{circuit}/recompute")
    assert answer.status_code == 409 and "you cannot see its network or its data set" in answer.json()["detail"]
    assert outsider.post(C, json=body).status_code == 404


def test_a_view_with_an_image_of_a_hidden_data_set_names_no_image(guarded: FastAPI) -> None:
    owner, stranger = users.browser(guarded, "owner"), users.browser(guarded, "stranger")
    analysis = owner.post(f"{A}?wait=0", json=_filled(IMAGE, "team")).json()["id"]
    body = {"circuit": "team-c0000", "name": "Ears", "analysis": analysis}
    view = f"{API}/views/{owner.post(f'{API}/views', json=body).json()['id']}"
    assert stranger.get(view).json()["analysis"]["id"] == analysis
    _shared(guarded, "d", "team", visibility="private")
    assert owner.get(view).json()["analysis"]["id"] == analysis
    assert stranger.get(view).json()["analysis"] is None
    assert stranger.get(f"{API}/views").json()["items"][0]["analysis"] is None


@pytest.mark.parametrize("thing", ["team", "private"])
def test_a_hidden_data_set_takes_the_analyses_of_its_images_along(guarded: FastAPI, thing: str) -> None:
    owner = users.browser(guarded, "owner")
    archive = {"file": ("cats.zip", zipped({"cat/1.png": png()}))}
    dataset = owner.post(f"{API}/uploads/datasets", files=archive, data={"visibility": thing}).json()["id"]
    with guarded.state.services.database.writing() as session:
        row = {"id": 9999, "dataset_id": dataset, "position": 0, "name": "cat/1.png", "width": 8, "height": 8}
        session.execute(insert(DatasetImage), [row | {"thumbnail": rows.digest("cat")}])
    body = {"circuit": "team-c0000", "image": {"dataset": dataset, "position": 0}}
    analysis = owner.post(f"{A}?wait=0", json=body).json()
    assert owner.delete(f"{D}/{dataset}").status_code == 204
    status = 404 if thing == "private" else 200
    assert owner.get(f"{A}/{analysis['id']}").status_code == status
    assert owner.get(f"{API}/jobs/{analysis['job']['id']}").status_code == status
