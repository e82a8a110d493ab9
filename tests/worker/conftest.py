"""A worker context for each kind of database, and jobs for it to do."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select
from torch import nn

from neurflow import tracing
from neurflow.network.graph import NetworkGraph
from neurflow_store.artifacts import ArtifactStore, artifact_store
from neurflow_store.installation.database import Database
from neurflow_store.installation.settings import Settings, load_settings
from neurflow_store.jobs import queue
from neurflow_store.tables import Dataset, Job, JobKind, Network
from neurflow_worker.library.loading import Library
from neurflow_worker.running.context import WorkerContext
from tests.services.fixtures import RecordingAnnouncer
from tests.worker.workplace import RecordingPublisher, demo


@pytest.fixture
def publisher() -> RecordingPublisher:
    return RecordingPublisher()


@pytest.fixture
def make_worker(publisher: RecordingPublisher) -> Iterator[Callable[..., WorkerContext]]:
    """Make a worker context over a database with the tables."""
    opened: list[Database] = []

    def make(settings: Settings, store: ArtifactStore | None = None) -> WorkerContext:
        database = Database(settings.database_url)
        opened.append(database)
        store = store or artifact_store(settings)
        return WorkerContext(settings, database, store, publisher, "worker-of-the-test", Library(settings, store))

    yield make
    for database in opened:
        database.close()


@pytest.fixture
def worker(
    make_worker: Callable[..., WorkerContext], make_settings: Callable[..., Settings], database_url: str
) -> WorkerContext:
    """A worker context for each kind of database in turn, with short times."""
    return make_worker(
        make_settings(
            database_url=database_url,
            lease_seconds=3.0,
            heartbeat_seconds=0.2,
            progress_seconds=0.05,
            retry_seconds=0.5,
            device="cpu",
            threads=1,
        )
    )


@pytest.fixture
def sqlite_worker(
    make_worker: Callable[..., WorkerContext], make_settings: Callable[..., Settings], sqlite_url: str
) -> WorkerContext:
    """A worker context over SQLite, where the database is not the point."""
    return make_worker(make_settings(database_url=sqlite_url, device="cpu", threads=1, progress_seconds=0.05))


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> tuple[Path, Library]:
    """A data folder in which the demo's network and data set are inspected, and the library that has them loaded."""
    home = tmp_path_factory.mktemp("demo")
    shutil.copy(sqlite_template, home / "neurflow.db")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEURFLOW_HOME", str(home))
        settings = load_settings(home=home, device="cpu", browsable_images=2)
    database, store = Database(settings.database_url), artifact_store(settings)
    library = Library(settings, store)
    demo(
        WorkerContext(settings, database, store, RecordingPublisher(), "worker-of-the-template", library),
        RecordingAnnouncer(),
    )
    database.close()
    return home, library


@pytest.fixture
def demo_worker(
    demo_home: tuple[Path, Library],
    make_worker: Callable[..., WorkerContext],
    make_settings: Callable[..., Settings],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> WorkerContext:
    """A worker context over SQLite with the demo's network and data set inspected, and the network's graph at hand."""
    home, library = demo_home
    shutil.copytree(home, tmp_path / "home", dirs_exist_ok=True)
    monkeypatch.setattr(tracing, "NetworkGraph", _graph)
    settings = make_settings(device="cpu", threads=1, progress_seconds=0.05, browsable_images=2)
    worker: WorkerContext = make_worker(settings)
    return replace(worker, library=replace(library, settings=settings, store=worker.store))


_graphs: dict[int, NetworkGraph] = {}


def _graph(module: nn.Module, input_size: int) -> NetworkGraph:
    """The captured graph, from before where there was one: capturing takes longer than these small traces."""
    if id(module) not in _graphs:
        _graphs[id(module)] = NetworkGraph(module, input_size)
    return _graphs[id(module)]


@pytest.fixture
def demo_ids(demo_worker: WorkerContext) -> tuple[str, str]:
    """The ids of the demo's network and data set."""
    with demo_worker.database.reading() as session:
        return session.scalars(select(Network.id)).one(), session.scalars(select(Dataset.id)).one()


@pytest.fixture
def enqueued(announcer: RecordingAnnouncer) -> Callable[..., Job]:
    """Enqueue a job with an arbitrary subject."""

    def enqueue(worker: WorkerContext, kind: JobKind = JobKind.TRACE, subject: str = "nothing-00000") -> Job:
        with worker.database.writing() as session:
            return queue.enqueue(session, announcer, kind, subject)

    return enqueue
