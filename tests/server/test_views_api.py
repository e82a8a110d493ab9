"""Named views over HTTP: saved, listed, changed, forked, pictured, deleted, and their provenance."""

from __future__ import annotations

import io
import shlex
from typing import Any

import click
import PIL.Image
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from neurflow.cli import main
from neurflow_store.installation.database import Database
from neurflow_store.tables import Circuit, View
from tests.server.test_pages import HOSTILE
from tests.store import rows
from tests.store.stored_circuit import CIRCUIT_ID, store_circuit

API = "/api/v1/views"
CIRCUIT = "cat-00000"


@pytest.fixture
def filled(client: TestClient, database: Database) -> TestClient:
    with database.writing() as session:
        rows.add_basis(session)
        rows.add_circuit(session, CIRCUIT)
        rows.add_circuit(session, "dog-00000")
    return client


def make(client: TestClient, **values: Any) -> dict[str, Any]:
    answer = client.post(API, json={"circuit": CIRCUIT, "name": "Ears", "state": "?influence=80"} | values)
    assert answer.status_code == 201, answer.text
    assert answer.headers["location"] == f"{API}/{answer.json()['id']}"
    return dict(answer.json())


def image(kind: str = "PNG", size: tuple[int, int] = (2000, 1000), **options: Any) -> bytes:
    out = io.BytesIO()
    PIL.Image.new("RGB", size, (200, 30, 30)).save(out, kind, **options)
    return out.getvalue()


def test_a_view_is_saved_changed_forked_and_deleted(filled: TestClient) -> None:
    view = make(filled)
    assert (view["state"], view["version"], view["mine"], view["picture"]) == ("v=1&influence=80", 1, True, None)
    assert filled.get(f"{API}/{view['id']}").json() == view
    changed = filled.patch(f"{API}/{view['id']}", json={"description": "Two\nlines", "state": ""}).json()
    assert (changed["description"], changed["state"], changed["name"]) == ("Two\nlines", "", "Ears")
    fork = filled.post(f"{API}/{view['id']}/fork", json={"name": "Mine"}).json()
    assert (fork["forked_from"], fork["name"], fork["description"]) == (view["id"], "Mine", "Two\nlines")
    assert filled.delete(f"{API}/{view['id']}").status_code == 204
    assert filled.get(f"{API}/{view['id']}").status_code == 404
    assert filled.get(f"{API}/{fork['id']}").json()["forked_from"] is None


def test_views_are_listed_and_filtered(filled: TestClient) -> None:
    one, other = make(filled), make(filled, circuit="dog-00000", name="Noses")
    assert {view["id"] for view in filled.get(API).json()["items"]} == {one["id"], other["id"]}
    assert [view["id"] for view in filled.get(API, params={"circuit": CIRCUIT}).json()["items"]] == [one["id"]]
    assert len(filled.get(API, params={"mine": True}).json()["items"]) == 2
    assert filled.get(API, params={"circuit": "none-00000"}).status_code == 404
    page = filled.get(API, params={"limit": 1}).json()
    assert len(page["items"]) == 1
    assert len(filled.get(API, params={"limit": 1, "cursor": page["next"]}).json()["items"]) == 1


@pytest.mark.parametrize(
    ("values", "status", "says"),
    [
        ({"state": "?v=2&x=1"}, 422, "from a newer version"),
        ({"state": "?influence=1000"}, 422, "invalid influence: '1000'"),
        ({"state": "?evil=<script>"}, 422, "unknown parameter 'evil'"),
        ({"name": ""}, 422, "name"),
        ({"name": "a\nb"}, 422, "one line"),
        ({"description": "\x00"}, 422, "character"),
        ({"circuit": "none-00000"}, 404, "no circuit"),
        ({"analysis": "none-00000"}, 404, "no analysis"),
        ({"owner": "me"}, 422, "owner"),
    ],
)
def test_invalid_views_are_refused(filled: TestClient, values: dict[str, Any], status: int, says: str) -> None:
    answer = filled.post(API, json={"circuit": CIRCUIT, "name": "Ears", **values})
    assert answer.status_code == status
    assert says in answer.json()["detail"]


def test_a_view_of_a_newer_version_is_reported_as_such(filled: TestClient, database: Database) -> None:
    view = make(filled)
    with database.writing() as session:
        session.get_one(View, view["id"]).state_version = 9
        session.get_one(View, view["id"]).state = "v=9&new=1"
    answer = filled.get(f"{API}/{view['id']}")
    assert (answer.status_code, answer.json()["type"]) == (422, "invalid")
    assert "newer version" in answer.json()["detail"]


