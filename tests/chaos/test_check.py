"""The check after a storm finds what a storm might leave: planted here, one fault each."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import delete, select, update

from neurflow_store.artifacts import artifact_store
from neurflow_store.installation.database import Database
from neurflow_store.installation.settings import Settings
from neurflow_store.tables import Artifact, Edge, Group, Job, JobState
from tests.chaos.check import check
from tests.store.stored_circuit import CIRCUIT_ID, store_circuit


@pytest.fixture
def settings(make_settings: Callable[..., Settings], sqlite_url: str) -> Settings:
    return make_settings(database_url=sqlite_url)


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    """An installation with a whole circuit."""
    opened = Database(settings.database_url)
    store_circuit(opened, artifact_store(settings))
    yield opened
    opened.close()


@pytest.mark.usefixtures("database")
def test_nothing_is_wrong_with_a_whole_circuit(settings: Settings) -> None:
    assert check(settings) == []


def test_a_lost_edge_is_found(settings: Settings, database: Database) -> None:
    with database.writing() as session:
        session.execute(delete(Edge).where(Edge.target == session.scalars(select(Edge.target).limit(1)).one()))
    (problem,) = check(settings)
    assert "rows in edges" in problem


def test_a_lost_group_is_found(settings: Settings, database: Database) -> None:
    with database.writing() as session:
        session.execute(delete(Edge))
        session.execute(delete(Group))
    assert any("0 rows in groups" in problem for problem in check(settings))


@pytest.mark.parametrize("state", [JobState.RUNNING, JobState.QUEUED, JobState.FAILED])
def test_a_job_that_did_not_succeed_is_found(settings: Settings, database: Database, state: JobState) -> None:
    with database.writing() as session:
        session.execute(update(Job).values(state=state))
    (problem,) = check(settings)
    assert problem.startswith(f"job job-{CIRCUIT_ID} (trace)")
    assert state in problem


def test_a_file_that_was_written_in_part_is_found(settings: Settings, database: Database) -> None:
    with database.reading() as session:
        digest = session.scalars(select(Artifact.digest).where(Artifact.media_type == "image/webp").limit(1)).one()
    (picture,) = [path for path in settings.home.rglob("*") if path.is_file() and digest.endswith(path.name)]
    picture.chmod(0o600)
    picture.write_bytes(picture.read_bytes()[:-1])
    (problem,) = check(settings)
    assert "has the content of" in problem
