"""Fixtures for tests that need a database or a broker: SQLite, PostgreSQL and Redis.

Each test process has one server of each kind; each test gets an empty database of its own.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis

from neurflow_store.installation.database import Database
from neurflow_store.installation.settings import Settings
from neurflow_store.tables import Queue
from neurflow_store.upkeep import migrate
from tests.services import processes
from tests.services.databases import Databases

_TEMPLATE = "neurflow_template"
_MISSING = "{} is not installed: `make test` installs Debian's package where it may"


class RecordingAnnouncer:
    """An announcer that records its announcements."""

    def __init__(self) -> None:
        self.announced: list[tuple[Queue, str]] = []

    def announce(self, queue: Queue, job_id: str) -> None:
        self.announced.append((queue, job_id))


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[processes.Service]:
    for program in ("initdb", "postgres"):
        if processes.find_program(program) is None:
            pytest.skip(_MISSING.format("PostgreSQL"))
    with processes.postgresql() as service:
        yield service


@pytest.fixture(scope="session")
def redis_service() -> Iterator[processes.Service]:
    if processes.find_program("redis-server") is None:
        pytest.skip(_MISSING.format("Redis"))
    with processes.redis_server() as service:
        yield service


@pytest.fixture
def redis_url(redis_service: processes.Service) -> str:
    """Redis, empty."""
    redis_service.start()  # a former test may have left it dead
    with redis.Redis(port=redis_service.port) as client:
        client.flushall()
    return f"redis://127.0.0.1:{redis_service.port}/0"


@pytest.fixture(scope="session")
def postgresql_databases(postgresql_server: processes.Service) -> Databases:
    """Databases of the server, for a test or for longer."""
    databases = Databases(postgresql_server, _TEMPLATE)
    with psycopg.connect(databases.address("postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {_TEMPLATE}")
    _with_tables(databases.address(_TEMPLATE))
    return databases


@pytest.fixture
def empty_postgresql_url(postgresql_databases: Databases) -> Iterator[str]:
    """A PostgreSQL database without tables, for the test alone."""
    with postgresql_databases.bare() as url:
        yield url


@pytest.fixture
def postgresql_url(postgresql_databases: Databases) -> Iterator[str]:
    """A PostgreSQL database with the tables, for the test alone."""
    with postgresql_databases.lent() as url:
        yield url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("sqlite") / "template.db"
    _with_tables(f"sqlite:///{file}")
    return file


@pytest.fixture
def empty_sqlite_url(tmp_path: Path) -> str:
    """An SQLite database whose file does not exist yet."""
    return f"sqlite:///{tmp_path / 'empty.db'}"


@pytest.fixture
def sqlite_url(tmp_path: Path, sqlite_template: Path) -> str:
    """An SQLite database with the tables."""
    return f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'test.db')}"


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request: pytest.FixtureRequest) -> str:
    """Each kind of database in turn, without tables."""
    return str(request.getfixturevalue(f"empty_{request.param}_url"))


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Each kind of database in turn, with the tables."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@contextmanager
def lent_database(request: pytest.FixtureRequest, folder: Path) -> Iterator[str]:
    """Lend a database with the tables for longer than a test, of the kind that ``request.param`` names."""
    if request.param == "postgresql":
        databases: Databases = request.getfixturevalue("postgresql_databases")
        with databases.lent() as url:
            yield url
    else:
        yield f"sqlite:///{shutil.copy(request.getfixturevalue('sqlite_template'), folder / 'test.db')}"


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """Each kind of database in turn, with empty tables."""
    opened = Database(database_url)
    yield opened
    opened.close()


@pytest.fixture
def make_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Settings]:
    """Return a function that makes settings with a data folder of the test, independent of the environment."""
    home = tmp_path / "home"
    home.mkdir(exist_ok=True)
    _forget_settings(monkeypatch, home)
    return lambda **values: Settings(home=home, **values)


def settings_in(home: Path, **values: Any) -> Settings:
    """Return settings with a data folder that lasts longer than a test, independent of the environment."""
    with pytest.MonkeyPatch.context() as patch:
        _forget_settings(patch, home)
        return Settings(home=home, **values)


def _forget_settings(patch: pytest.MonkeyPatch, home: Path) -> None:
    for name in [name for name in os.environ if name.upper().startswith("NEURFLOW_")]:
        patch.delenv(name)
    patch.setenv("NEURFLOW_HOME", str(home))


@pytest.fixture
def settings(make_settings: Callable[..., Settings], database_url: str) -> Settings:
    """Settings for each kind of database in turn."""
    return make_settings(database_url=database_url)


@pytest.fixture
def announcer() -> RecordingAnnouncer:
    return RecordingAnnouncer()


def _with_tables(url: str) -> None:
    database = Database(url)
    migrate.upgrade(database)
    database.close()  # moves pending changes into the one file
