"""Uploaded images: a refused one leaves nothing, and names do no harm."""

from __future__ import annotations

import gc
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from neurflow_server import security
from neurflow_server.app import create_app
from neurflow_store.installation.database import Database
from neurflow_store.installation.settings import MIB, Settings
from neurflow_store.tables import Analysis, AnalysisImage, Artifact, Job
from tests.server.conftest import ADDRESS
from tests.server.texts import NOT_A_NAME
from tests.services.fixtures import RecordingAnnouncer
from tests.store import lens_rows, rows
from tests.store.circuit_requests import count

UPLOADS = "/api/v1/uploads/analyses"
PNG = lens_rows.encoded("PNG")
MOST = 5000


@pytest.fixture
def uploading(
    make_settings: Callable[..., Settings], database: Database, announcer: RecordingAnnouncer
) -> Iterator[TestClient]:
    """An application that accepts images of up to 5000 bytes."""
    with database.writing() as session:
        rows.add_basis(session)
        rows.add_circuit(session)
    settings = make_settings(
        database_url=database.url.render_as_string(hide_password=False), max_image_bytes=MOST, max_upload_bytes=10 * MIB
    )
    with TestClient(create_app(settings, announcer), base_url=ADDRESS) as opened:
        yield opened


@pytest.fixture
def half_parts() -> Iterator[None]:
    """The framework leaves an incomplete part to the garbage collector."""
    yield
    gc.collect()


def upload(client: TestClient, data: bytes, file_name: str = "cat.png", **fields: str) -> Any:
    fields = {"circuit": "cat-00000"} | fields
    return client.post(f"{UPLOADS}?wait=0", files={"file": (file_name, data)}, data=fields)


def left(client: TestClient, database: Database, announcer: RecordingAnnouncer) -> Any:
    """Return what uploads left: rows, files in the data folder except the queue, announced jobs."""
    assert isinstance(client.app, FastAPI)
    home: Path = client.app.state.services.settings.home
    files = [path for path in home.rglob("*") if path.is_file() and "broker" not in path.parts]
    return [count(database, table) for table in (Analysis, AnalysisImage, Artifact)], files, announcer.announced


NOTHING: Any = ([0, 0, 0], [], [])


def test_files_that_are_not_images_are_refused(
    uploading: TestClient, database: Database, announcer: RecordingAnnouncer
) -> None:
    jobs = count(database, Job)
    wrong: list[tuple[bytes, int, str]] = [
        (b"", 422, "empty"),
        (b"hello", 415, "PNG"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", 415, "PNG"),
        (b"%PDF-1.7", 415, "PNG"),
        (b"\0" + PNG, 415, "PNG"),
        (PNG + bytes(MOST), 413, "5,000 bytes"),
    ]
    for data, status, said in wrong:
        answer = upload(uploading, data)
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), data[:9]
        assert said in answer.json()["detail"]
    for name in NOT_A_NAME[2:-1]:
        assert upload(uploading, PNG, name=name).status_code == 422
    assert left(uploading, database, announcer) == NOTHING
    assert count(database, Job) == jobs


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.usefixtures("half_parts")
def test_a_file_that_is_too_large_is_not_read(
    uploading: TestClient, database: Database, announcer: RecordingAnnouncer
) -> None:
    answer = upload(uploading, PNG + bytes(MOST + MIB))
    assert answer.status_code == 413
    assert str(MOST + MIB) in answer.json()["detail"]

    def endless() -> Iterator[bytes]:
        yield b"--x\r\nContent-Disposition: form-data; name=file; filename=a.png\r\n\r\n" + PNG
        for _ in range(100):
            yield bytes(MIB // 10)

    headers = {"content-type": "multipart/form-data; boundary=x"}
    assert uploading.post(UPLOADS, content=endless(), headers=headers).status_code == 413
    assert left(uploading, database, announcer) == NOTHING


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.usefixtures("half_parts")
def test_an_invalid_form_is_refused(uploading: TestClient, database: Database, announcer: RecordingAnnouncer) -> None:
    multipart = {"content-type": "multipart/form-data; boundary=x"}
    part = b"--x\r\nContent-Disposition: form-data; name="
    asked: list[dict[str, Any]] = [
        {"json": {"file": "x", "circuit": "cat-00000"}},
        {"data": {"file": "x", "circuit": "cat-00000"}},
        {"files": {"other": ("a.png", PNG)}, "data": {"circuit": "cat-00000"}},
        {"files": {"file": ("a.png", PNG)}},
        {"files": {"file": ("a.png", PNG)}, "data": {"circuit": "../etc"}},
        {"files": {"file": ("a.png", PNG)}, "data": {"circuit": "cat-00000", "more": "1"}},
        {"content": b"no parts", "headers": multipart},
        {"content": part + b"file\r\n\r\nx\r\n--x--\r\n", "headers": multipart},
        {"content": part + b"file; filename=a.png\r\n\r\n" + PNG, "headers": multipart},
        {},
    ]
    for request in asked:
        answer = uploading.post(f"{UPLOADS}?wait=0", **request)
        assert answer.status_code in (400, 415, 422), (request, answer.text)
        assert answer.headers["content-type"] == "application/problem+json"
    assert left(uploading, database, announcer) == NOTHING


@pytest.mark.parametrize(
    ("file_name", "shown"),
    [
        ("../../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("<script>alert(1)</script>.png", "script>.png"),
        ('"><img src=x onerror=alert(1)>.png', '"><img src=x onerror=alert(1)>.png'),
        ("%00.png", "%00.png"),
        ("=HYPERLINK(1).png", "=HYPERLINK(1).png"),
        ("x" * 3000 + ".png", "x" * 196 + ".png"),
    ],
)
def test_file_names_are_text(uploading: TestClient, database: Database, file_name: str, shown: str) -> None:
    answer = upload(uploading, PNG, file_name)
    assert answer.status_code == 202
    # A browser writes a quote as %22, and so does this client.
    assert answer.json()["name"].replace("%22", '"') == shown
    assert answer.headers["location"].rpartition("/")[2].replace("-", "").isalnum()


@pytest.mark.parametrize("wanted", ["Mine", ""])
def test_an_upload_can_have_a_name(uploading: TestClient, wanted: str) -> None:
    assert upload(uploading, PNG, name=wanted).json()["name"] == (wanted or "cat.png")


def test_an_upload_leaves_no_file_in_the_data_folder(
    uploading: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before = {*tmp_path.iterdir()}
    assert upload(uploading, PNG).status_code == 202
    assert upload(uploading, PNG + bytes(MIB)).status_code == 413
    assert {*tmp_path.iterdir()} == before


def test_the_size_limit_is_a_setting(sqlite_settings: Settings) -> None:
    most = sqlite_settings.max_image_bytes
    assert security.body_limit(UPLOADS, sqlite_settings) == most + security.JSON_LIMIT
    assert security.body_limit("/api/v1/uploads/datasets", sqlite_settings) == sqlite_settings.max_upload_bytes
    assert security.body_limit("/api/v1/analyses", sqlite_settings) == security.JSON_LIMIT
    assert most == 64 * MIB


def test_another_site_s_page_cannot_upload_an_image(uploading: TestClient, database: Database) -> None:
    headers = {"sec-fetch-site": "cross-site"}
    answer = uploading.post(UPLOADS, files={"file": ("a.png", PNG)}, data={"circuit": "cat-00000"}, headers=headers)
    assert answer.status_code == 403
    assert count(database, Analysis) == 0
