"""Imported circuits, on both databases."""

from __future__ import annotations

import dataclasses
import io
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import PIL.Image
import pytest

from neurflow.result.circuit import Circuit, Group, ImageInfo
from neurflow.result.circuit_json import encode
from neurflow.result.file_format import picture_bytes
from neurflow_store import tables
from neurflow_store.asking.requests import request_import
from neurflow_store.exports.bundle import bundle_files, write_zip
from neurflow_store.repositories import artifacts
from neurflow_store.tables import JobState
from neurflow_worker.runner import Runner
from neurflow_worker.running.context import WorkerContext
from tests.engine.circuits import CIRCUIT, pictures_of
from tests.services.fixtures import RecordingAnnouncer
from tests.worker.workplace import circuit_of, everything, files_in, job_of

Import = Callable[..., tables.Circuit]


@pytest.fixture
def imported(worker: WorkerContext, announcer: RecordingAnnouncer) -> Import:
    """Import a bundle."""

    def take_in(
        file: bytes = encode(CIRCUIT),
        pictures: Mapping[str, bytes] | None = None,
        images: Mapping[int, bytes] | None = None,
        label: tuple[str, str] = ("cat-7k2m9", "Cats"),
        **asked: Any,
    ) -> tables.Circuit:
        drawn = {name: picture_bytes(picture) for name, picture in pictures_of(CIRCUIT).items()}
        archive = io.BytesIO()
        write_zip(archive, bundle_files(file, drawn | dict(pictures or {}), images or {}, *label))
        with worker.database.writing() as session:
            digest = worker.store.put(archive.getvalue())
            artifacts.record(session, digest, "application/zip", len(archive.getvalue()))
            circuit = request_import(session, announcer, archive=digest, id=label[0], **asked)
        Runner(worker).run(circuit.job_id)
        return circuit_of(worker.database, circuit.id)

    return take_in


def problem_of(worker: WorkerContext, circuit: tables.Circuit) -> str:
    job = job_of(worker.database, circuit.job_id)
    assert job.state is JobState.FAILED
    assert job.problem is not None
    assert job.problem["type"] == "bad-upload"
    assert circuit.computed_at is None
    assert files_in(worker.settings.work) == []
    assert str(worker.settings.home) not in str(job.problem)
    return str(job.problem["detail"])


def test_a_bundle_becomes_a_circuit(worker: WorkerContext, imported: Import) -> None:
    images = {1: picture_bytes(PIL.Image.new("RGB", (32, 32), "red"))}
    circuit = imported(images=images)
    assert job_of(worker.database, circuit.job_id).problem is None
    assert (circuit.id, circuit.name, circuit.class_name) == ("cat-7k2m9", "Cats", "cat")
    assert circuit.parameters["tau"] == CIRCUIT.parameters.tau
    assert circuit.result is not None
    assert circuit.result["parameters"] == circuit.parameters
    assert (circuit.group_count, circuit.edge_count) == (len(CIRCUIT.groups), len(CIRCUIT.edges))
    assert circuit.file is not None
    with worker.store.open(circuit.file) as stream:
        assert stream.read() == encode(CIRCUIT)
    with worker.database.reading() as session:
        known = [row.picture for row in session.query(tables.CircuitImage).order_by(tables.CircuitImage.position)]
        assert known[0] is None
        assert known[1] is not None
        with worker.store.open(known[1]) as stream:
            assert stream.read() == images[1]
        for row in session.query(tables.Exemplar):
            file = CIRCUIT.groups[[group.id for group in CIRCUIT.groups].index(row.group_id)].exemplars[row.rank].file
            with worker.store.open(row.picture) as stream:
                assert stream.read() == picture_bytes(pictures_of(CIRCUIT)[file])
    assert files_in(worker.settings.work) == []


def test_links_patches_and_heat_maps_are_imported(worker: WorkerContext, imported: Import) -> None:
    imported()
    with worker.database.reading() as session:
        edges = {(row.source, row.target): row for row in session.query(tables.Edge)}
        shown = {(row.group_id, row.rank): row.heat_map for row in session.query(tables.Exemplar)}
    for edge in CIRCUIT.edges:
        row = edges[edge.source, edge.target]
        assert row.links == (None if edge.links is None else [list(dataclasses.astuple(link)) for link in edge.links])
        expected = None if edge.patches is None else [[patch.patch, patch.weight] for patch in edge.patches]
        assert row.patches == expected
    assert edges["layer2/1", "fc/0"].links is None
    assert shown["layer1/0", 0] == {"width": 3, "height": 2, "highest": 1.5, "values": [255, 0, 170, 85, 0, 255]}
    assert shown["fc/0", 0] is None


def test_a_circuit_of_an_older_engine_without_them_is_imported(worker: WorkerContext, imported: Import) -> None:
    root = json.loads(encode(CIRCUIT))
    for edge in root["edges"]:
        del edge["links"], edge["patches"]
    for exemplar in (exemplar for group in root["groups"] for exemplar in group["exemplars"]):
        del exemplar["heat_map"]
    circuit = imported(json.dumps(root).encode())
    assert job_of(worker.database, circuit.job_id).problem is None
    with worker.database.reading() as session:
        assert all(row.links is None and row.patches is None for row in session.query(tables.Edge))
        assert all(row.heat_map is None for row in session.query(tables.Exemplar))


