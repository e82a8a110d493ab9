"""Evaluations: requested once, and again after the network or data set was inspected again."""

from __future__ import annotations

import pytest

from neurflow_store.artifacts import digest_of
from neurflow_store.asking import registry
from neurflow_store.errors import Conflict, NotFound
from neurflow_store.installation.database import Database
from neurflow_store.tables import (
    JobState,
    Queue,
)
from tests.services.fixtures import RecordingAnnouncer
from tests.store import rows
from tests.store.registering import end_job

FILE = digest_of(b"a file")


def test_an_evaluation_is_requested_once(database: Database, announcer: RecordingAnnouncer) -> None:
    with database.writing() as session:
        rows.add_network(session)
        rows.add_dataset(session)
    with database.writing() as session:
        first = registry.request_evaluation(session, announcer, rows.NETWORK, rows.DATASET)
    with database.writing() as session:
        again = registry.request_evaluation(session, announcer, rows.NETWORK, rows.DATASET)
    assert (first.id, first.job_id) == (again.id, again.job_id)
    assert announcer.announced == [(Queue.CIRCUITS, first.job_id)]
    end_job(database, first.job_id, JobState.SUCCEEDED)
    with database.writing() as session:
        assert registry.request_evaluation(session, announcer, rows.NETWORK, rows.DATASET).job_id == first.job_id


def test_inspecting_again_makes_an_evaluation_outdated(database: Database, announcer: RecordingAnnouncer) -> None:
    with database.writing() as session:
        rows.add_network(session)
        rows.add_dataset(session)
    with database.writing() as session:
        first = registry.request_evaluation(session, announcer, rows.NETWORK, rows.DATASET)
    end_job(database, first.job_id, JobState.SUCCEEDED)
    with database.writing() as session:
        dataset = registry.reinspect_dataset(session, announcer, rows.DATASET)
    with database.writing() as session:
        same = registry.request_evaluation(session, announcer, rows.NETWORK, rows.DATASET)
        assert same.job_id == first.job_id
    end_job(database, dataset.job_id, JobState.SUCCEEDED)
    with database.writing() as session:
        assert registry.request_evaluation(session, announcer, rows.NETWORK, rows.DATASET).job_id != first.job_id


def test_an_evaluation_needs_inspected_network_and_data_set(database: Database, announcer: RecordingAnnouncer) -> None:
    with database.writing() as session:
        rows.add_network(session)
        rows.add_dataset(session, state=JobState.FAILED)
    with database.writing() as session:
        with pytest.raises(
            Conflict, match="data set 'photos-dat00' has not been inspected yet: its job failed, made up"
        ):
            registry.request_evaluation(session, announcer, rows.NETWORK, rows.DATASET)
        with pytest.raises(NotFound, match="no network 'missing'"):
            registry.request_evaluation(session, announcer, "missing", rows.DATASET)
