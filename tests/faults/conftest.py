"""The two ways to run the service: on files alone, and on PostgreSQL and Redis."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest

from neurflow_store.installation.settings import Settings
from tests.faults.service import HASTY, Service, running


@pytest.fixture(params=["files", "servers"])
def service(request: pytest.FixtureRequest, make_settings: Callable[..., Settings]) -> Iterator[Service]:
    """A service with the demo registered, on each kind of store in turn."""
    if request.param == "files":
        urls = {"database_url": request.getfixturevalue("sqlite_url")}
    else:
        urls = {name: request.getfixturevalue(f) for name, f in _SERVERS.items()}
    settings = make_settings(**urls, **HASTY)
    with running(settings, environment(settings)) as service:
        service.register()
        yield service


_SERVERS = {"database_url": "postgresql_url", "broker_url": "redis_url"}


def environment(settings: Settings) -> dict[str, str]:
    """Return the announcer for ``settings``."""
    names = ("home", "database_url", *(() if settings.embedded else ("broker_url",)), *HASTY)
    return {f"NEURFLOW_{name.upper()}": str(getattr(settings, name)) for name in names} | {
        "NEURFLOW_THREADS": "1",
        "PATH": os.environ["PATH"],
    }
