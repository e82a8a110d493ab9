"""A worker context for each kind of database, and jobs for it."""

from __future__ import annotations

import shutil
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select
from torch import nn

from neurflow import tracing
from neurflow.lens import sliced_network
from neurflow.network.graph import NetworkGraph
from neurflow_store.artifacts import ArtifactStore, artifact_store
from neurflow_store.installation.database import Database
from neurflow_store.installation.settings import Settings, load_settings
from neurflow_store.jobs import queue
from neurflow_store.tables import Dataset, Job, JobKind, JobState, Network
from neurflow_worker.library.loading import Library
from neurflow_worker.runner import Runner
from neurflow_worker.running.context import WorkerContext
from tests.services.fixtures import RecordingAnnouncer
from tests.worker.lens_setup import LensSetup
from tests.worker.workplace import RecordingPublisher, demo, job_of, request


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
    """A worker for each kind of database in turn, with short intervals."""
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
    """A worker context over SQLite, for tests that do not depend on the database."""
    return make_worker(make_settings(database_url=sqlite_url, device="cpu", threads=1, progress_seconds=0.05))


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> tuple[Path, Library]:
    """A data folder in which the demo's network and data set are inspected, and the library that has them loaded."""
    home = tmp_path_factory.mktemp("demo")
    shutil.copy(sqlite_template, home / "neurflow.db")
    with _lasting(home) as worker:
        demo(worker, RecordingAnnouncer())
    return home, worker.library


@pytest.fixture(scope="session")
def circuit_home(tmp_path_factory: pytest.TempPathFactory, demo_home: tuple[Path, Library]) -> tuple[Path, Library]:
    """A copy of that data folder in which a small circuit of "cat" is computed, too."""
    home = tmp_path_factory.mktemp("circuit") / "home"
    shutil.copytree(demo_home[0], home)
    with _lasting(home, demo_home[1]) as worker:
        with worker.database.reading() as session:
            ids = session.scalars(select(Network.id)).one(), session.scalars(select(Dataset.id)).one()
        circuit = request(worker, RecordingAnnouncer(), ids)
        Runner(worker).run(circuit.job_id)
        assert job_of(worker.database, circuit.job_id).state is JobState.SUCCEEDED
    return home, demo_home[1]


@contextmanager
def _lasting(home: Path, library: Library | None = None) -> Iterator[WorkerContext]:
    """Make a worker context over a data folder that lasts longer than a test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEURFLOW_HOME", str(home))
        settings = load_settings(home=home, device="cpu", browsable_images=2)
    database, store = Database(settings.database_url), artifact_store(settings)
    library = replace(library, settings=settings, store=store) if library else Library(settings, store)
    yield WorkerContext(settings, database, store, RecordingPublisher(), "worker-of-the-template", library)
    database.close()


Copied = Callable[[tuple[Path, Library]], WorkerContext]


@pytest.fixture
def copied(
    make_worker: Callable[..., WorkerContext],
    make_settings: Callable[..., Settings],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Copied:
    """Make a worker context over a copy of a data folder, with the captured graph of the network."""

    def copy(home: tuple[Path, Library]) -> WorkerContext:
        shutil.copytree(home[0], tmp_path / "home", dirs_exist_ok=True)
        monkeypatch.setattr(tracing, "NetworkGraph", _graph)
        monkeypatch.setattr(sliced_network, "NetworkGraph", _graph)
        settings = make_settings(device="cpu", threads=1, progress_seconds=0.05, browsable_images=2)
        worker: WorkerContext = make_worker(settings)
        # No lens is cached: it would be of another test's circuit with the same id.
        library = replace(home[1], settings=settings, store=worker.store, _lenses=OrderedDict())
        return replace(worker, library=library)

    return copy


@pytest.fixture
def demo_worker(demo_home: tuple[Path, Library], copied: Copied) -> WorkerContext:
    """A worker context over SQLite with the demo's network and data set inspected."""
    return copied(demo_home)


@pytest.fixture
def setup(circuit_home: tuple[Path, Library], copied: Copied, announcer: RecordingAnnouncer) -> LensSetup:
    """A worker context over SQLite with a computed circuit that can analyse images."""
    return LensSetup(copied(circuit_home), announcer)


_graphs: dict[int, NetworkGraph] = {}


def _graph(module: nn.Module, input_size: int) -> NetworkGraph:
    """Return the captured graph, from a former test if there is one: capturing takes longer than these small traces."""
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
