"""Readiness checks: each thing that the service needs, with a short timeout."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from sqlalchemy.exc import SQLAlchemyError

from neurflow_server.metrics import ALIVE_SECONDS
from neurflow_store.clock import database_now
from neurflow_store.errors import SchemaError
from neurflow_store.installation.database import Database
from neurflow_store.installation.events import redis_address
from neurflow_store.installation.settings import Settings
from neurflow_store.repositories.metrics import workers_seen
from neurflow_store.tables import Queue
from neurflow_store.upkeep.migrate import check_schema

_PATIENCE_SECONDS: Final = 1.0
Finding = tuple[bool, str]
"""Whether a check passed, and a line about it."""


@dataclass(frozen=True)
class Check:
    """A check of one thing that the service needs: ``ok`` and a line about it."""

    name: str
    ok: bool
    detail: str


def check_all(settings: Settings, database: Database) -> list[Check]:
    """Check the database and its tables, the broker, and that each queue has a live worker."""
    checks = [_checked("database", lambda: _database(database)), _checked("broker", lambda: _broker(settings))]
    if not checks[0].ok:
        return checks + [Check(f"worker: {queue}", False, "unknown without the database") for queue in Queue]
    with database.reading() as session:
        since = database_now(session) - timedelta(seconds=max(ALIVE_SECONDS, 3 * settings.heartbeat_seconds))
        alive = workers_seen(session, since)
    return checks + [_worker(queue, alive[queue]) for queue in Queue]


def _checked(name: str, look: Callable[[], Finding]) -> Check:
    try:
        ok, detail = look()
    except (SchemaError, SQLAlchemyError, OSError) as error:
        ok, detail = False, str(error).partition("\n")[0]
    return Check(name, ok, detail)


def _database(database: Database) -> Finding:
    check_schema(database)
    return True, "up, with the tables of this version"


def _broker(settings: Settings) -> Finding:
    if settings.embedded:
        folder = settings.home / "broker" / "messages"
        folder.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=".check-", dir=folder.parent)
        os.close(descriptor)
        os.unlink(name)
        return True, "messages can be written"
    import redis

    address = redis_address(settings.broker_url)
    client: Any = redis.Redis.from_url(
        address, socket_connect_timeout=_PATIENCE_SECONDS, socket_timeout=_PATIENCE_SECONDS
    )
    try:
        client.ping()
    except redis.RedisError as error:
        return False, f"Redis does not answer: {error}"
    finally:
        client.close()
    return True, "answers"


def _worker(queue: Queue, count: int) -> Check:
    if count:
        return Check(f"worker: {queue}", True, f"{count} alive")
    return Check(f"worker: {queue}", False, f"none alive: start `neurflow worker --queue {queue}`")
