"""Stored files over HTTP."""

from __future__ import annotations

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from neurflow_store.artifacts import ArtifactStore
from neurflow_store.installation.database import Database
from neurflow_store.repositories import artifacts
from tests.store.rows import digest

API = "/api/v1/artifacts"


@pytest.fixture
def store(client: TestClient, app: FastAPI) -> ArtifactStore:
    return app.state.services.store  # type: ignore[no-any-return]


def _put(database: Database, store: ArtifactStore, data: bytes, media_type: str = "image/webp") -> str:
    stored = store.put(data)
    with database.writing() as session:
        artifacts.record(session, stored, media_type, len(data))
    return stored.removeprefix("sha256:")


@pytest.mark.parametrize("size", [0, 1, 3 * 1024 * 1024])
def test_a_file_can_be_cached_forever(client: TestClient, database: Database, store: ArtifactStore, size: int) -> None:
    data = b"x" * size
    digits = _put(database, store, data)
    answer = client.get(f"{API}/{digits}")
    assert (answer.status_code, answer.content) == (200, data)
    headers = answer.headers
    assert headers["content-type"] == "image/webp"
    assert headers["content-length"] == str(size)
    assert headers["cache-control"] == "private, max-age=31536000, immutable"
    assert headers["etag"] == f'"{digits}"'
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-disposition"] == f'inline; filename="{digits[:16]}.webp"'
    head = client.head(f"{API}/{digits}")
    assert (head.status_code, head.content) == (200, b"")
    assert {name: value for name, value in head.headers.items() if name != "x-request-id"} == {
        name: value for name, value in headers.items() if name != "x-request-id"
    }


def test_a_cached_file_is_not_sent_again(client: TestClient, database: Database, store: ArtifactStore) -> None:
    digits = _put(database, store, b"picture")
    for tags in (f'"{digits}"', f'W/"{digits}"', f'"other", "{digits}"', "*"):
        answer = client.get(f"{API}/{digits}", headers={"If-None-Match": tags})
        assert (answer.status_code, answer.content) == (304, b""), tags
        assert answer.headers["etag"] == f'"{digits}"'
    assert client.get(f"{API}/{digits}", headers={"If-None-Match": '"other"'}).content == b"picture"


def test_uploads_are_not_served(client: TestClient, database: Database, store: ArtifactStore) -> None:
    for data, kind in ((b"weights", "application/octet-stream"), (b"zip", "application/zip"), (b"<p>", "text/html")):
        digits = _put(database, store, data, kind)
        assert client.get(f"{API}/{digits}").status_code == 404
        assert client.head(f"{API}/{digits}").status_code == 404


def test_missing_and_invalid_digests_are_not_found(
    client: TestClient, database: Database, store: ArtifactStore
) -> None:
    digits = _put(database, store, b"picture")
    for wrong in ("x", digits[:-1], digits + "0", digits.upper(), "g" * 64, digest("other")[7:], "%00" * 64, "é" * 64):
        answer = client.get(f"{API}/{wrong}")
        assert answer.status_code == 404, wrong
        assert answer.headers["content-type"] == "application/problem+json"
    for path in ("..%2f..%2fetc%2fpasswd", "../../etc/passwd", f"sha256:{digits}", "a" * 300):
        assert client.get(f"{API}/{path}").status_code in (404, 422)
    store.delete(f"sha256:{digits}")
    assert client.get(f"{API}/{digits}").status_code == 404
