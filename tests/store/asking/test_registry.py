"""Networks and data sets: registered once, inspected again, deleted if no circuit needs them."""

from __future__ import annotations

import pytest

from neurflow_store.artifacts import digest_of
from neurflow_store.asking import registry, requests
from neurflow_store.asking.network_options import NetworkOptions
from neurflow_store.clock import now
from neurflow_store.errors import BadValue, Conflict, LeaseLost, NotFound
from neurflow_store.installation.database import Database
from neurflow_store.installation.settings import Settings
from neurflow_store.jobs import lease, queue
from neurflow_store.repositories import artifacts
from neurflow_store.tables import (
    Dataset,
    DatasetImage,
    Evaluation,
    Job,
    JobKind,
    JobState,
    Network,
    Prediction,
    Queue,
)
from tests.services.fixtures import RecordingAnnouncer
from tests.store import rows
from tests.store.registering import count, end_job

FILE = digest_of(b"a file")


def test_a_registered_network_is_inspected(database: Database, announcer: RecordingAnnouncer) -> None:
    with database.writing() as session:
        network = registry.register_network(
            session, announcer, spec="torchvision/resnet18:IMAGENET1K_V1", request_id="r1"
        )
        assert announcer.announced == []
    assert announcer.announced == [(Queue.INTERACTIVE, network.job_id)]
    assert network.id.startswith("resnet18-")
    assert network.name == "resnet18"
    with database.reading() as session:
        job = queue.find(session, network.job_id)
        assert (job.kind, job.subject, job.request_id) == (JobKind.INSPECT_NETWORK, network.id, "r1")
        assert session.get_one(Network, network.id).digest is None


def test_the_same_network_is_registered_once(database: Database, announcer: RecordingAnnouncer) -> None:
    ids = set()
    for name in ("First", "Second"):
        with database.writing() as session:
            network = registry.register_network(
                session, announcer, spec="demo/photos", name=name, options={"input_size": 64, "mean": None}
            )
            ids.add(network.id)
    with database.writing() as session:
        again = registry.register_network(session, announcer, spec="demo/photos", options=NetworkOptions(input_size=64))
        other = registry.register_network(session, announcer, spec="demo/photos", options=NetworkOptions(input_size=96))
    assert ids == {again.id}
    assert again.name == "First"
    assert again.options == {"input_size": 64}
    assert other.id != again.id
    assert len(announcer.announced) == 2


@pytest.mark.parametrize("state", [JobState.FAILED, JobState.CANCELLED])
def test_an_unfinished_inspection_is_repeated(
    database: Database, announcer: RecordingAnnouncer, settings: Settings, state: JobState
) -> None:
    with database.writing() as session:
        network = registry.register_network(session, announcer, spec="torchvision/resnet81")
        dataset = registry.register_dataset(session, announcer, settings, spec="torchvision/CIFAR10")
    for job_id in (network.job_id, dataset.job_id):
        end_job(database, job_id, state)
    with database.writing() as session:
        network_again = registry.register_network(session, announcer, spec="torchvision/resnet81")
        dataset_again = registry.register_dataset(session, announcer, settings, spec="torchvision/CIFAR10")
    assert (network_again.id, dataset_again.id) == (network.id, dataset.id)
    assert network_again.job_id != network.job_id
    assert dataset_again.job_id != dataset.job_id
    assert len(announcer.announced) == 4


def test_an_inspection_that_is_being_cancelled_is_repeated(database: Database, announcer: RecordingAnnouncer) -> None:
    with database.writing() as session:
        network = registry.register_network(session, announcer, spec="demo/photos")
    with database.writing() as session:
        lease.claim(session, network.job_id, "worker", 30)
    with database.writing() as session:
        assert queue.cancel(session, network.job_id).state is JobState.RUNNING
    with database.writing() as session:
        assert registry.register_network(session, announcer, spec="demo/photos").job_id != network.job_id


def test_a_network_with_uploaded_weights_is_another_network(database: Database, announcer: RecordingAnnouncer) -> None:
    with database.writing() as session:
        with pytest.raises(NotFound, match=FILE):
            registry.register_network(session, announcer, spec="torchvision/resnet18", weights=FILE)
        artifacts.record(session, FILE, "application/octet-stream", 6)
    before = now()
    with database.writing() as session:
        network = registry.register_network(session, announcer, spec="torchvision/resnet18", weights=FILE)
        plain = registry.register_network(session, announcer, spec="torchvision/resnet18")
        assert network.weights == FILE
        assert network.id != plain.id
        assert artifacts.find(session, FILE).used_at >= before


