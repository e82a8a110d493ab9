"""Imported circuits: imported once, with their own id if it is free."""

from __future__ import annotations

import pytest

from neurflow_store.artifacts import digest_of
from neurflow_store.asking import content_key, requests
from neurflow_store.errors import BadValue, NotFound
from neurflow_store.installation.database import Database
from neurflow_store.jobs import queue
from neurflow_store.repositories import artifacts
from neurflow_store.tables import (
    JobKind,
    JobState,
    Queue,
)
from tests.services.fixtures import RecordingAnnouncer
from tests.store import rows
from tests.store.circuit_requests import end

ARCHIVE = digest_of(b"a bundle")
OTHER_ARCHIVE = digest_of(b"another bundle")
FILE = digest_of(b"a circuit.json")


@pytest.fixture(autouse=True)
def _basis(database: Database) -> None:
    with database.writing() as session:
        rows.add_network(session)
        rows.add_dataset(session)
        artifacts.record(session, ARCHIVE, "application/zip", 8)
        artifacts.record(session, OTHER_ARCHIVE, "application/zip", 14)


def test_a_bundle_is_imported_once(database: Database, announcer: RecordingAnnouncer) -> None:
    with database.writing() as session:
        first = requests.request_import(
            session, announcer, archive=ARCHIVE, id="cat-7k2m9", name="Theirs", request_id="r1"
        )
    with database.writing() as session:
        again = requests.request_import(session, announcer, archive=ARCHIVE, id="cat-7k2m9")
    assert (first.id, first.name) == ("cat-7k2m9", "Theirs")
    assert (again.id, again.job_id) == (first.id, first.job_id)
    assert announcer.announced == [(Queue.INTERACTIVE, first.job_id)]
    with database.reading() as session:
        job = queue.find(session, first.job_id)
        assert (job.kind, job.subject, job.payload, job.request_id) == (
            JobKind.IMPORT,
            "cat-7k2m9",
            {"archive": ARCHIVE},
            "r1",
        )
    assert first.content_key == content_key.import_key(ARCHIVE)


def test_a_failed_import_is_repeated_with_its_archive(database: Database, announcer: RecordingAnnouncer) -> None:
    with database.writing() as session:
        first = requests.request_import(session, announcer, archive=ARCHIVE)
    end(database, first.job_id, JobState.FAILED)
    with database.writing() as session:
        again = requests.request_import(session, announcer, archive=ARCHIVE)
        assert again.id == first.id
        assert queue.find(session, again.job_id).payload == {"archive": ARCHIVE}
        assert queue.find(session, again.job_id).state is JobState.QUEUED


def test_an_id_in_use_is_replaced_by_a_new_one(database: Database, announcer: RecordingAnnouncer) -> None:
    with database.writing() as session:
        first = requests.request_import(session, announcer, archive=ARCHIVE, id="cat-7k2m9")
        other = requests.request_import(session, announcer, archive=OTHER_ARCHIVE, id="cat-7k2m9")
    assert first.id == "cat-7k2m9"
    assert other.id.startswith("cat-")
    assert other.id != first.id


def test_an_exported_circuit_is_recognised_when_imported(database: Database, announcer: RecordingAnnouncer) -> None:
    with database.writing() as session:
        rows.add_circuit(session, "cat-00000", file=FILE)
    with database.writing() as session:
        home = requests.request_import(session, announcer, archive=ARCHIVE, id="cat-00000", file=FILE)
        assert home.id == "cat-00000"
        other = requests.request_import(session, announcer, archive=ARCHIVE, id="cat-00000", file=digest_of(b"changed"))
        assert other.id != "cat-00000"
    assert len(announcer.announced) == 1


@pytest.mark.parametrize("id", ["", "Cat-7", "cat_7", "../cat", "cat-", "-cat", "a" * 65, "cat 7", "cat\n"])
def test_invalid_ids_are_refused(database: Database, announcer: RecordingAnnouncer, id: str) -> None:
    with database.writing() as session, pytest.raises(BadValue, match="id .* is invalid: use at most 64 of a-z"):
        requests.request_import(session, announcer, archive=ARCHIVE, id=id)


def test_an_archive_that_is_not_stored_cannot_be_imported(database: Database, announcer: RecordingAnnouncer) -> None:
    with database.writing() as session, pytest.raises(NotFound, match=FILE):
        requests.request_import(session, announcer, archive=FILE)