def test_a_requested_name_is_kept(imported: Import) -> None:
    assert imported(name="My cats").name == "My cats"


def test_the_same_circuit_gives_the_same_rows(worker: WorkerContext, imported: Import) -> None:
    first, second = imported(), imported(label=("cat-00000", "Others"))
    assert first.id != second.id
    assert everything(worker.database, first.id) == everything(worker.database, second.id)


def test_a_picture_with_metadata_is_encoded_again(worker: WorkerContext, imported: Import) -> None:
    (file, picture), *_ = sorted(pictures_of(CIRCUIT).items())
    stream = io.BytesIO()
    exif = PIL.Image.Exif()
    exif[0x010E] = "taken at home"
    picture.save(stream, "WEBP", lossless=True, exif=exif.tobytes())
    behind = picture_bytes(picture) + b"<script>alert(1)</script>"
    for hostile in (stream.getvalue(), behind):
        circuit = imported(pictures={file: hostile}, label=("x", "x"), name=str(len(hostile)))
        assert circuit.computed_at is not None
        with worker.database.reading() as session:
            stored = {row.picture for row in session.query(tables.Exemplar).filter_by(circuit_id=circuit.id)}
        for digest in stored:
            with worker.store.open(digest) as opened:
                data = opened.read()
            assert b"taken at home" not in data
            assert b"<script>" not in data


def test_a_traced_image_that_is_too_large_is_scaled_down(worker: WorkerContext, imported: Import) -> None:
    circuit = imported(images={0: picture_bytes(PIL.Image.new("RGB", (1024, 768)))})
    with worker.database.reading() as session:
        row = session.get_one(tables.CircuitImage, (circuit.id, 0))
    assert row.picture is not None
    with worker.store.open(row.picture) as stream, PIL.Image.open(stream) as picture:
        assert picture.size == (512, 384)


@pytest.mark.parametrize(
    ("broken", "expected"),
    [
        (b"{}", "circuit.json: format: None is not 'neurflow-circuit'"),
        (encode(CIRCUIT).replace(b'"cat"', b'"dog"', 1), "circuit.json: "),
    ],
    ids=["nothing", "wrong class"],
)
def test_an_invalid_circuit_is_refused_with_the_reason(
    worker: WorkerContext, imported: Import, broken: bytes, expected: str
) -> None:
    assert expected in problem_of(worker, imported(broken))


def test_a_file_that_is_not_a_picture_is_refused(worker: WorkerContext, imported: Import) -> None:
    (file, *_) = sorted(pictures_of(CIRCUIT))
    circuit = imported(pictures={file: b"RIFF\x10\0\0\0WEBPVP8 nothing."})
    assert file in problem_of(worker, circuit)


def _renamed(name: str) -> Circuit:
    """Return the circuit with another name for its first image."""
    image = dataclasses.replace(CIRCUIT.images[0], id=name)
    old = CIRCUIT.images[0].id

    def group(one: Group) -> Group:
        exemplars = (dataclasses.replace(e, image=name) if e.image == old else e for e in one.exemplars)
        return dataclasses.replace(one, exemplars=tuple(exemplars))

    images: tuple[ImageInfo, ...] = (image, *CIRCUIT.images[1:])
    return dataclasses.replace(CIRCUIT, images=images, groups=tuple(map(group, CIRCUIT.groups)))


@pytest.mark.parametrize(
    ("name", "expected"),
    [("x" * 1001, "is longer than 1000 characters"), ("cat\0.png", "contains a null character")],
    ids=["long", "zero"],
)
def test_text_that_the_tables_cannot_hold_is_refused(
    worker: WorkerContext, imported: Import, name: str, expected: str
) -> None:
    assert expected in problem_of(worker, imported(encode(_renamed(name))))


def test_a_number_that_the_tables_cannot_hold_is_refused(worker: WorkerContext, imported: Import) -> None:
    wide = dataclasses.replace(CIRCUIT.images[0], width=2**40)
    circuit = dataclasses.replace(CIRCUIT, images=(wide, *CIRCUIT.images[1:]))
    assert "circuit_images width 1099511627776 is above" in problem_of(worker, imported(encode(circuit)))


def test_a_missing_archive_fails_the_job(worker: WorkerContext, announcer: RecordingAnnouncer, tmp_path: Path) -> None:
    with worker.database.writing() as session:
        digest = worker.store.put(b"something")
        artifacts.record(session, digest, "application/zip", 9)
        circuit = request_import(session, announcer, archive=digest)
    worker.store.delete(digest)
    Runner(worker).run(circuit.job_id)
    problem = job_of(worker.database, circuit.job_id).problem
    assert problem is not None
    assert problem["type"] == "not-found"
