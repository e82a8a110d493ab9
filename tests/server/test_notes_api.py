"""Labels and notes over HTTP."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

from neurflow_store.installation.database import Database
from tests.server.test_pages import HOSTILE
from tests.store import rows

API = "/api/v1/circuits/cat-00000"
LABEL = f"{API}/groups/layer1/0/label"


@pytest.fixture
def filled(client: TestClient, database: Database) -> TestClient:
    with database.writing() as session:
        rows.add_basis(session)
        rows.add_circuit(session, "cat-00000")
        rows.add_circuit(session, "dog-00000")
    return client


def test_a_label_is_changed_only_in_its_current_version(filled: TestClient) -> None:
    first = filled.put(LABEL, json={"name": "ears", "version": 0}).json()
    assert (first["group"], first["name"], first["version"], first["by"]) == ("layer1/0", "ears", 1, "Local user")
    stale = filled.put(LABEL, json={"name": "noses", "version": 0})
    assert (stale.status_code, stale.json()["type"]) == (409, "stale")
    assert stale.json()["present"] == first
    assert filled.put(LABEL, json={"name": "noses"}, headers={"If-Match": '"7"'}).status_code == 409
    assert filled.put(LABEL, json={"name": "noses"}, headers={"If-Match": '"1"'}).json()["version"] == 2
    assert filled.put(LABEL, json={"name": "paws"}, headers={"If-Match": "*"}).json()["version"] == 3
    assert filled.put(LABEL, json={"name": "x"}, headers={"If-Match": "W/1"}).status_code == 422
    assert [label["name"] for label in filled.get(f"{API}/labels").json()["items"]] == ["paws"]
    history = filled.get(f"{LABEL}/history").json()["items"]
    assert [line["name"] for line in history] == ["paws", "noses", "ears"]
    assert filled.put(LABEL, json={"name": "", "version": 3}).json()["name"] == ""
    assert filled.get(f"{API}/labels").json()["items"] == []


def test_labels_of_missing_groups_and_circuits_are_not_found(filled: TestClient) -> None:
    assert filled.put(f"{API}/groups/layer1/99/label", json={"name": "x"}).status_code == 404
    assert filled.put("/api/v1/circuits/none-00000/groups/layer1/0/label", json={"name": "x"}).status_code == 404
    assert filled.get("/api/v1/circuits/none-00000/labels").status_code == 404
    assert filled.get(f"{API}/groups/layer1/99/label/history").status_code == 404
    assert filled.get(f"{API}/labels", params={"orphaned": 1}).json()["items"] == []


def _note(client: TestClient, text: str = "Look at *this*", **on: Any) -> dict[str, Any]:
    answer = client.post(f"{API}/notes", json={"text": text, **on})
    assert answer.status_code == 201, answer.text
    assert answer.headers["location"] == f"{API}/notes/{answer.json()['id']}"
    return dict(answer.json())


def test_a_thread_holds_a_note_and_its_answers(filled: TestClient) -> None:
    note = _note(filled, group="layer1/0")
    assert (note["html"], note["subject"], note["mine"]) == ("<p>Look at <em>this</em></p>\n", "group", True)
    assert note["address"] == f"/circuits/cat-00000?note={note['id']}"
    address = f"{API}/notes/{note['id']}"
    answer = filled.post(f"{address}/answers", json={"text": "I do"}).json()
    assert answer["thread"] == note["id"]
    assert filled.patch(address, json={"text": "Look"}).json()["changed_at"] is not None
    (thread,) = filled.get(f"{API}/notes").json()["items"]
    assert (thread["text"], [a["id"] for a in thread["answers"]]) == ("Look", [answer["id"]])
    assert filled.get(f"{API}/notes/{answer['id']}").json() == thread
    assert filled.post(f"{address}/resolve").json()["resolved_by"] == "Local user"
    assert filled.get(f"{API}/notes", params={"resolved": False}).json()["items"] == []
    assert filled.post(f"{address}/reopen").json()["resolved_at"] is None
    assert filled.post(f"{API}/notes/{answer['id']}/resolve").status_code == 422
    assert filled.delete(address).status_code == 204
    (left,) = filled.get(f"{API}/notes").json()["items"]
    assert (left["text"], left["html"], left["deleted_at"] is None) == ("", "", False)
    assert filled.patch(address, json={"text": "Back"}).status_code == 404


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"text": ""}, 422),
        ({"text": "x" * 10_001}, 422),
        ({"text": "x", "group": "layer1/0", "source": "a", "target": "b"}, 422),
        ({"text": "x", "source": "layer0/0"}, 422),
        ({"text": "x", "group": "layer1/99"}, 404),
        ({"text": "x", "source": "layer0/0", "target": "layer0/1"}, 404),
        ({"text": "x", "html": "<b>"}, 422),
        ({"text": "a\ud800"}, 422),
    ],
)
def test_invalid_notes_are_refused(filled: TestClient, body: dict[str, Any], status: int) -> None:
    import json

    content = json.dumps(body).encode()
    answer = filled.post(f"{API}/notes", content=content, headers={"content-type": "application/json"})
    assert answer.status_code == status, answer.text


def test_a_note_is_not_found_under_another_circuit(filled: TestClient) -> None:
    note = _note(filled)
    other = f"/api/v1/circuits/dog-00000/notes/{note['id']}"
    assert filled.get(other).status_code == 404
    assert filled.patch(other, json={"text": "x"}).status_code == 404
    assert filled.delete(other).status_code == 404
    assert filled.post(f"{other}/answers", json={"text": "x"}).status_code == 404
    assert filled.post(f"{other}/resolve").status_code == 404


def test_notes_are_filtered(filled: TestClient) -> None:
    circuit, group = _note(filled), _note(filled, group="layer1/0")

    def ids(**query: Any) -> list[str]:
        answer = filled.get(f"{API}/notes", params=query)
        assert answer.status_code == 200, answer.text
        return [note["id"] for note in answer.json()["items"]]

    assert ids() == [group["id"], circuit["id"]]
    assert ids(subject="circuit") == [circuit["id"]]
    assert ids(group="layer1/0") == [group["id"]]
    assert ids(group="layer1/1") == []
    assert ids(source="a", target="b") == []
    assert ids(orphaned=True) == []
    assert filled.get(f"{API}/notes", params={"source": "a"}).status_code == 422
    page = filled.get(f"{API}/notes", params={"limit": 1}).json()
    assert [note["id"] for note in filled.get(f"{API}/notes", params={"cursor": page["next"]}).json()["items"]] == [
        circuit["id"]
    ]


def test_hostile_text_is_escaped(filled: TestClient) -> None:
    label = filled.put(LABEL, json={"name": HOSTILE, "description": HOSTILE}).json()
    assert label["name"] == HOSTILE
    note = _note(filled, HOSTILE)
    assert note["text"] == HOSTILE
    assert "<script" not in note["html"]
    assert "<img" not in note["html"]
