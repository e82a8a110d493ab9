"""Waiting for jobs of a real service: by events, or by polling if there are none."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import pytest

from neurflow.client import Client, waiting
from neurflow.client.service import Service
from neurflow.client.waiting import wait_for
from neurflow.terms.errors import ClientError, JobFailed, ServiceUnreachable
from neurflow_store.installation.database import Database
from neurflow_store.jobs import lease, queue
from neurflow_store.tables import JobKind
from tests.services.fixtures import RecordingAnnouncer
from tests.services.processes import free_port


@pytest.fixture
def service(url: str) -> Iterator[Service]:
    opened = Service(url, 30.0)
    yield opened
    opened.close()


@pytest.fixture
def job_id(database: Database, announcer: RecordingAnnouncer) -> str:
    with database.writing() as session:
        return queue.enqueue(session, announcer, JobKind.TRACE, "cat-00000").id


@contextmanager
def worked_on(database: Database, job_id: str, *steps: Callable[[Any, lease.Claim], object]) -> Iterator[None]:
    """A worker that claims a job and does ``steps``, a moment apart, during the block."""

    def work() -> None:
        time.sleep(0.2)
        with database.writing() as session:
            held = lease.claim(session, job_id, "tester", 60)
        assert held is not None
        for step in steps:
            time.sleep(0.2)
            with database.writing() as session:
                step(session, held)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        thread.join()


def told(stage: str, fraction: float) -> Callable[[Any, lease.Claim], object]:
    return lambda session, held: lease.report(session, held, lease.ProgressReport(stage, 1, 2, fraction, 75.0, []))


PROBLEM = {"type": "class-error", "title": "The class cannot be traced", "detail": "no image is taken for 'cat'"}


def test_a_job_is_followed_to_its_end(
    service: Service, database: Database, job_id: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with worked_on(database, job_id, told("activations", 0.25), told("layer fc", 0.5), lease.succeed):
        job = wait_for(service, job_id, progress=True, timeout=30)
    assert job["state"] == "succeeded"
    # Quick changes are sent as one: only the last is sure to arrive.
    assert "layer fc: 100%" in capsys.readouterr().err


def test_the_bar_shows_progress_and_remaining_time(capsys: pytest.CaptureFixture[str]) -> None:
    bar = waiting._Bar(wanted=True)
    bar.show({"stage": None, "state": "queued", "fraction": 0.0, "remaining_seconds": None})
    bar.show({"stage": "layer fc", "state": "running", "fraction": 0.5, "remaining_seconds": 75.0})
    bar.close()
    shown = capsys.readouterr().err
    assert "queued:   0%" in shown
    assert "layer fc:  50%" in shown and ", about 01:15 left" in shown


def test_without_a_bar_nothing_is_printed(
    service: Service, database: Database, job_id: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with worked_on(database, job_id, lease.succeed):
        wait_for(service, job_id, progress=False, timeout=30)
    assert capsys.readouterr() == ("", "")


def test_an_ended_job_needs_no_waiting(service: Service, database: Database, job_id: str) -> None:
    with worked_on(database, job_id, lease.succeed):
        pass
    began = time.monotonic()
    wait_for(service, job_id, progress=False, timeout=None)
    assert time.monotonic() - began < 2


def test_a_failed_job_says_why(service: Service, database: Database, job_id: str) -> None:
    reason = "The class cannot be traced: no image is taken for 'cat'"
    failing = worked_on(database, job_id, lambda session, held: lease.fail(session, held, PROBLEM))
    with failing, pytest.raises(JobFailed, match=reason) as caught:
        wait_for(service, job_id, progress=False, timeout=30)
    assert (caught.value.kind, caught.value.status) == ("class-error", None)


def test_a_cancelled_job_says_so(service: Service, database: Database, job_id: str) -> None:
    service.post("jobs", job_id, "cancel")
    with pytest.raises(JobFailed, match="The job was cancelled"):
        wait_for(service, job_id, progress=False, timeout=30)


def test_waiting_ends_at_the_time_limit(service: Service, job_id: str) -> None:
    began = time.monotonic()
    with pytest.raises(TimeoutError, match=rf"job {job_id} has not ended after 0.5 s; it continues"):
        wait_for(service, job_id, progress=False, timeout=0.5)
    assert 0.4 < time.monotonic() - began < 5


def test_an_unknown_job_is_reported(service: Service) -> None:
    with pytest.raises(ClientError, match="no job 'job-none'") as caught:
        wait_for(service, "job-none", progress=False, timeout=5)
    assert (caught.value.status, caught.value.kind) == (404, "not-found")


@pytest.mark.parametrize("fault", [ServiceUnreachable("No answer", "cut"), ClientError("Refused", "no streams", 406)])
def test_without_streams_the_job_is_polled(
    service: Service, database: Database, job_id: str, monkeypatch: pytest.MonkeyPatch, fault: ClientError
) -> None:
    calls = 0

    def broken(*path: str, timeout: float) -> NoReturn:
        nonlocal calls
        calls += 1
        raise fault

    monkeypatch.setattr(service, "events", broken)
    monkeypatch.setattr(waiting, "_POLL_SECONDS", 0.05)
    with worked_on(database, job_id, told("activations", 0.25), lease.succeed):
        assert wait_for(service, job_id, progress=False, timeout=30)["state"] == "succeeded"
    assert calls == (3 if isinstance(fault, ServiceUnreachable) else 1)


def test_an_unreachable_service_is_reported_with_the_remedy() -> None:
    remedy = "no server answers at http://127.0.0.1:.*`neurflow demo`"
    with (
        Client(f"http://127.0.0.1:{free_port()}", timeout=5) as client,
        pytest.raises(ServiceUnreachable, match=remedy),
    ):
        client.networks()
