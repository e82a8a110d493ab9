"""Networks over HTTP."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

from neurflow_store.installation.database import Database
from neurflow_store.jobs import queue
from neurflow_store.tables import Job, JobKind, JobState, Network
from tests.server.texts import HOSTILE, NOT_A_NAME, escaped
from tests.services.fixtures import RecordingAnnouncer
from tests.store import rows

API = "/api/v1/networks"


def _end(database: Database, network_id: str, state: JobState) -> None:
    with database.writing() as session:
        session.get_one(Job, session.get_one(Network, network_id).job_id).state = state


def test_a_network_is_registered_once(client: TestClient, announcer: RecordingAnnouncer) -> None:
    body = {"spec": "torchvision/resnet18", "name": "ResNet", "input_size": 64}
    first, second = client.post(API, json=body), client.post(API, json=body | {"name": "Another"})
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    network = first.json()
    assert network | {"name": "ResNet", "spec": "torchvision/resnet18", "state": "queued", "uploaded": False} == network
    assert (network["digest"], network["classes"], network["layers"]) == (None, [], [])
    assert first.headers["location"] == second.headers["location"] == f"{API}/{network['id']}"
    assert client.get(first.headers["location"]).json() == network
    assert [job_id for _, job_id in announcer.announced] == [network["job"]["id"]]


def test_other_options_make_another_network(client: TestClient) -> None:
    ids = {
        client.post(API, json={"spec": "timm/resnet18", **options}).json()["id"]
        for options in ({}, {"input_size": 64}, {"classes": ["cat", "dog"]}, {"mean": [0.5] * 3, "std": [0.5] * 3})
    }
    assert len(ids) == 4


def test_a_failed_inspection_is_repeated(client: TestClient, database: Database, announcer: RecordingAnnouncer) -> None:
    network = client.post(API, json={"spec": "demo/photos"}).json()
    _end(database, network["id"], JobState.FAILED)
    again = client.post(API, json={"spec": "demo/photos"})
    assert again.status_code == 200
    assert (again.json()["id"], again.json()["state"]) == (network["id"], "queued")
    assert again.json()["job"]["id"] != network["job"]["id"]
    assert len(announcer.announced) == 2


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"spec": ""},
        {"spec": "nets.py:make"},
        {"spec": "torchvision/../etc"},
        {"spec": "demo/photos", "input_size": 7},
        {"spec": "demo/photos", "input_size": "large"},
        {"spec": "demo/photos", "mean": [0.5]},
        {"spec": "demo/photos", "std": [0, 1, 1]},
        {"spec": "demo/photos", "classes": []},
        {"spec": "demo/photos", "classes": ["cat\ndog"]},
        {"spec": "demo/photos", "weights": "sha256:00"},
        *({"spec": "demo/photos", "name": name} for name in NOT_A_NAME),
    ],
)
def test_an_invalid_network_is_refused(
    sqlite_client: TestClient, announcer: RecordingAnnouncer, body: dict[str, Any]
) -> None:
    answer = sqlite_client.post(API, **escaped(body))
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert announcer.announced == []
    assert sqlite_client.get(API).json() == {"items": [], "next": None}


@pytest.mark.parametrize("name", HOSTILE)
def test_names_are_returned_unchanged(client: TestClient, name: str) -> None:
    made = client.post(API, json={"spec": "demo/photos", "name": name}).json()
    assert made["name"] == name
    assert client.get(API).json()["items"][0]["name"] == name
    assert client.get(API, params={"q": name[:5]}).json()["items"][0]["id"] == made["id"]


def test_an_inspected_network_lists_what_was_found(client: TestClient, database: Database) -> None:
    with database.writing() as session:
        rows.add_network(session)
    network = client.get(f"{API}/{rows.NETWORK}").json()
    assert network["state"] == "succeeded"
    assert network["classes"] == list(rows.CLASSES)
    assert (network["parameter_count"], network["input_size"], network["resize"]) == (12_345, 64, 64)
    assert network["layers"][2] == {
        "name": "layer3",
        "kind": "Conv2d",
        "channels": 24,
        "shape": [24, 16, 16],
        "default": True,
    }


def test_a_failed_inspection_has_its_reason(client: TestClient, database: Database) -> None:
    with database.writing() as session:
        rows.add_network(session, state=JobState.FAILED)
    network = client.get(f"{API}/{rows.NETWORK}").json()
    assert network["state"] == "failed"
    assert network["job"]["problem"]["detail"] == "made up"


def test_renaming_keeps_the_id(client: TestClient, database: Database) -> None:
    with database.writing() as session:
        rows.add_network(session)
    answer = client.patch(f"{API}/{rows.NETWORK}", json={"name": "  Ours "})
    assert (answer.status_code, answer.json()["name"], answer.json()["id"]) == (200, "Ours", rows.NETWORK)
    for name in NOT_A_NAME:
        assert client.patch(f"{API}/{rows.NETWORK}", **escaped({"name": name})).status_code == 422
    assert client.get(f"{API}/{rows.NETWORK}").json()["name"] == "Ours"


def test_a_network_is_inspected_again(client: TestClient, database: Database, announcer: RecordingAnnouncer) -> None:
    with database.writing() as session:
        rows.add_network(session)
    answer = client.post(f"{API}/{rows.NETWORK}/inspect")
    assert (answer.status_code, answer.json()["state"]) == (202, "queued")
    assert answer.json()["classes"] == list(rows.CLASSES)
    assert [job_id for _, job_id in announcer.announced] == [answer.json()["job"]["id"]]
    assert client.post(f"{API}/{rows.NETWORK}/inspect").status_code == 409


def test_a_network_is_deleted_if_no_circuit_needs_it(client: TestClient, database: Database) -> None:
    with database.writing() as session:
        rows.add_basis(session)
        rows.add_circuit(session)
    refused = client.delete(f"{API}/{rows.NETWORK}")
    assert refused.status_code == 409
    assert "circuit" in refused.json()["detail"]
    assert client.delete("/api/v1/circuits/cat-00000").status_code == 204
    gone = client.delete(f"{API}/{rows.NETWORK}")
    assert (gone.status_code, gone.content) == (204, b"")
    assert client.get(f"{API}/{rows.NETWORK}").status_code == 404
    assert client.get("/api/v1/evaluations").json()["items"] == []


@pytest.mark.parametrize(("method", "path"), [("get", ""), ("delete", ""), ("patch", ""), ("post", "/inspect")])
def test_a_missing_network_is_not_found(client: TestClient, method: str, path: str) -> None:
    body = {"name": "Ours"} if method == "patch" else None
    answer = client.request(method, f"{API}/nobody-00000{path}", json=body)
    assert answer.status_code == 404
    assert "'nobody-00000'" in answer.json()["detail"]


def test_networks_are_filtered_and_sorted(client: TestClient, database: Database) -> None:
    with database.writing() as session:
        rows.add_network(session, "b-00000", name="Beta 100%", created_at=rows.START)
        rows.add_network(session, "a-00000", name="alpha_1", created_at=rows.START.replace(day=2))
        rows.add_network(session, "c-00000", JobState.FAILED, name="Gamma", created_at=rows.START.replace(day=3))

    def ids(**params: str) -> list[str]:
        answer = client.get(API, params=params)
        assert answer.status_code == 200, answer.text
        return [item["id"] for item in answer.json()["items"]]

    assert ids() == ["c-00000", "a-00000", "b-00000"]
    assert ids(order="asc") == ["b-00000", "a-00000", "c-00000"]
    assert ids(sort="name", order="desc")[-1] in ("a-00000", "b-00000")
    assert ids(q="ALPHA") == ["a-00000"]
    assert ids(q="demo/b") == ["b-00000"]
    assert (ids(q="%"), ids(q="_"), ids(q="100%")) == (["b-00000"], ["a-00000"], ["b-00000"])
    assert ids(state="failed") == ["c-00000"]
    assert ids(q="'; drop table networks; --") == []


@pytest.mark.parametrize(
    "params", [{"sort": "spec"}, {"order": "up"}, {"limit": 0}, {"limit": 201}, {"cursor": "x"}, {"page": 2}]
)
def test_unknown_query_parameters_are_refused(sqlite_client: TestClient, params: dict[str, Any]) -> None:
    answer = sqlite_client.get(API, params=params)
    assert answer.status_code == 422
    assert next(iter(params)) in answer.json()["detail"]


def test_registering_enqueues_an_inspection(client: TestClient, database: Database) -> None:
    network = client.post(API, json={"spec": "demo/photos"}).json()
    with database.reading() as session:
        job = queue.find(session, network["job"]["id"])
        assert (job.kind, job.subject) == (JobKind.INSPECT_NETWORK, network["id"])
        assert job.request_id is not None
