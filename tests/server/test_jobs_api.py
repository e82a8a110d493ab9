"""Jobs over HTTP: listed, read, cancelled."""

from __future__ import annotations

from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import update

from neurflow_store.installation.database import Database
from neurflow_store.installation.settings import Settings
from neurflow_store.jobs import lease, queue
from neurflow_store.tables import Job, JobKind, JobState
from tests.services.fixtures import RecordingAnnouncer


def _enqueue(database: Database, subject: str = "cat-00000", kind: JobKind = JobKind.TRACE) -> str:
    with database.writing() as session:
        return queue.enqueue(session, RecordingAnnouncer(), kind, subject).id


def _claim(database: Database, job_id: str) -> lease.Claim:
    with database.writing() as session:
        held = lease.claim(session, job_id, "worker-1", 30)
        assert held is not None
        return held


def test_a_job_has_all_its_fields(client: TestClient, database: Database) -> None:
    job_id = _enqueue(database)
    answer = client.get(f"/api/v1/jobs/{job_id}").json()
    assert answer.pop("created_at").endswith("Z")
    assert answer == {
        "id": job_id,
        "kind": "trace",
        "queue": "circuits",
        "subject": "cat-00000",
        "state": "queued",
        "cancel_requested": False,
        "attempts": 0,
        "stage": None,
        "done": 0,
        "total": 0,
        "fraction": 0.0,
        "remaining_seconds": None,
        "stages": [],
        "problem": None,
        "started_at": None,
        "finished_at": None,
        "version": 1,
    }


def test_a_missing_job_is_not_found(client: TestClient) -> None:
    answer = client.get("/api/v1/jobs/job-00000")
    assert answer.status_code == 404
    assert "'job-00000'" in answer.json()["detail"]


@pytest.mark.parametrize("id", ["A", "a_b", "%00", "a%20b", "x" * 65, "-"])
def test_an_invalid_id_is_refused(client: TestClient, id: str) -> None:
    assert client.get(f"/api/v1/jobs/{id}").status_code == 422


def test_the_newest_jobs_come_first_page_by_page(client: TestClient, database: Database) -> None:
    made = [_enqueue(database, f"cat-{number:05}") for number in range(7)]
    with database.writing() as session:  # created at the same moment: the id decides
        moment = queue.find(session, made[0]).created_at
        session.execute(update(Job).where(Job.id.in_(made[2:5])).values(created_at=moment + timedelta(hours=-1)))
    found, cursor, pages = [], None, 0
    while pages == 0 or cursor:
        assert pages < 4, "pages that repeat themselves"
        page = client.get("/api/v1/jobs", params={"limit": 2} | ({"cursor": cursor} if cursor else {})).json()
        found += [item["id"] for item in page["items"]]
        cursor, pages = page["next"], pages + 1
        if pages == 1:
            _enqueue(database, "late-00000")  # does not move anything onto the next page
    assert pages == 4
    assert found == [made[6], made[5], made[1], made[0], *sorted(made[2:5], reverse=True)]


def test_jobs_are_filtered(client: TestClient, database: Database) -> None:
    trace, inspect = _enqueue(database), _enqueue(database, "demo-00000", JobKind.INSPECT_NETWORK)
    _claim(database, trace)

    def ids(**wanted: str) -> list[str]:
        return [item["id"] for item in client.get("/api/v1/jobs", params=wanted).json()["items"]]

    assert ids(state="running") == [trace]
    assert ids(state="queued") == [inspect]
    assert ids(kind="inspect_network") == [inspect]
    assert ids(subject="cat-00000") == [trace]
    assert ids(subject="cat-00000", state="queued") == []


@pytest.mark.parametrize(
    "query",
    [
        "state=strange",
        "kind=x",
        "limit=0",
        "limit=201",
        "limit=x",
        "cursor=",
        "cursor=AAAA",
        "cursor=%00",
        "subject=A b",
    ],
)
def test_an_invalid_query_is_refused(client: TestClient, query: str) -> None:
    answer = client.get(f"/api/v1/jobs?{query}")
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_queued_job_is_cancelled_at_once_and_again(client: TestClient, database: Database) -> None:
    job_id = _enqueue(database)
    for _ in range(2):
        answer = client.post(f"/api/v1/jobs/{job_id}/cancel")
        assert answer.status_code == 202
        assert answer.json()["state"] == "cancelled"


def test_a_running_job_is_asked_to_stop(client: TestClient, database: Database, settings: Settings) -> None:
    job_id = _enqueue(database)
    held = _claim(database, job_id)
    for _ in range(2):
        answer = client.post(f"/api/v1/jobs/{job_id}/cancel")
        assert answer.status_code == 202
        assert (answer.json()["state"], answer.json()["cancel_requested"]) == ("running", True)
    with database.writing() as session:
        assert lease.renew(session, held, 30)


@pytest.mark.parametrize("state", [JobState.SUCCEEDED, JobState.FAILED])
def test_a_job_that_has_ended_cannot_be_cancelled(client: TestClient, database: Database, state: JobState) -> None:
    job_id = _enqueue(database)
    held = _claim(database, job_id)
    with database.writing() as session:
        if state is JobState.FAILED:
            lease.fail(session, held, {"type": "bug", "title": "A bug", "detail": "it broke"})
        else:
            lease.succeed(session, held, [{"stage": "activations", "items": 3, "seconds": 0.5}])
    answer = client.post(f"/api/v1/jobs/{job_id}/cancel")
    assert answer.status_code == 409
    assert state.value in answer.json()["detail"]
    assert client.get(f"/api/v1/jobs/{job_id}").json()["state"] == state.value


def test_cancelling_a_missing_job_is_not_found(client: TestClient) -> None:
    assert client.post("/api/v1/jobs/job-00000/cancel").status_code == 404
