"""The client of a service that a proxy serves below a path."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from neurflow.client import Client
from neurflow_store.artifacts import ArtifactStore
from neurflow_store.installation.database import Database
from neurflow_store.installation.settings import Settings
from tests.server.running import running
from tests.services.path_proxy import path_proxy
from tests.store import rows, shared_rows
from tests.store.stored_circuit import CIRCUIT_ID, store_circuit

PREFIX = "/user/ann/proxy/8000"


@pytest.fixture(params=["", "--strip"], ids=["passed on", "taken off"])
def below(request: pytest.FixtureRequest, settings: Settings, tmp_path: Path) -> Iterator[str]:
    """The address of the service below the path."""
    with running(settings.model_copy(update={"root_path": PREFIX})) as service:
        options = filter(None, [request.param])
        with path_proxy(service.port, PREFIX, *options, folder=tmp_path) as url:
            yield url


def test_the_client_reads_below_the_path(below: str, database: Database, store: ArtifactStore) -> None:
    store_circuit(database, store)
    with Client(below) as client:
        circuit = client.circuit(CIRCUIT_ID)
        assert circuit.url == f"{below}/api/v1/circuits/{CIRCUIT_ID}"
        (address, *_) = circuit.groups()["picture"].dropna()
        assert address.startswith(f"{PREFIX}/api/v1/circuits/{CIRCUIT_ID}/files/")
        assert circuit.picture(address)[8:12] == b"WEBP"
        assert [found.id for found in client.circuits()] == [CIRCUIT_ID]


def test_a_link_made_by_the_client_lies_below_the_path(below: str, database: Database) -> None:
    with database.writing() as session:
        rows.add_basis(session)
        rows.add_circuit(session, "cat-00000")
        shared_rows.add_view(session)
    with Client(below) as client:
        link = client.share(shared_rows.VIEW)
        assert link["address"] == f"{below}/s/{link['token']}"
        assert client.show(link).address == f"{below}/embed/{link['token']}"
