"""Importing circuits over HTTP."""

from __future__ import annotations

import io
import json
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from neurflow_store.installation.database import Database
from neurflow_store.tables import Circuit, Job, JobKind, JobState
from tests.server.texts import HOSTILE
from tests.services.fixtures import RecordingAnnouncer
from tests.store.archives.mutations import mutated
from tests.store.stored_circuit import CIRCUIT_ID, NAME, store_circuit

API = "/api/v1/uploads/circuits"


@pytest.fixture
def bundle(client: TestClient, app: FastAPI, database: Database) -> bytes:
    """Return an exported circuit, which is then deleted."""
    store_circuit(database, app.state.services.store)
    exported = client.get(f"/api/v1/circuits/{CIRCUIT_ID}/export/zip").content
    assert client.delete(f"/api/v1/circuits/{CIRCUIT_ID}").status_code == 204
    return bytes(exported)


def _upload(client: TestClient, data: bytes, **fields: str) -> Any:
    return client.post(API, files={"file": ("circuit.zip", data)}, data=fields)


def _changed(bundle: bytes, **members: bytes | None) -> bytes:
    """Return the bundle with other members; in their names, ``_dot_`` and ``_in_`` stand for dots and slashes."""
    wanted = {name.replace("_dot_", ".").replace("_in_", "/"): data for name, data in members.items()}
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(bundle)) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            if name not in wanted:
                target.writestr(name, source.read(name))
        for name, data in wanted.items():
            if data is not None:
                target.writestr(name, data)
    return out.getvalue()


def test_a_circuit_keeps_its_id_and_name(
    client: TestClient, database: Database, announcer: RecordingAnnouncer, bundle: bytes
) -> None:
    answer = _upload(client, bundle)
    assert answer.status_code == 202, answer.text
    circuit = answer.json()
    assert (circuit["id"], circuit["name"], circuit["state"]) == (CIRCUIT_ID, NAME, "queued")
    assert answer.headers["location"] == f"/api/v1/circuits/{CIRCUIT_ID}"
    assert [job_id for _, job_id in announcer.announced] == [circuit["job"]["id"]]
    with database.reading() as session:
        job = session.get_one(Job, circuit["job"]["id"])
        assert (job.kind, job.subject, list(job.payload)) == (JobKind.IMPORT, CIRCUIT_ID, ["archive"])
        archive = job.payload["archive"].removeprefix("sha256:")
    assert client.get(f"/api/v1/artifacts/{archive}").status_code == 404
    again = _upload(client, bundle)
    assert (again.status_code, again.json()["id"], len(announcer.announced)) == (202, CIRCUIT_ID, 1)
    with database.writing() as session:
        session.get_one(Job, circuit["job"]["id"]).state = JobState.SUCCEEDED
    assert _upload(client, bundle).status_code == 200


def test_importing_the_same_circuit_again_returns_it(
    client: TestClient, app: FastAPI, database: Database, announcer: RecordingAnnouncer, bundle: bytes
) -> None:
    store_circuit(database, app.state.services.store)
    answer = _upload(client, bundle)
    assert (answer.status_code, answer.json()["id"]) == (200, CIRCUIT_ID)
    assert announcer.announced == []


def test_an_id_in_use_is_not_replaced(client: TestClient, app: FastAPI, database: Database, bundle: bytes) -> None:
    store_circuit(database, app.state.services.store, None)
    answer = _upload(client, bundle, name="Theirs")
    assert answer.status_code == 202
    assert answer.json()["id"] != CIRCUIT_ID
    assert answer.json()["id"].startswith("cat-")
    assert answer.json()["name"] == "Theirs"


def test_the_folder_of_a_trace_can_be_imported_without_a_bundle(client: TestClient, bundle: bytes) -> None:
    plain = _changed(bundle, explorer_dot_json=None)
    answer = _upload(client, plain, name=HOSTILE[0])
    assert (answer.status_code, answer.json()["name"]) == (202, HOSTILE[0])


def test_invalid_bundles_are_refused(
    client: TestClient, app: FastAPI, database: Database, announcer: RecordingAnnouncer, bundle: bytes
) -> None:
    home: Path = app.state.services.settings.home
    before = sorted(home.rglob("*"))
    facts = {"format": "neurflow-bundle", "version": 1, "id": "cat-00000", "name": "Cats"}
    wrong: dict[str, bytes] = {
        "not a zip": b"hello",
        "no circuit.json": _changed(bundle, circuit_dot_json=None),
        "'run.sh'": _changed(bundle, run_dot_sh=b"#!"),
        "'../circuit.json'": _changed(bundle, _dot__dot__in_circuit_dot_json=b"{}"),
        "newer": _changed(bundle, explorer_dot_json=json.dumps(facts | {"version": 2}).encode()),
        "id": _changed(bundle, explorer_dot_json=json.dumps(facts | {"id": "../cat"}).encode()),
        "name": _changed(bundle, explorer_dot_json=json.dumps(facts | {"name": "x" * 201}).encode()),
        "damaged": bundle[:-200] + bytes(100) + bundle[-100:],
    }
    for said, data in wrong.items():
        answer = _upload(client, data)
        assert answer.status_code == 422, (said, answer.text)
        assert said in answer.json()["detail"]
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Circuit)) == 0
    assert announcer.announced == []
    assert [path for path in sorted(home.rglob("*")) if path not in before and path.is_file()] == []


def test_a_damaged_bundle_is_refused_with_a_reason(client: TestClient, bundle: bytes) -> None:
    assert _upload(client, bundle[1:]).status_code == 422
    found = Counter(_upload(client, data).status_code for _, data in mutated(bundle, 5, 12))
    assert found.keys() <= {200, 202, 413, 422}
    assert found[422] > 100
