"""Exports of circuits over HTTP."""

from __future__ import annotations

import io
import json
import zipfile

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from neurflow.result.circuit_json import encode
from neurflow_store.installation.database import Database
from tests.engine.circuits import CIRCUIT
from tests.store.stored_circuit import CIRCUIT_ID, store_circuit

API = f"/api/v1/circuits/{CIRCUIT_ID}/export"


@pytest.fixture
def circuit(client: TestClient, app: FastAPI, database: Database) -> TestClient:
    store_circuit(database, app.state.services.store)
    return client


@pytest.mark.parametrize(
    ("form", "media_type", "name"),
    [
        ("json", "application/json", f"{CIRCUIT_ID}.json"),
        ("zip", "application/zip", f"{CIRCUIT_ID}.zip"),
        ("graphml", "application/graphml+xml", f"{CIRCUIT_ID}.graphml"),
        ("csv", "application/zip", f"{CIRCUIT_ID}-tables.zip"),
        ("attribution-graph", "application/json", f"{CIRCUIT_ID}-attribution-graph.json"),
    ],
)
def test_a_circuit_is_exported_in_each_form(circuit: TestClient, form: str, media_type: str, name: str) -> None:
    answer = circuit.get(f"{API}/{form}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == media_type
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
    assert answer.headers["content-length"] == str(len(answer.content)) != "0"


def test_json_is_the_engine_s_file(circuit: TestClient) -> None:
    assert circuit.get(f"{API}/json").content == encode(CIRCUIT)


def test_a_bundle_holds_pictures_and_its_origin(circuit: TestClient) -> None:
    with zipfile.ZipFile(io.BytesIO(circuit.get(f"{API}/zip").content)) as bundle:
        assert json.loads(bundle.read("explorer.json"))["id"] == CIRCUIT_ID
        assert {"patches/000002.webp", "images/000000.webp"} <= set(bundle.namelist())


def test_a_circuit_without_a_result_cannot_be_exported(client: TestClient, app: FastAPI, database: Database) -> None:
    store_circuit(database, app.state.services.store, None)
    for form in ("json", "zip", "graphml", "csv", "attribution-graph"):
        assert client.get(f"{API}/{form}").status_code == 409
    assert client.get(f"{API}/pdf").status_code == 422
