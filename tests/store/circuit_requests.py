"""Requests circuits, one by one or at the same time, and ends their jobs as a worker would."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from sqlalchemy import func, select

from neurflow_store.asking import requests
from neurflow_store.asking.trace_parameters import TraceParameters
from neurflow_store.installation.database import Database
from neurflow_store.jobs import lease
from neurflow_store.tables import (
    Circuit,
    Job,
    JobKind,
    JobState,
)
from tests.services.fixtures import RecordingAnnouncer
from tests.store import rows


def ask(
    database: Database, announcer: RecordingAnnouncer, class_name: str = "cat", **values: Any
) -> tuple[Circuit, bool]:
    wanted: dict[str, Any] = {
        "network_id": rows.NETWORK,
        "dataset_id": rows.DATASET,
        "parameters": TraceParameters(),
    } | values
    with database.writing() as session:
        return requests.request_circuit(session, announcer, class_name=class_name, **wanted)


def batch(
    database: Database, announcer: RecordingAnnouncer, classes: list[str] | None, **values: Any
) -> list[tuple[Circuit, bool]]:
    wanted: dict[str, Any] = {
        "network_id": rows.NETWORK,
        "dataset_id": rows.DATASET,
        "parameters": TraceParameters(),
    } | values
    with database.writing() as session:
        return requests.request_batch(session, announcer, classes=classes, **wanted)


def claim(database: Database, job_id: str) -> lease.Claim:
    with database.writing() as session:
        held = lease.claim(session, job_id, "worker", 30)
    assert held is not None
    return held


def end(database: Database, job_id: str, state: JobState) -> None:
    held = claim(database, job_id)
    with database.writing() as session:
        if state is JobState.SUCCEEDED:
            lease.succeed(session, held)
        elif state is JobState.FAILED:
            lease.fail(session, held, {"type": "memory", "title": "Out of memory", "detail": "it was too much"})
        else:
            lease.stop(session, held)


def count(database: Database, table: type[Any]) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def job_count(database: Database, kind: JobKind = JobKind.TRACE) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).where(Job.kind == kind)) or 0


def together(*asks: Callable[[], object]) -> list[BaseException]:
    """Run all steps at the same time; return the exceptions they raised."""
    barrier = threading.Barrier(len(asks))
    problems: list[BaseException] = []

    def do(what: Callable[[], object]) -> None:
        barrier.wait()
        try:
            what()
        except BaseException as error:  # noqa: BLE001 - told to the test's own thread
            problems.append(error)

    threads = [threading.Thread(target=do, args=[what]) for what in asks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return problems
