"""A real service on a local port, a client, and a worker."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
import structlog
from sqlalchemy import select

from neurflow.client import Client
from neurflow_store.artifacts import ArtifactStore, artifact_store
from neurflow_store.installation.database import Database
from neurflow_store.installation.events import publisher
from neurflow_store.installation.settings import Settings
from neurflow_store.tables import Job, JobState
from neurflow_worker.library.loading import Library
from neurflow_worker.runner import Runner
from neurflow_worker.running.context import WorkerContext
from tests.server.running import running


@pytest.fixture
def settings(make_settings: Callable[..., Settings], sqlite_url: str) -> Settings:
    """SQLite alone: the client does not depend on the database."""
    return make_settings(database_url=sqlite_url, device="cpu", threads=1)


@pytest.fixture
def database(sqlite_url: str) -> Iterator[Database]:
    opened = Database(sqlite_url)
    yield opened
    opened.close()


@pytest.fixture
def store(settings: Settings) -> ArtifactStore:
    return artifact_store(settings)


@pytest.fixture
def url(settings: Settings) -> Iterator[str]:
    """The address of a service that runs in a thread."""
    with structlog.testing.capture_logs(), running(settings) as service:
        yield f"http://127.0.0.1:{service.port}"


@pytest.fixture
def client(url: str) -> Iterator[Client]:
    with Client(url) as opened:
        yield opened


@pytest.fixture
def worker(settings: Settings, database: Database, store: ArtifactStore) -> Iterator[None]:
    """A worker in a thread that runs all queued jobs."""
    stop = threading.Event()
    worker = WorkerContext(
        settings, database, store, publisher(settings), "worker-of-the-test", Library(settings, store)
    )

    def work() -> None:
        while not stop.wait(0.05):
            with database.reading() as session:
                waiting = session.scalars(select(Job.id).where(Job.state == JobState.QUEUED)).all()
            for job_id in waiting:
                Runner(worker).run(job_id)

    thread = threading.Thread(target=work)
    thread.start()
    yield
    stop.set()
    thread.join()
