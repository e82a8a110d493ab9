"""Liveness, readiness, and metrics."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import delete, text, update

from neurflow_server.app import create_app
from neurflow_store.clock import now
from neurflow_store.installation.database import Database
from neurflow_store.installation.events import SilentPublisher
from neurflow_store.installation.settings import Settings
from neurflow_store.jobs import lease, queue
from neurflow_store.tables import JobKind, Queue, SweepRow, WorkerRow
from neurflow_store.upkeep import workers
from neurflow_store.upkeep.sweeper import sweep_jobs
from tests.services.fixtures import RecordingAnnouncer
from tests.services.processes import Service, free_port


def _checks(answer: Any) -> dict[str, bool]:
    return {check["name"]: check["ok"] for check in answer.json()["checks"]}


def _beat(database: Database, *queues: Queue) -> None:
    with database.writing() as session:
        for name in queues:
            workers.beat(session, f"worker-{name}", [name])
        workers.record_sweep(session)


def test_the_service_is_alive(client: TestClient) -> None:
    assert client.get("/healthz").json()["state"] == "alive"


def test_the_service_is_ready_when_everything_works(client: TestClient, database: Database) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert _checks(answer) == {
        "database": True,
        "broker": True,
        "disk": True,
        "worker: circuits": False,
        "worker: interactive": False,
        "versions": True,
        "sweeper": False,
        "clocks": True,
    }
    assert "neurflow worker --queue circuits" in answer.json()["detail"]

    _beat(database, Queue.CIRCUITS)
    assert _checks(client.get("/readyz"))["worker: circuits"] is True
    _beat(database, Queue.INTERACTIVE)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["state"]) == (200, "ready")
    assert all(_checks(answer).values())


def test_a_worker_that_was_silent_for_long_does_not_count(client: TestClient, database: Database) -> None:
    _beat(database, *Queue)
    with database.writing() as session:
        session.execute(update(WorkerRow).values(seen_at=now() - timedelta(minutes=5)))
    assert client.get("/readyz").status_code == 503


def _only_failing(client: TestClient) -> tuple[str, str]:
    """The one check that fails, and what it says."""
    answer = client.get("/readyz")
    assert answer.status_code == 503
    ((name, detail),) = [(check["name"], check["detail"]) for check in answer.json()["checks"] if not check["ok"]]
    return name, detail


def test_a_sweeper_that_has_not_run_is_told(client: TestClient, database: Database) -> None:
    _beat(database, *Queue)
    assert client.get("/readyz").status_code == 200
    with database.writing() as session:
        session.execute(update(SweepRow).values(done_at=now() - timedelta(seconds=90)))
    name, detail = _only_failing(client)
    assert name == "sweeper" and "90 s ago" in detail.replace("91", "90") and "neurflow sweeper" in detail
    with database.writing() as session:
        session.execute(delete(SweepRow))
    assert _only_failing(client) == ("sweeper", "has never run: start `neurflow sweeper`")


def test_the_sweeper_records_that_it_ran(client: TestClient, database: Database, settings: Settings) -> None:
    _beat(database, *Queue)
    with database.writing() as session:
        session.execute(delete(SweepRow))
    for _ in range(2):
        sweep_jobs(database, RecordingAnnouncer(), settings, SilentPublisher())
        assert client.get("/readyz").status_code == 200


@pytest.mark.parametrize("other", ["0.0.1", ""])
def test_workers_of_another_version_are_told(client: TestClient, database: Database, other: str) -> None:
    _beat(database, *Queue)
    with database.writing() as session:
        session.execute(update(WorkerRow).where(WorkerRow.id == "worker-circuits").values(version=other))
    name, detail = _only_failing(client)
    assert name == "versions" and "worker-circuits" in detail and "worker-interactive" not in detail


@pytest.mark.parametrize(("seconds", "words"), [(-75.0, "75.0 s behind"), (75.0, "75.0 s ahead")])
def test_a_clock_that_is_wrong_is_told(client: TestClient, database: Database, seconds: float, words: str) -> None:
    _beat(database, *Queue)
    with database.writing() as session:
        session.execute(update(WorkerRow).where(WorkerRow.id == "worker-circuits").values(clock_ahead=seconds / 10))
    (clocks,) = [check for check in client.get("/readyz").json()["checks"] if check["name"] == "clocks"]
    assert clocks["ok"] and clocks["detail"].startswith("worker-circuits is 7.5 s ")
    with database.writing() as session:
        session.execute(update(WorkerRow).where(WorkerRow.id == "worker-circuits").values(clock_ahead=seconds))
    name, detail = _only_failing(client)
    assert name == "clocks" and words in detail


def test_a_full_disk_is_told(client: TestClient, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    _beat(database, *Queue)
    monkeypatch.setattr("shutil.disk_usage", lambda path: SimpleNamespace(free=10 * 1024 * 1024))
    name, detail = _only_failing(client)
    assert name == "disk" and "10 MiB free" in detail


def test_tables_of_another_version_are_reported(client: TestClient, database: Database) -> None:
    with database.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    answer = client.get("/readyz")
    assert _checks(answer)["database"] is False
    assert "neurflow migrate" in answer.json()["detail"]


def test_a_database_that_is_away_is_reported(
    make_settings: Callable[..., Settings],
    postgresql_url: str,
    postgresql_server: Service,
    announcer: RecordingAnnouncer,
) -> None:
    settings = make_settings(database_url=postgresql_url)
    with TestClient(create_app(settings, announcer), base_url="http://127.0.0.1") as client:
        postgresql_server.stop()
        try:
            answer = client.get("/readyz")
            assert answer.status_code == 503
            assert not any(ok for name, ok in _checks(answer).items() if name not in ("broker", "disk"))
            assert client.get("/healthz").status_code == 200
            listed = client.get("/api/v1/jobs")
            assert (listed.status_code, listed.json()["type"]) == (503, "unavailable")
        finally:
            postgresql_server.start()
        assert client.get("/api/v1/jobs").status_code == 200


def test_redis_is_checked(
    make_settings: Callable[..., Settings], sqlite_url: str, redis_url: str, announcer: RecordingAnnouncer
) -> None:
    for url, there in ((redis_url, True), (f"redis://127.0.0.1:{free_port()}/0", False)):
        settings = make_settings(database_url=sqlite_url, broker_url=url)
        with TestClient(create_app(settings, announcer), base_url="http://127.0.0.1") as client:
            assert _checks(client.get("/readyz"))["broker"] is there


def _figures(client: TestClient) -> dict[str, float]:
    answer = client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    return {
        f"{sample.name}{sorted(sample.labels.values())}": sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_requests_are_counted_by_route_and_status(client: TestClient) -> None:
    client.get("/api/v1/jobs/job-00000")
    client.get("/api/v1/jobs/job-00001")
    client.get("/nowhere/at/all")
    client.request("STRANGE", "/healthz")
    figures = _figures(client)
    assert figures["neurflow_requests_total['/api/v1/jobs/{id}', '404', 'GET']"] == 2
    assert figures["neurflow_request_seconds_count['/api/v1/jobs/{id}', 'GET']"] == 2
    assert figures["neurflow_requests_total['404', 'GET', 'none']"] == 1
    assert figures["neurflow_requests_total['/healthz', '405', 'other']"] == 1


def test_jobs_are_counted_once(client: TestClient, database: Database) -> None:
    announcer = RecordingAnnouncer()
    with database.writing() as session:
        waiting = [queue.enqueue(session, announcer, JobKind.TRACE, "cat-00000").id for _ in range(3)]
        queue.enqueue(session, announcer, JobKind.INSPECT_NETWORK, "net-00000")
    with database.writing() as session:
        held = lease.claim(session, waiting[0], "worker-1", 60)
        assert held is not None
    with database.writing() as session:
        stages = [
            {"stage": "activations", "items": 100, "seconds": 2.0},
            {"stage": "layer layer4.1", "items": 5, "seconds": 1.0},
            {"stage": "layer layer4.0", "items": 6, "seconds": 1.5},
        ]
        lease.succeed(session, held, stages)
    with database.writing() as session:
        queue.cancel(session, waiting[1])
    _beat(database, Queue.CIRCUITS)
    for _ in range(3):
        figures = _figures(client)
        assert figures["neurflow_jobs['circuits', 'queued']"] == 1
        assert figures["neurflow_jobs['circuits', 'running']"] == 0
        assert figures["neurflow_jobs['interactive', 'queued']"] == 1
        assert figures["neurflow_workers['circuits']"] == 1
        assert figures["neurflow_workers['interactive']"] == 0
        assert figures["neurflow_jobs_ended_total['succeeded', 'trace']"] == 1
        assert figures["neurflow_jobs_ended_total['cancelled', 'trace']"] == 1
        assert figures["neurflow_job_seconds_count['succeeded', 'trace']"] == 1
        assert figures["neurflow_stage_items_total['layer', 'trace']"] == 11
        assert figures["neurflow_stage_seconds_total['layer', 'trace']"] == 2.5
        assert figures["neurflow_stage_items_total['activations', 'trace']"] == 100


def test_many_ended_jobs_are_counted_in_parts(
    client: TestClient, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("neurflow_server.metrics._MOST_ENDED", 3)
    announcer = RecordingAnnouncer()
    with database.writing() as session:
        for _ in range(8):
            queue.cancel(session, queue.enqueue(session, announcer, JobKind.TRACE, "cat-00000").id)
    for _ in range(6):
        figures = _figures(client)
    assert figures["neurflow_jobs_ended_total['cancelled', 'trace']"] == 8
