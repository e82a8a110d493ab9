"""Exports of a stored circuit in each form, on both databases."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest
from sqlalchemy import update

from neurflow.result.circuit_json import encode
from neurflow.result.file_format import validate_folder
from neurflow_store.artifacts import ArtifactStore, artifact_store
from neurflow_store.errors import Conflict, NotFound
from neurflow_store.exports import bundle
from neurflow_store.exports.stored import ExportFile, Form, bundle_files, export
from neurflow_store.installation.database import Database
from neurflow_store.installation.settings import Settings
from neurflow_store.tables import CircuitImage, Exemplar
from tests.engine.circuits import CIRCUIT
from tests.store.stored_circuit import CIRCUIT_ID, NAME, store_circuit


@pytest.fixture
def store(settings: Settings) -> ArtifactStore:
    return artifact_store(settings)


def taken_out(database: Database, store: ArtifactStore, form: Form, id: str = CIRCUIT_ID) -> ExportFile:
    with database.reading() as session:
        return export(session, store, id, form)


@pytest.mark.parametrize(
    ("form", "name", "media_type"),
    [
        (Form.JSON, "cat-7k2m9.json", "application/json"),
        (Form.ZIP, "cat-7k2m9.zip", "application/zip"),
        (Form.GRAPHML, "cat-7k2m9.graphml", "application/graphml+xml"),
        (Form.CSV, "cat-7k2m9-tables.zip", "application/zip"),
        (Form.ATTRIBUTION_GRAPH, "cat-7k2m9-attribution-graph.json", "application/json"),
    ],
)
def test_each_form_has_a_name_a_type_and_a_size(
    database: Database, store: ArtifactStore, form: Form, name: str, media_type: str
) -> None:
    store_circuit(database, store)
    file = taken_out(database, store, form)
    assert (file.name, file.media_type) == (name, media_type)
    data = file.read()
    assert len(data) == file.size
    assert file.stream.closed
    assert taken_out(database, store, form).read() == data


def test_json_is_what_the_engine_wrote(database: Database, store: ArtifactStore) -> None:
    store_circuit(database, store)
    assert taken_out(database, store, Form.JSON).read() == encode(CIRCUIT)


def test_the_engine_reads_the_circuit_of_a_bundle(database: Database, store: ArtifactStore, tmp_path: Path) -> None:
    store_circuit(database, store)
    archive = tmp_path / "cat.zip"
    archive.write_bytes(taken_out(database, store, Form.ZIP).read())
    info = bundle.read_bundle(archive, tmp_path / "out")
    assert validate_folder(info.folder) == CIRCUIT
    assert (info.id, info.name) == (CIRCUIT_ID, NAME)
    assert list(info.images) == [0, 1]


def test_tables_and_graph_are_of_this_circuit(database: Database, store: ArtifactStore) -> None:
    store_circuit(database, store)
    with zipfile.ZipFile(io.BytesIO(taken_out(database, store, Form.CSV).read())) as archive:
        assert len(archive.namelist()) == 5
        assert archive.read("groups.csv").count(b"\r\n") == 1 + len(CIRCUIT.groups)
    graph = json.loads(taken_out(database, store, Form.ATTRIBUTION_GRAPH).read())
    assert graph["metadata"]["slug"] == CIRCUIT_ID
    assert graph["metadata"]["info"]["description"].startswith(NAME)


def test_images_without_a_picture_are_left_out(database: Database, store: ArtifactStore) -> None:
    store_circuit(database, store)
    with database.writing() as session:
        session.execute(update(CircuitImage).where(CircuitImage.position == 0).values(picture=None))
    with database.reading() as session:
        names = [name for name, _ in bundle_files(session, store, CIRCUIT_ID)]
    assert "images/000000.webp" not in names and "images/000001.webp" in names


@pytest.mark.parametrize("form", Form)
def test_a_circuit_without_a_result_cannot_be_exported(database: Database, store: ArtifactStore, form: Form) -> None:
    with pytest.raises(NotFound, match="no circuit 'dog-00000'"):
        taken_out(database, store, form, "dog-00000")
    store_circuit(database, store, None)
    with pytest.raises(Conflict, match="'cat-7k2m9' has no result yet"):
        taken_out(database, store, form)


def test_a_missing_picture_is_reported_before_anything_is_sent(database: Database, store: ArtifactStore) -> None:
    store_circuit(database, store)
    with database.writing() as session:
        session.execute(update(Exemplar).values(picture=f"sha256:{'0' * 64}"))
    with pytest.raises(NotFound, match="0{64}"):
        taken_out(database, store, Form.ZIP)
