"""The application on each kind of database, asked in the test's own process."""

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
LONG_ON_POSTGRESQL = {"test_access", "test_accounts_api", "test_logins", "test_oidc", "test_tokens"}
"""They ask every route as everybody. What they rest on, ``tests/store/test_viewers`` asks of both databases."""

QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
_NOBODYS = QUICK.hash("of nobody")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leaves what takes minutes to `make test-slow`, but for the first database."""
    for item in items:
        called = getattr(item, "callspec", None)
        if item.path.stem in LONG_ON_POSTGRESQL and called is not None and "postgresql" in called.id:
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session", autouse=True)
def _routes_once() -> Iterator[None]:
    """FastAPI works out once a process what a route takes, not anew for each of a thousand applications."""
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
    """Passwords are hashed as argon2id hashes them, in a millisecond. What costs are set is tested by itself."""
    monkeypatch.setattr(passwords, "_hasher", lambda: QUICK)
    monkeypatch.setattr(passwords, "_dummy_hash", lambda: _NOBODYS)


@pytest.fixture(autouse=True)
def logged() -> Iterator[list[Any]]:
    """What was logged."""
    with structlog.testing.capture_logs([structlog.contextvars.merge_contextvars]) as entries:
        yield entries


@pytest.fixture
def app(settings: Settings, announcer: RecordingAnnouncer) -> FastAPI:
    """The application on each kind of database in turn. What it announces is in ``announcer.announced``."""
    return create_app(settings, announcer)


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    """Asks ``app``. Errors that nobody foresaw are answers, as they are to the world."""
    with TestClient(app, base_url=ADDRESS) as opened:
        yield opened


@pytest.fixture
def sqlite_settings(make_settings: Callable[..., Settings], sqlite_url: str) -> Settings:
    """Settings on SQLite alone, for what has nothing to do with the database."""
    return make_settings(database_url=sqlite_url)


@pytest.fixture
def sqlite_client(sqlite_settings: Settings, announcer: RecordingAnnouncer) -> Iterator[TestClient]:
    """Asks an empty application on SQLite."""
    with TestClient(create_app(sqlite_settings, announcer), base_url=ADDRESS) as opened:
        yield opened
