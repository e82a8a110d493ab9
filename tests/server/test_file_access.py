"""Stored files: each kind of file, through what it belongs to and by its digest, for everybody and by links.

What the table says is the guide's: a file is for those who see what it belongs to.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import insert, update

from neurflow_server import share_access
from neurflow_server.app import create_app
from neurflow_store.installation.database import Database
from neurflow_store.installation.settings import Settings
from neurflow_store.repositories import artifacts
from neurflow_store.tables import Circuit, CircuitImage, CircuitLayer, CircuitPreview, DatasetImage, Exemplar
from tests.server import users
from tests.server.users import SAME_ORIGIN, SEEN_BY, THINGS, refill, thing_id
from tests.services.fixtures import RecordingAnnouncer
from tests.store import rows

API: Final = "/api/v1"
CIRCUIT_FILES: Final = ("sprite", "exemplar", "image", "cover", "preview sprite", "preview group")
JSON: Final = "circuit.json"
THUMBNAIL: Final = "thumbnail"
PRIVATE: Final = "private, max-age=31536000, immutable"
PUBLIC: Final = "public, max-age=31536000, immutable"


@pytest.fixture
def guarded(settings: Settings, announcer: RecordingAnnouncer) -> Iterator[FastAPI]:
    """People, and things whose files are stored: what each contains says which file of which thing it is."""
    app = create_app(settings.model_copy(update={"auth": "accounts"}), announcer)
    with TestClient(app):
        refill(app)
        for thing in THINGS:
            _give_files(app, thing)
        yield app


def _content(thing: str, kind: str) -> bytes:
    return f"{kind} of {thing}".encode()


def _give_files(app: FastAPI, thing: str) -> None:
    database: Database = app.state.services.database
    circuit, dataset = thing_id("c", thing), thing_id("d", thing)
    digests = {}
    with database.writing() as session:
        for kind in (*CIRCUIT_FILES, JSON, THUMBNAIL):
            data = _content(thing, kind)
            digests[kind] = app.state.services.store.put(data)
            media = "application/json" if kind == JSON else "image/webp"
            artifacts.record(session, digests[kind], media, len(data))
        session.execute(update(CircuitLayer).where(CircuitLayer.circuit_id == circuit).values(sprite=digests["sprite"]))
        session.execute(update(Exemplar).where(Exemplar.circuit_id == circuit).values(picture=digests["exemplar"]))
        session.execute(update(CircuitImage).where(CircuitImage.circuit_id == circuit).values(picture=digests["image"]))
        values = {"file": digests[JSON], "cover": [digests["cover"]]}
        session.execute(update(Circuit).where(Circuit.id == circuit).values(**values))
        content = {"layer": {}, "groups": [{"picture": digests["preview group"]}, {"picture": None}], "edges": []}
        row = {"circuit_id": circuit, "position": 0, "sprite": digests["preview sprite"], "content": content}
        session.execute(insert(CircuitPreview), [row])
        theirs = DatasetImage.dataset_id == dataset
        session.execute(update(DatasetImage).where(theirs).values(thumbnail=digests[THUMBNAIL]))


def _digits(thing: str, kind: str) -> str:
    return rows.digest(_content(thing, kind).decode())[7:]


def _through(thing: str, kind: str) -> str:
    if kind == THUMBNAIL:
        return f"{API}/datasets/{thing_id('d', thing)}/images/0?v={_digits(thing, kind)[:32]}"
    return f"{API}/circuits/{thing_id('c', thing)}/files/{_digits(thing, kind)}"


@pytest.mark.parametrize("kind", [*CIRCUIT_FILES, JSON, THUMBNAIL])
@pytest.mark.parametrize("thing", THINGS)
def test_a_file_is_for_those_who_see_what_it_belongs_to(guarded: FastAPI, thing: str, kind: str) -> None:
    through, by_digest = _through(thing, kind), f"{API}/artifacts/{_digits(thing, kind)}"
    everybodys = thing in ("public", "shown") and kind != THUMBNAIL
    nobody = users.browser(guarded, None)
    assert nobody.get(through).status_code == nobody.get(by_digest).status_code == 401
    assert nobody.head(by_digest).status_code == 401
    for login in users.USERS:
        client, sees = users.browser(guarded, login), login in SEEN_BY[thing]
        answer = client.get(through)
        # Through the circuit only its pictures are served: an export is what holds the rest.
        assert answer.status_code == (200 if sees and kind != JSON else 404), (login, answer.text)
        if answer.status_code == 200:
            assert answer.content == _content(thing, kind)
            assert answer.headers["cache-control"] == (PUBLIC if everybodys else PRIVATE)
        asked = client.get(by_digest)
        found = (sees and kind not in ("cover", "preview group")) or login == "admin"
        assert asked.status_code == client.head(by_digest).status_code == (200 if found else 404), (login, asked.text)
        if found:
            assert (asked.content, asked.headers["cache-control"]) == (_content(thing, kind), PRIVATE)
        else:
            missing = client.get(f"{API}/artifacts/{rows.digest('nothing')[7:]}")
            assert _plain(asked, _digits(thing, kind)) == _plain(missing, rows.digest("nothing")[7:])


def test_a_file_of_two_things_is_for_those_who_see_one_of_them(guarded: FastAPI) -> None:
    shared = f"sha256:{_digits('private', 'exemplar')}"
    asked = f"{API}/artifacts/{shared[7:]}"
    stranger = users.browser(guarded, "stranger")
    assert stranger.get(asked).status_code == 404
    with guarded.state.services.database.writing() as session:
        mine = (Exemplar.circuit_id == thing_id("c", "team")) & (Exemplar.rank == 0)
        session.execute(update(Exemplar).where(mine).values(picture=shared))
    assert stranger.get(asked).status_code == 200
    assert stranger.get(f"{API}/circuits/{thing_id('c', 'team')}/files/{shared[7:]}").status_code == 200
    assert stranger.get(f"{API}/circuits/{thing_id('c', 'public')}/files/{shared[7:]}").status_code == 404


def test_a_file_is_no_longer_there_for_those_who_see_its_circuit_no_more(guarded: FastAPI) -> None:
    owner, stranger = users.browser(guarded, "owner"), users.browser(guarded, "stranger")
    circuit = thing_id("c", "team")
    asked = [_through("team", "sprite"), f"{API}/artifacts/{_digits('team', 'sprite')}"]
    assert [stranger.get(address).status_code for address in asked] == [200, 200]
    assert owner.patch(f"{API}/circuits/{circuit}", json={"visibility": "private"}).status_code == 200
    assert [stranger.get(address).status_code for address in asked] == [404, 404]
    assert [owner.get(address).status_code for address in asked] == [200, 200]


def test_a_crop_is_for_everybodys_cache_only_where_its_circuit_is_public(guarded: FastAPI) -> None:
    owner = users.browser(guarded, "owner")
    for thing in THINGS:
        circuit = f"{API}/circuits/{thing_id('c', thing)}"
        address = owner.get(f"{circuit}/groups/layer1/0/members").json()["neurons"][0]["parts"][0]["patches"][0]
        # A cached answer needs no file, which these made-up images lack.
        answer = owner.get(address["picture"], headers={"If-None-Match": "*"})
        assert answer.status_code == 304
        assert answer.headers["cache-control"] == (PUBLIC if thing in ("public", "shown") else PRIVATE)


def test_a_link_reaches_the_pictures_of_its_circuit_alone(guarded: FastAPI) -> None:
    owner, visitor = users.browser(guarded, "owner"), users.browser(guarded, None)
    body = {"circuit": thing_id("c", "private"), "name": "Ears"}
    view = owner.post(f"{API}/views", json=body, headers=SAME_ORIGIN).json()["id"]
    token = owner.post(f"{API}/views/{view}/links", json={}, headers=SAME_ORIGIN).json()["token"]
    shown = {share_access.HEADER: token}
    for kind in CIRCUIT_FILES:
        answer = visitor.get(_through("private", kind), headers=shown)
        assert (answer.status_code, answer.content) == (200, _content("private", kind))
        assert answer.headers["cache-control"] == PRIVATE
        assert visitor.get(_through("hidden", kind), headers=shown).status_code == 401
        assert visitor.get(f"{API}/artifacts/{_digits('private', kind)}", headers=shown).status_code == 401
    assert visitor.get(_through("private", JSON), headers=shown).status_code == 404
    assert visitor.get(_through("private", THUMBNAIL), headers=shown).status_code == 401
    # Pictures are asked for with the cookie that the link's page set.
    assert visitor.get(f"{API}/shared/{token}").status_code == 200
    assert visitor.get(_through("private", "sprite")).status_code == 200


def test_a_thumbnail_is_kept_under_the_address_of_its_version_only(guarded: FastAPI) -> None:
    owner = users.browser(guarded, "owner")
    images = f"{API}/datasets/{thing_id('d', 'team')}/images"
    address = owner.get(images).json()["items"][0]["thumbnail"]
    answer = owner.get(address)
    assert (answer.content, answer.headers["cache-control"]) == (_content("team", THUMBNAIL), PRIVATE)
    assert owner.get(address, headers={"If-None-Match": answer.headers["etag"]}).status_code == 304
    for other in (f"{images}/0", f"{images}/0?v=old"):
        assert (owner.get(other).content, owner.get(other).headers["cache-control"]) == (
            answer.content,
            "private, no-cache",
        )
    assert owner.get(f"{images}/99").status_code == 404


def _plain(answer: Any, digits: str) -> tuple[int, str]:
    text = answer.text.replace(answer.headers["x-request-id"], "")
    return answer.status_code, text.replace(digits[:73], "")