def test_the_same_archive_is_one_data_set(
    database: Database, announcer: RecordingAnnouncer, settings: Settings
) -> None:
    with database.writing() as session:
        with pytest.raises(NotFound, match=FILE):
            registry.register_dataset(session, announcer, settings, archive=FILE)
        artifacts.record(session, FILE, "application/zip", 6)
    with database.writing() as session:
        first = registry.register_dataset(session, announcer, settings, archive=FILE, name="Cats & dogs")
        second = registry.register_dataset(session, announcer, settings, archive=FILE, name="Other")
    assert first.id == second.id
    assert (first.spec, first.archive, first.name) == ("upload/cats-dogs", FILE, "Cats & dogs")


@pytest.mark.parametrize("name", ["", "  ", "a\0b", "a\nb", "\ud800", "x" * 201])
def test_names_with_control_characters_are_refused(
    database: Database, announcer: RecordingAnnouncer, settings: Settings, name: str
) -> None:
    with database.writing() as session:
        rows.add_basis(session)
    with database.writing() as session:
        for ask in (
            lambda: registry.register_network(session, announcer, spec="demo/photos", name=name),
            lambda: registry.register_dataset(session, announcer, settings, spec="demo/photos", name=name),
            lambda: registry.rename_network(session, rows.NETWORK, name),
            lambda: registry.rename_dataset(session, rows.DATASET, name),
        ):
            with pytest.raises(BadValue, match="the name"):
                ask()


def test_renaming_keeps_the_id(database: Database) -> None:
    with database.writing() as session:
        rows.add_basis(session)
    with database.writing() as session:
        registry.rename_network(session, rows.NETWORK, " Ours ")
        registry.rename_dataset(session, rows.DATASET, "Photos")
        with pytest.raises(NotFound, match="no network 'missing'"):
            registry.rename_network(session, "missing", "x")
    with database.reading() as session:
        assert session.get_one(Network, rows.NETWORK).name == "Ours"
        assert session.get_one(Dataset, rows.DATASET).name == "Photos"


def test_inspecting_again_keeps_what_is_known(database: Database, announcer: RecordingAnnouncer) -> None:
    with database.writing() as session:
        rows.add_basis(session)
    with database.writing() as session:
        network = registry.reinspect_network(session, announcer, rows.NETWORK)
        dataset = registry.reinspect_dataset(session, announcer, rows.DATASET)
        assert network.digest is not None
        assert dataset.digest is not None
    assert [job for _, job in announcer.announced] == [network.job_id, dataset.job_id]
    with database.writing() as session:
        with pytest.raises(Conflict, match="network 'demo-net00' is already being inspected: wait"):
            registry.reinspect_network(session, announcer, rows.NETWORK)
        with pytest.raises(NotFound, match="no data set 'missing'"):
            registry.reinspect_dataset(session, announcer, "missing")


def test_a_network_that_circuits_use_is_not_deleted(database: Database) -> None:
    with database.writing() as session:
        rows.add_basis(session)
        rows.add_circuit(session, "cat-00000")
    with database.writing() as session, pytest.raises(Conflict, match="a circuit uses it: delete it first"):
        registry.delete_network(session, rows.NETWORK)
    with database.writing() as session:
        rows.add_circuit(session, "dog-00000")
    with database.writing() as session, pytest.raises(Conflict, match="2 circuits use it: delete them first"):
        registry.delete_dataset(session, rows.DATASET)
    for id in ("cat-00000", "dog-00000"):
        with database.writing() as session:
            requests.delete(session, id)
    with database.writing() as session:
        registry.delete_network(session, rows.NETWORK)
    assert (count(database, Evaluation), count(database, Prediction)) == (0, 0)
    assert count(database, Job) == 1
    with database.writing() as session:
        registry.delete_dataset(session, rows.DATASET)
    for table in (Network, Dataset, DatasetImage, Job):
        assert count(database, table) == 0
    with database.writing() as session, pytest.raises(NotFound, match="no network 'demo-net00'"):
        registry.delete_network(session, rows.NETWORK)


def test_deleting_takes_the_job_from_its_worker(database: Database, announcer: RecordingAnnouncer) -> None:
    with database.writing() as session:
        network = registry.register_network(session, announcer, spec="demo/photos")
    with database.writing() as session:
        held = lease.claim(session, network.job_id, "worker", 30)
    assert held is not None
    with database.writing() as session:
        registry.delete_network(session, network.id)
    with database.writing() as session, pytest.raises(LeaseLost):
        lease.succeed(session, held)
