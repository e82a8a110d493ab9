"""The application on each kind of database, called in the test's own process."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
import structlog
from argon2 import PasswordHasher
from fastapi import FastAPI, routing
from fastapi.testclient import TestClient

from neurflow_server.app import create_app
from neurflow_server.auth import passwords
from neurflow_store.installation.settings import Settings
from tests.services.fixtures import RecordingAnnouncer

ADDRESS = "http://127.0.0.1:8000"
LONG_ON_POSTGRESQL = {
    *("test_access", "test_access_things", "test_accounts_api"),
    *("test_logins", "test_oidc", "test_tokens"),
}
"""These call every route as every user. ``tests/store/test_visibility`` tests the queries beneath on both databases."""

QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
_NOBODYS = QUICK.hash("of nobody")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run what takes minutes on the first database only; the rest is marked slow, for `make test-slow`."""
    for item in items:
        called = getattr(item, "callspec", None)
        if item.path.stem in LONG_ON_POSTGRESQL and called is not None and "postgresql" in called.id:
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session", autouse=True)
def _routes_once() -> Iterator[None]:
    """Work out the parameters of routes once for each process, not again for each of a thousand applications."""
    built: dict[Any, Any] = {}
    build = routing._build_dependant_with_parameterless_dependencies

    def remembered(*, path: str, call: Any, dependencies: Sequence[Any], **more: Any) -> Any:
        key = (path, call, tuple(dependencies), tuple(more.items()))
        if key not in built:
            built[key] = build(path=path, call=call, dependencies=dependencies, **more)
        return built[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(routing, "_build_dependant_with_parameterless_dependencies", remembered)
        yield


@pytest.fixture(autouse=True)
def _quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash passwords with argon2id in a millisecond. The real costs have a test of their own."""
    monkeypatch.setattr(passwords, "_hasher", lambda: QUICK)
    monkeypatch.setattr(passwords, "_dummy_hash", lambda: _NOBODYS)


@pytest.fixture(autouse=True)
def logged() -> Iterator[list[Any]]:
    """Return what is logged."""
    with structlog.testing.capture_logs([structlog.contextvars.merge_contextvars]) as entries:
        yield entries


@pytest.fixture
def app(settings: Settings, announcer: RecordingAnnouncer) -> FastAPI:
    """Return the application, on each kind of database in turn. ``announcer.announced`` holds its announcements."""
    return create_app(settings, announcer)


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    """Return a client of ``app``. Unexpected errors become responses, as they do for users."""
    with TestClient(app, base_url=ADDRESS) as opened:
        yield opened


@pytest.fixture
def sqlite_settings(make_settings: Callable[..., Settings], sqlite_url: str) -> Settings:
    """Return settings for SQLite, for tests that do not depend on the database."""
    return make_settings(database_url=sqlite_url)


@pytest.fixture
def sqlite_client(sqlite_settings: Settings, announcer: RecordingAnnouncer) -> Iterator[TestClient]:
    """Return a client of an empty application on SQLite."""
    with TestClient(create_app(sqlite_settings, announcer), base_url=ADDRESS) as opened:
        yield opened
