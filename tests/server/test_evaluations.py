"""Evaluations over HTTP."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from neurflow_store.installation.database import Database
from neurflow_store.tables import Job, JobState
from tests.services.fixtures import RecordingAnnouncer
from tests.store import rows

API = "/api/v1/evaluations"
BODY = {"network": rows.NETWORK, "dataset": rows.DATASET}


@pytest.fixture
def registered(client: TestClient, database: Database) -> TestClient:
    with database.writing() as session:
        rows.add_network(session)
        rows.add_dataset(session)
    return client


def test_an_evaluation_is_requested_once(
    registered: TestClient, database: Database, announcer: RecordingAnnouncer
) -> None:
    first, second = registered.post(API, json=BODY), registered.post(API, json=BODY)
    assert (first.status_code, second.status_code) == (202, 202)
    evaluation = first.json()
    assert second.json() == evaluation
    assert evaluation | {"state": "queued", "accuracy": None, "images": None, "classes": []} == evaluation
    assert (evaluation["network"]["id"], evaluation["dataset"]["id"]) == (rows.NETWORK, rows.DATASET)
    assert registered.get(first.headers["location"]).json() == evaluation
    assert len(announcer.announced) == 1
    with database.writing() as session:
        session.get_one(Job, evaluation["job"]["id"]).state = JobState.SUCCEEDED
    assert registered.post(API, json=BODY).status_code == 200


def test_accuracy_is_returned_for_each_class(registered: TestClient, database: Database) -> None:
    with database.writing() as session:
        rows.add_evaluation(session)
    evaluation = registered.get(f"{API}/{rows.EVALUATION}").json()
    assert (evaluation["accuracy"], evaluation["images"]) == (0.75, 12)
    assert evaluation["classes"] == [{"name": name, "images": 4, "accuracy": 0.75} for name in rows.CLASSES]


def test_evaluations_are_filtered(registered: TestClient, database: Database) -> None:
    with database.writing() as session:
        rows.add_evaluation(session)
        rows.add_network(session, "other-00000")
    other = registered.post(API, json=BODY | {"network": "other-00000"}).json()["id"]
    assert [item["id"] for item in registered.get(API).json()["items"]] == [other, rows.EVALUATION]
    by_network = registered.get(API, params={"network": rows.NETWORK}).json()["items"]
    assert [item["id"] for item in by_network] == [rows.EVALUATION]
    assert len(registered.get(API, params={"dataset": rows.DATASET}).json()["items"]) == 2
    assert registered.get(API, params={"dataset": "nobody-00000"}).json()["items"] == []


def test_missing_and_uninspected_subjects_are_refused(client: TestClient, database: Database) -> None:
    assert client.post(API, json=BODY).status_code == 404
    assert client.get(f"{API}/nobody-00000").status_code == 404
    with database.writing() as session:
        rows.add_network(session)
        rows.add_dataset(session, state=JobState.RUNNING)
    waiting = client.post(API, json=BODY)
    assert waiting.status_code == 409
    assert "running" in waiting.json()["detail"]
