"""Uploaded networks and data sets. A refused upload leaves nothing behind."""

from __future__ import annotations

import errno
import gc
import io
import json
import os
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import PIL.Image
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from neurflow_server.app import create_app
from neurflow_store.installation.database import Database
from neurflow_store.installation.settings import Settings
from neurflow_store.tables import Artifact, Dataset, Network
from tests.server.conftest import ADDRESS
from tests.server.texts import NOT_A_NAME
from tests.services.fixtures import RecordingAnnouncer

API = "/api/v1/uploads"


@pytest.fixture
def uploading(
    make_settings: Callable[..., Settings], database_url: str, announcer: RecordingAnnouncer
) -> Iterator[TestClient]:
    """An application that accepts 200,000 bytes, 300,000 unpacked."""
    settings = make_settings(
        database_url=database_url, max_upload_bytes=200_000, max_archive_bytes=300_000, max_archive_files=20
    )
    with TestClient(create_app(settings, announcer), base_url=ADDRESS) as opened:
        yield opened


def _left(client: TestClient, database: Database, announcer: RecordingAnnouncer) -> Any:
    """Return what uploads left: files in the data folder except the queue, rows, announced jobs."""
    assert isinstance(client.app, FastAPI)
    home: Path = client.app.state.services.settings.home
    files = [path for path in home.rglob("*") if path.is_file() and "broker" not in path.parts]
    with database.reading() as session:
        found = [session.scalar(select(func.count()).select_from(table)) for table in (Artifact, Network, Dataset)]
    return files, found, announcer.announced


NOTHING: Any = ([], [0, 0, 0], [])


def safetensors(**tensors: int) -> bytes:
    """Return a safetensors file of float tensors with these numbers of values."""
    header, end = {}, 0
    for name, count in tensors.items():
        header[name] = {"dtype": "F32", "shape": [count], "data_offsets": [end, end + 4 * count]}
        end += 4 * count
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + bytes(end)


def png(colour: int = 0) -> bytes:
    data = io.BytesIO()
    PIL.Image.new("RGB", (8, 8), (colour, 0, 0)).save(data, "PNG")
    return data.getvalue()