def test_hostile_text_is_returned_unchanged(filled: TestClient) -> None:
    view = make(filled, name=HOSTILE, description=HOSTILE)
    assert (view["name"], view["description"]) == (HOSTILE, HOSTILE)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_a_picture_is_encoded_again(filled: TestClient, kind: str) -> None:
    view = make(filled)
    address = f"{API}/{view['id']}/picture"
    data = image(kind, exif=b"Exif\0\0secret place")
    assert filled.put(address, content=data, headers={"content-type": "image/webp"}).status_code == 204
    shown = filled.get(f"{API}/{view['id']}").json()
    answer = filled.get(shown["picture"])
    assert answer.headers["content-type"] == "image/webp"
    assert "private" in answer.headers["cache-control"]
    assert b"secret" not in answer.content
    with PIL.Image.open(io.BytesIO(answer.content)) as found:
        assert found.size == (1200, 600)
    assert filled.get(address, headers={"if-none-match": answer.headers["etag"]}).status_code == 304
    fork = filled.post(f"{API}/{view['id']}/fork", json={}).json()
    assert filled.get(fork["picture"]).content == answer.content


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"", 422),
        (b"x" * 100, 415),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", 415),
        (b"GIF89a", 415),
        (b"RIFF" + b"\0" * 100, 422),
        (image()[:200], 422),
        (image(size=(5000, 4000)), 413),
        (b"\x89PNG\r\n\x1a\n" + b"x" * (1024 * 1024 - 8), 422),
        (b"\x89PNG\r\n\x1a\n" + b"x" * (1024 * 1024), 413),
    ],
)
def test_invalid_pictures_are_refused(filled: TestClient, data: bytes, status: int) -> None:
    view = make(filled)
    answer = filled.put(f"{API}/{view['id']}/picture", content=data, headers={"content-type": "image/webp"})
    assert answer.status_code == status, answer.text
    assert filled.get(f"{API}/{view['id']}/picture").status_code == 404


def test_the_provenance_names_network_data_and_command(client: TestClient, app: FastAPI, database: Database) -> None:
    with database.writing() as session:
        rows.add_basis(session)
    where: dict[str, Any] = {"network_id": rows.NETWORK, "dataset_id": rows.DATASET}
    store_circuit(database, app.state.services.store, **where)
    view = make(client, circuit=CIRCUIT_ID, name="Ears & {noses} 100%")
    found = client.get(f"{API}/{view['id']}/provenance").json()
    assert found["network"]["digest"].startswith("sha256:")
    assert (found["circuit"]["id"], found["class"]) == (CIRCUIT_ID, "cat")
    assert not found["repeatable"]
    program, name, *arguments = shlex.split(found["command"])
    command = main.get_command(click.Context(main), name)
    assert program == "neurflow" and command is not None
    command.make_parser(click.Context(command)).parse_args(arguments)
    assert r"Ears \& \{noses\} 100\%" in found["citation"]["bibtex"]
    assert found["network"]["digest"] in found["citation"]["text"]


def test_the_command_of_the_provenance_has_the_class_map(client: TestClient, app: FastAPI, database: Database) -> None:
    with database.writing() as session:
        rows.add_basis(session)
    where: dict[str, Any] = {"network_id": rows.NETWORK, "dataset_id": rows.DATASET}
    store_circuit(database, app.state.services.store, **where)
    view = make(client, circuit=CIRCUIT_ID, name="Ears")

    def command() -> list[str]:
        words: str = client.get(f"{API}/{view['id']}/provenance").json()["command"]
        return shlex.split(words)

    assert "--class-map" not in command()
    with database.writing() as session:
        circuit = session.get_one(Circuit, CIRCUIT_ID)
        assert circuit.result is not None
        class_map = {"a kitty": "cat", "x=y": "cat"}
        circuit.result = circuit.result | {"data": circuit.result["data"] | {"class_map": class_map}}
    words = command()
    assert [words[place + 1] for place, word in enumerate(words) if word == "--class-map"] == ["a kitty=cat", "x=y=cat"]


def test_the_provenance_says_whether_recomputing_gives_the_same(
    client: TestClient, app: FastAPI, database: Database
) -> None:
    from neurflow_store.asking.content_key import circuit_key, engine_version
    from neurflow_store.asking.trace_parameters import TraceParameters

    with database.writing() as session:
        rows.add_basis(session)
    key = circuit_key(
        network_digest=rows.digest(rows.NETWORK),
        dataset_digest=rows.digest(rows.DATASET),
        class_name="cat",
        parameters=TraceParameters(),
        engine_version=engine_version(),
    )
    where: dict[str, Any] = {"network_id": rows.NETWORK, "dataset_id": rows.DATASET, "content_key": key}
    store_circuit(database, app.state.services.store, **where)
    view = make(client, circuit=CIRCUIT_ID)
    address = f"{API}/{view['id']}/provenance"
    assert client.get(address).json()["repeatable"]
    with database.writing() as session:
        session.get_one(Circuit, CIRCUIT_ID).content_key = "0" * 64
        session.get_one(Circuit, CIRCUIT_ID).engine_version = "0.0.1"
    found = client.get(address).json()
    assert not found["repeatable"]
    assert "engine" in found["changed"]


def test_a_circuit_without_a_result_has_no_provenance(client: TestClient, database: Database) -> None:
    from neurflow_store.tables import JobState

    with database.writing() as session:
        rows.add_basis(session)
        rows.add_circuit(session, "waits-00000", state=JobState.QUEUED)
    view = make(client, circuit="waits-00000")
    assert client.get(f"{API}/{view['id']}/provenance").status_code == 409
