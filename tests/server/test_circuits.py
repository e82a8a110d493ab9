"""Circuits over HTTP: requested, recomputed, renamed, deleted."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import event, func, select

from neurflow_server.schemas.overviews import CircuitOverview
from neurflow_store.installation.database import Database
from neurflow_store.tables import Circuit, Edge, Group, Job, JobKind, JobState
from tests.server.texts import HOSTILE, NOT_A_NAME, escaped
from tests.services.fixtures import RecordingAnnouncer
from tests.store import rows

API = "/api/v1/circuits"
BODY = {"network": rows.NETWORK, "dataset": rows.DATASET, "class": "cat"}


@pytest.fixture
def ready(client: TestClient, database: Database) -> TestClient:
    """A network and a data set that have been inspected."""
    with database.writing() as session:
        rows.add_basis(session)
    return client


def _count(database: Database, table: Any) -> int:
    with database.reading() as session:
        return int(session.scalar(select(func.count()).select_from(table)) or 0)


def test_the_same_request_returns_the_same_circuit(
    ready: TestClient, database: Database, announcer: RecordingAnnouncer
) -> None:
    first = ready.post(API, json=BODY | {"parameters": {"images": 10}, "name": "Cats"})
    # Explicit defaults and another name make no other circuit.
    second = ready.post(API, json=BODY | {"parameters": {"images": 10, "tau": 16, "layers": None}})
    assert (first.status_code, second.status_code) == (202, 200)
    circuit = first.json()
    assert second.json() == circuit
    assert circuit | {"name": "Cats", "class": "cat", "state": "queued", "counts": None, "cover": []} == circuit
    assert circuit["network"] == {"id": rows.NETWORK, "name": rows.NETWORK}
    assert first.headers["location"] == second.headers["location"] == f"{API}/{circuit['id']}"
    assert [job_id for _, job_id in announcer.announced] == [circuit["job"]["id"]]
    with database.reading() as session:
        job = session.get_one(Job, circuit["job"]["id"])
        assert (job.kind, job.subject) == (JobKind.TRACE, circuit["id"])


def test_other_parameters_make_another_circuit(ready: TestClient) -> None:
    asked = [{}, {"images": 49}, {"crops": [1.0]}, {"layers": ["layer3"]}, {"seed": 1}]
    ids = {ready.post(API, json=BODY | {"parameters": parameters}).json()["id"] for parameters in asked}
    assert len(ids) == len(asked)


@pytest.mark.parametrize("state", [JobState.FAILED, JobState.CANCELLED])
def test_a_failed_circuit_is_computed_again(
    ready: TestClient, database: Database, announcer: RecordingAnnouncer, state: JobState
) -> None:
    circuit = ready.post(API, json=BODY).json()
    with database.writing() as session:
        session.get_one(Job, circuit["job"]["id"]).state = state
    again = ready.post(API, json=BODY)
    assert (again.status_code, again.json()["id"], again.json()["state"]) == (202, circuit["id"], "queued")
    assert len(announcer.announced) == 2


def test_an_invalid_request_is_refused(ready: TestClient, database: Database, announcer: RecordingAnnouncer) -> None:
    wrong: list[tuple[dict[str, Any], int, str]] = [
        ({"class": "zebra"}, 422, "zebra"),
        ({"class": ""}, 422, "class"),
        ({"class": "c" * 301}, 422, "class"),
        ({"network": "nobody-00000"}, 404, "nobody-00000"),
        ({"dataset": "nobody-00000"}, 404, "nobody-00000"),
        ({"network": "../networks"}, 422, "network"),
        ({"parameters": {"images": 0}}, 422, "images"),
        ({"parameters": {"images": 1e9}}, 422, "images"),
        ({"parameters": {"crops": [0.01]}}, 422, "crops"),
        ({"parameters": {"speed": "fast"}}, 422, "speed"),
        ({"parameters": None}, 422, "parameters"),
        ({"colour": "red"}, 422, "colour"),
        *(({"name": name}, 422, "name") for name in NOT_A_NAME),
    ]
    for change, status, said in wrong:
        answer = ready.post(API, **escaped(BODY | change))
        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        assert said in answer.json()["detail"]
    assert (_count(database, Circuit), announcer.announced) == (0, [])


def test_uninspected_networks_and_data_sets_are_refused(client: TestClient, database: Database) -> None:
    with database.writing() as session:
        rows.add_network(session, state=JobState.FAILED)
        rows.add_dataset(session)
    answer = client.post(API, json=BODY)
    assert answer.status_code == 409
    assert "made up" in answer.json()["detail"]


def test_a_failed_commit_is_an_error(
    ready: TestClient, app: FastAPI, database: Database, announcer: RecordingAnnouncer
) -> None:
    engine = app.state.services.database.engine

    def refuse(_: object) -> None:
        raise OSError("no commit today")

    event.listen(engine, "commit", refuse)
    answers = [ready.post(API, json=BODY), ready.patch(f"/api/v1/networks/{rows.NETWORK}", json={"name": "Ours"})]
    event.remove(engine, "commit", refuse)
    assert [answer.status_code for answer in answers] == [500, 500]
    assert "no commit today" not in answers[0].text + answers[1].text
    assert (_count(database, Circuit), announcer.announced) == (0, [])
    assert ready.get(f"/api/v1/networks/{rows.NETWORK}").json()["name"] == rows.NETWORK


def test_concurrent_requests_make_one_circuit(
    ready: TestClient, database: Database, announcer: RecordingAnnouncer
) -> None:
    before = _count(database, Job)
    together = threading.Barrier(6)
    answers = []

    def ask() -> None:
        together.wait()
        answers.append(ready.post(API, json=BODY))

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in answers) == [200] * 5 + [202]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert (_count(database, Circuit), _count(database, Job) - before) == (1, 1)
    assert len(announcer.announced) == 1


def test_a_batch_makes_a_job_for_each_class(ready: TestClient, announcer: RecordingAnnouncer) -> None:
    body = {key: BODY[key] for key in ("network", "dataset")} | {"classes": ["cat", "fox", "cat"]}
    answer = ready.post(f"{API}/batch", json=body)
    assert answer.status_code == 202
    assert [item["class"] for item in answer.json()["items"]] == ["cat", "fox"]
    assert len(announcer.announced) == 2
    everything = ready.post(f"{API}/batch", json=body | {"classes": None}).json()["items"]
    assert [item["class"] for item in everything] == list(rows.CLASSES)
    assert everything[0]["id"] == answer.json()["items"][0]["id"]
    assert len(announcer.announced) == 3


def test_a_batch_is_all_or_nothing(ready: TestClient, database: Database, announcer: RecordingAnnouncer) -> None:
    body = {key: BODY[key] for key in ("network", "dataset")}
    for classes in (["cat", "zebra"], [], ["\n"], "cat"):
        assert ready.post(f"{API}/batch", json=body | {"classes": classes}).status_code == 422
    assert (_count(database, Circuit), announcer.announced) == (0, [])


def test_the_overview_has_everything_that_a_graph_needs(ready: TestClient, database: Database) -> None:
    with database.writing() as session:
        rows.add_circuit(session, shape=rows.Shape(layers=3, groups=7, edges=9))
        stored = {edge.source + edge.target: edge.weight for edge in session.scalars(select(Edge))}
        groups = session.scalars(select(Group).order_by(Group.layer, Group.number)).all()
    answer = ready.get(f"{API}/cat-00000")
    assert answer.headers["content-type"] == "application/json"
    overview = answer.json()
    # The database writes groups and edges as JSON: they must fit the schema exactly, too.
    checked = CircuitOverview.model_validate(overview, strict=False, extra="forbid")
    assert list(overview) == list(checked.model_dump(by_alias=True))
    assert [group["id"] for group in overview["groups"]] == [group.id for group in groups]
    first = overview["groups"][0]
    assert (first["layer"], first["number"], first["neurons"]) == ("layer0", 0, groups[0].neurons)
    assert first["contribution"] == pytest.approx(groups[0].contribution, rel=1e-14)
    assert (first["exemplars"], first["picture"]) == (3, f"{API}/cat-00000/files/{rows.digest('cat-00000 0')[7:]}")
    assert {edge["source"] + edge["target"]: edge["weight"] for edge in overview["edges"]} == {
        pair: pytest.approx(weight, rel=1e-14) for pair, weight in stored.items()
    }
    assert [layer["name"] for layer in overview["layers"]] == ["layer0", "layer1", "layer2"]
    assert overview["layers"][0]["sprite"].startswith(f"{API}/cat-00000/files/")
    assert overview["result"]["report"]["warnings"] == ["made up"]
    assert "classes" not in overview["result"]["network"]
    assert overview["counts"] == {"layers": 3, "groups": 7, "edges": 9, "neurons": 14}


def test_without_a_result_the_overview_is_empty(ready: TestClient) -> None:
    circuit = ready.post(API, json=BODY | {"parameters": {"images": 10}}).json()
    overview = ready.get(f"{API}/{circuit['id']}").json()
    CircuitOverview.model_validate(overview, extra="forbid")
    assert [overview[part] for part in ("layers", "groups", "edges")] == [[], [], []]
    assert (overview["result"], overview["engine_version"]) == (None, None)
    assert overview["parameters"]["images"] == 10


def test_edges_are_paged_with_their_details(ready: TestClient, database: Database) -> None:
    with database.writing() as session:
        rows.add_circuit(session)
        stored = [
            {"source": e.source, "target": e.target, "weight": e.weight, "positive": e.positive, "negative": e.negative}
            for e in session.scalars(select(Edge).order_by(Edge.source, Edge.target))
        ]
    found: list[dict[str, Any]] = []
    cursor = None
    while not found or cursor:
        assert len(found) < len(stored), "pages that repeat themselves"
        page = ready.get(f"{API}/cat-00000/edges", params={"limit": 3} | ({"cursor": cursor} if cursor else {})).json()
        found += page["items"]
        cursor = page["next"]
    assert found == stored


def test_traced_images_are_paged(ready: TestClient, database: Database) -> None:
    with database.writing() as session:
        rows.add_circuit(session)
    page = ready.get(f"{API}/cat-00000/images", params={"limit": 3}).json()
    last = ready.get(f"{API}/cat-00000/images", params={"limit": 3, "cursor": page["next"]}).json()
    assert [item["position"] for item in page["items"] + last["items"]] == [0, 1, 2, 3]
    assert last["next"] is None
    assert page["items"][0] == {
        "position": 0,
        "name": "cat/0000.png",
        "width": 64,
        "height": 48,
        "picture": None,
        "probability": 0.9,
    }


def test_recomputing_keeps_the_result_until_the_new_one(
    ready: TestClient, database: Database, announcer: RecordingAnnouncer
) -> None:
    with database.writing() as session:
        rows.add_circuit(session)
    answer = ready.post(f"{API}/cat-00000/recompute")
    assert (answer.status_code, answer.json()["state"]) == (202, "queued")
    assert answer.json()["counts"]["groups"] == 6
    assert [job_id for _, job_id in announcer.announced] == [answer.json()["job"]["id"]]
    assert ready.post(f"{API}/cat-00000/recompute").status_code == 409
    assert len(ready.get(f"{API}/cat-00000").json()["groups"]) == 6


def test_an_imported_circuit_without_its_network_cannot_be_recomputed(client: TestClient, database: Database) -> None:
    with database.writing() as session:
        rows.add_circuit(session, network_id=None, dataset_id=None)
    card = client.get(API).json()["items"][0]
    assert (card["network"], card["dataset"]) == (None, None)
    assert client.post(f"{API}/cat-00000/recompute").status_code == 409


def test_a_circuit_is_renamed(ready: TestClient, database: Database) -> None:
    with database.writing() as session:
        rows.add_circuit(session)
    for name in HOSTILE:
        assert ready.patch(f"{API}/cat-00000", json={"name": name}).json()["name"] == name
        assert ready.get(f"{API}/cat-00000").json()["name"] == name
    for body in ({}, {"name": None}, {"name": 3}, {"id": "dog-00000"}, *({"name": name} for name in NOT_A_NAME)):
        assert ready.patch(f"{API}/cat-00000", **escaped(body)).status_code == 422


def test_a_circuit_is_deleted_with_everything_of_it(ready: TestClient, database: Database) -> None:
    with database.writing() as session:
        rows.add_circuit(session)
    answer = ready.delete(f"{API}/cat-00000")
    assert (answer.status_code, answer.content) == (204, b"")
    assert [_count(database, table) for table in (Circuit, Group, Edge)] == [0, 0, 0]
    assert ready.get("/api/v1/jobs/job-cat-00000").status_code == 404
    assert ready.delete(f"{API}/cat-00000").status_code == 404


def test_a_missing_circuit_is_not_found(client: TestClient) -> None:
    reads = ["images", "edges", "groups/layer1/0", "groups/layer1/0/exemplars", "neurons/layer1/0", "patches/0"]
    asked = [("get", ""), ("patch", ""), ("delete", ""), ("post", "/recompute"), ("get", "/export/json")]
    for method, path in asked + [("get", f"/{part}") for part in reads]:
        body = {"name": "Ours"} if method == "patch" else None
        answer = client.request(method, f"{API}/nobody-00000{path}", json=body)
        assert answer.status_code == 404
        assert "nobody-00000" in answer.json()["detail"]
        for wrong in ("Cat", "cat_1", "a--b", "-", "%00", "%2e%2e", "a" * 65):
            answer = client.request(method, f"{API}/{wrong}{path}", json=body)
            assert answer.status_code in (404, 405, 422), wrong
