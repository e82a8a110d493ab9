"""Networks and data sets that several users request, or request and delete, at the same time."""

from __future__ import annotations

import threading

from neurflow_store.artifacts import digest_of
from neurflow_store.asking import registry, requests
from neurflow_store.asking.trace_parameters import TraceParameters
from neurflow_store.errors import Conflict, NotFound
from neurflow_store.installation.database import Database
from neurflow_store.installation.settings import Settings
from neurflow_store.tables import (
    Dataset,
    Job,
    Network,
)
from tests.services.fixtures import RecordingAnnouncer
from tests.store import rows
from tests.store.registering import count

FILE = digest_of(b"a file")


def test_concurrent_requests_make_one_row_and_one_job(
    database: Database, announcer: RecordingAnnouncer, settings: Settings
) -> None:
    barrier = threading.Barrier(6)
    problems: list[BaseException] = []

    def ask() -> None:
        try:
            barrier.wait()
            with database.writing() as session:
                registry.register_network(session, announcer, spec="demo/photos")
            with database.writing() as session:
                registry.register_dataset(session, announcer, settings, spec="demo/photos")
        except BaseException as error:  # noqa: BLE001 - told to the test's own thread
            problems.append(error)

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert (count(database, Network), count(database, Dataset), count(database, Job)) == (1, 1, 2)
    assert len(announcer.announced) == 2


def test_a_network_is_not_deleted_while_a_circuit_of_it_is_requested(
    database: Database, announcer: RecordingAnnouncer
) -> None:
    """In either order, the circuit is refused or the network stays."""
    for _ in range(5):
        with database.writing() as session:
            network = registry.register_network(session, announcer, spec="demo/photos")
            network.digest, network.classes = FILE, ["cat"]
            if session.get(Dataset, rows.DATASET) is None:
                rows.add_dataset(session)
        results: list[str] = []
        barrier = threading.Barrier(2)

        def delete(id: str = network.id, barrier: threading.Barrier = barrier, results: list[str] = results) -> None:
            barrier.wait()
            try:
                with database.writing() as session:
                    registry.delete_network(session, id)
            except Conflict:
                results.append("kept")

        def ask(id: str = network.id, barrier: threading.Barrier = barrier, results: list[str] = results) -> None:
            barrier.wait()
            try:
                with database.writing() as session:
                    circuit, _ = requests.request_circuit(
                        session,
                        announcer,
                        network_id=id,
                        dataset_id=rows.DATASET,
                        class_name="cat",
                        parameters=TraceParameters(),
                    )
            except NotFound:
                results.append("refused")
                return
            with database.writing() as session:
                requests.delete(session, circuit.id)

        threads = [threading.Thread(target=delete), threading.Thread(target=ask)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(results) <= 1
        with database.reading() as session:
            assert (session.get(Network, network.id) is None) == (results != ["kept"])