def zipped(files: Mapping[str, bytes]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return data.getvalue()


def tarred(files: Mapping[str, bytes], *links: tuple[str, str]) -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
        for name, target in links:
            member = tarfile.TarInfo(name)
            member.type, member.linkname = tarfile.SYMTYPE, target
            archive.addfile(member)
    return data.getvalue()


PHOTOS = {"cat/1.png": png(1), "cat/2.png": png(2), "dog/1.png": png(3)}


def _upload(client: TestClient, what: str, data: bytes, /, file_name: str = "file.bin", **fields: str) -> Any:
    return client.post(f"{API}/{what}", files={"file": (file_name, data)}, data=fields)


def test_uploaded_weights_make_a_network(uploading: TestClient, announcer: RecordingAnnouncer) -> None:
    weights = safetensors(conv=10, fc=20)
    fields = {"spec": "torchvision/resnet18", "name": "Ours", "classes": "cat\r\ndog\n\n", "input_size": "64"}
    first = _upload(uploading, "networks", weights, **fields)
    second = _upload(uploading, "networks", weights, "other name", **fields)
    assert (first.status_code, second.status_code) == (201, 200), first.text
    assert first.json() == second.json()
    network = first.json()
    assert network | {"name": "Ours", "uploaded": True, "state": "queued"} == network
    assert uploading.get(first.headers["location"]).json() == network
    assert [job_id for _, job_id in announcer.announced] == [network["job"]["id"]]


def test_uploaded_weights_are_not_served(uploading: TestClient, database: Database) -> None:
    _upload(uploading, "networks", safetensors(fc=20), spec="demo/photos")
    with database.reading() as session:
        stored = session.scalars(select(Artifact)).one()
    assert (stored.size, stored.media_type) == (len(safetensors(fc=20)), "application/octet-stream")
    assert uploading.get(f"/api/v1/artifacts/{stored.digest[7:]}").status_code == 404


def test_invalid_weights_are_refused(uploading: TestClient, database: Database, announcer: RecordingAnnouncer) -> None:
    sound = safetensors(fc=20)
    wrong: list[tuple[bytes, dict[str, str], int]] = [
        (b"", {}, 415),
        (b"\x80\x04\x95pickle", {}, 415),
        (sound[:-1], {}, 422),
        (sound + b"x", {}, 422),
        (safetensors(), {}, 422),
        (sound, {"spec": ""}, 422),
        (sound, {"spec": "nets.py:make"}, 422),
        (sound, {"classes": "c" * 301}, 422),
        (sound, {"input_size": "0"}, 422),
        (sound, {"options": "{}"}, 422),
        *((sound, {"name": name}, 422) for name in NOT_A_NAME[2:-1]),
    ]
    for data, fields, status in wrong:
        answer = _upload(uploading, "networks", data, **({"spec": "demo/photos"} | fields))
        assert answer.status_code == status, (data[:20], fields, answer.text)
        assert answer.headers["content-type"] == "application/problem+json"
    assert _left(uploading, database, announcer) == NOTHING


@pytest.mark.parametrize("packed", [zipped(PHOTOS), tarred(PHOTOS)], ids=["zip", "tar.gz"])
def test_an_uploaded_archive_makes_a_data_set(
    uploading: TestClient, announcer: RecordingAnnouncer, packed: bytes
) -> None:
    first, second = (_upload(uploading, "datasets", packed, file, name="Pets") for file in ("a.zip", "../b.tgz"))
    assert (first.status_code, second.status_code) == (201, 200), first.text
    dataset = first.json()
    assert dataset | {"name": "Pets", "spec": "upload/pets", "uploaded": True, "state": "queued"} == dataset
    assert second.json() == dataset
    assert len(announcer.announced) == 1


def test_invalid_archives_are_refused(uploading: TestClient, database: Database, announcer: RecordingAnnouncer) -> None:
    wrong: list[tuple[bytes, int, str]] = [
        (b"", 415, ""),
        (b"hello", 415, ""),
        (zipped({}), 422, "no image"),
        (zipped({"cat.png": png()}), 422, "class"),
        (zipped({"../cat/1.png": png()}), 422, "'../cat/1.png'"),
        (zipped({"/cat/1.png": png()}), 422, "'/cat/1.png'"),
        (zipped(PHOTOS | {"cat/more.zip": zipped(PHOTOS)}), 422, "'cat/more.zip'"),
        (zipped(PHOTOS | {"cat/run.sh": b"#!"}), 422, "'cat/run.sh'"),
        (zipped(PHOTOS | {"cat/3.png": b"<svg>"}), 422, "'cat/3.png'"),
        (zipped({f"cat/{n}.png": png() for n in range(21)}), 413, "20 files"),
        (zipped({"cat/1.png": png() + bytes(400_000)}), 413, "300,000 bytes"),
        (tarred(PHOTOS, ("cat/3.png", "/etc/passwd")), 422, "'cat/3.png'"),
        (zipped(PHOTOS)[:-30], 422, ""),
    ]
    for data, status, said in wrong:
        answer = _upload(uploading, "datasets", data)
        assert answer.status_code == status, (said, answer.text)
        assert said in answer.json()["detail"]
    assert _left(uploading, database, announcer) == NOTHING


@pytest.fixture
def half_parts() -> Iterator[None]:
    """The framework leaves an incomplete part, in memory or in an unnamed file, to the garbage collector."""
    yield
    gc.collect()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.usefixtures("half_parts")
def test_an_upload_that_is_too_large_is_not_read(
    uploading: TestClient, database: Database, announcer: RecordingAnnouncer
) -> None:
    for what, fields in (("networks", {"spec": "demo/photos"}), ("datasets", {}), ("circuits", {})):
        answer = _upload(uploading, what, bytes(200_001), **fields)
        assert answer.status_code == 413
        assert "200000" in answer.json()["detail"]

    def endless() -> Iterator[bytes]:
        yield b"--x\r\nContent-Disposition: form-data; name=file; filename=a.zip\r\n\r\n"
        for _ in range(1000):
            yield bytes(1000)

    # Without a declared length.
    headers = {"content-type": "multipart/form-data; boundary=x"}
    assert uploading.post(f"{API}/datasets", content=endless(), headers=headers).status_code == 413
    assert _left(uploading, database, announcer) == NOTHING


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.usefixtures("half_parts")
def test_an_invalid_form_is_refused(uploading: TestClient, database: Database, announcer: RecordingAnnouncer) -> None:
    multipart = {"content-type": "multipart/form-data; boundary=x"}
    part = b"--x\r\nContent-Disposition: form-data; name="
    asked: list[dict[str, Any]] = [
        {"json": {"file": "x"}},
        {"data": {"file": "x"}},
        {"files": {"other": ("a.zip", b"x")}},
        {"content": b"no parts", "headers": multipart},
        {"content": part + b"file\r\n\r\nx\r\n--x--\r\n", "headers": multipart},
        {"content": part + b"file; filename=a.zip\r\n\r\n", "headers": multipart},
        {"content": b"x", "headers": {"content-type": "multipart/form-data"}},
        {},
    ]
    for what in ("networks", "datasets", "circuits"):
        for request in asked:
            answer = uploading.post(f"{API}/{what}", **request)
            assert answer.status_code in (400, 415, 422), (what, request, answer.text)
            assert answer.headers["content-type"] == "application/problem+json"
    assert _left(uploading, database, announcer) == NOTHING


def test_a_full_disk_is_reported(
    uploading: TestClient, database: Database, announcer: RecordingAnnouncer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("neurflow_server.services.uploads.shutil.copyfileobj", full)
    answer = _upload(uploading, "datasets", zipped(PHOTOS))
    assert answer.status_code in (500, 503, 507)
    assert "full" in answer.json()["detail"]
    assert _left(uploading, database, announcer) == NOTHING


@pytest.mark.parametrize(("fault", "status"), [(errno.ENOSPC, 507), (errno.EDQUOT, 507), (errno.EIO, 503)])
def test_a_disk_error_during_an_upload_is_reported(
    uploading: TestClient,
    database: Database,
    announcer: RecordingAnnouncer,
    monkeypatch: pytest.MonkeyPatch,
    fault: int,
    status: int,
) -> None:
    def refuse(*_: object) -> int:
        raise OSError(fault, os.strerror(fault))

    monkeypatch.setattr(tempfile.SpooledTemporaryFile, "write", refuse)
    answer = _upload(uploading, "datasets", zipped(PHOTOS))
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"].startswith(tempfile.gettempdir())
    assert _left(uploading, database, announcer) == NOTHING
