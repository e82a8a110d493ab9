"""Readiness checks: each thing that the service needs, with a short timeout."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.exc import SQLAlchemyError

from neurflow_server.metrics import ALIVE_SECONDS
from neurflow_store.clock import database_now, now
from neurflow_store.errors import SchemaError
from neurflow_store.installation.database import Database
from neurflow_store.installation.events import redis_address
from neurflow_store.installation.settings import MIB, Settings
from neurflow_store.tables import Queue, WorkerRow
from neurflow_store.upkeep import workers
from neurflow_store.upkeep.migrate import check_schema

_PATIENCE_SECONDS: Final = 1.0
_SWEEP_PATIENCE_SECONDS: Final = 60.0
_MOST_CLOCK_SECONDS: Final = 60.0
_LEAST_MIB: Final = 64
Finding = tuple[bool, str]
"""Whether a check passed, and a line about it."""


@dataclass(frozen=True)
class Check:
    """A check of one thing that the service needs: ``ok`` and a line about it."""

    name: str
    ok: bool
    detail: str


def check_all(settings: Settings, database: Database) -> list[Check]:
    """Check the database and its tables, the broker, the disk, the sweeper, the clocks, and each queue's workers."""
    checks = [
        _checked("database", lambda: _database(database)),
        _checked("broker", lambda: _broker(settings)),
        _checked("disk", lambda: _disk(settings)),
    ]
    if not checks[0].ok:
        names = [*(f"worker: {queue}" for queue in Queue), "versions", "sweeper", "clocks"]
        return checks + [Check(name, False, "unknown without the database") for name in names]
    with database.reading() as session:
        present = database_now(session)
        own = (now() - present).total_seconds()
        alive = workers.alive(session, max(ALIVE_SECONDS, 3 * settings.heartbeat_seconds))
        swept = workers.last_sweep(session)
    return [
        *checks,
        *(_worker(queue, sum(queue in row.queues for row in alive)) for queue in Queue),
        _versions(alive),
        _sweeper(settings, None if swept is None else (present - swept).total_seconds()),
        _clocks({"this server": own} | {row.id: row.clock_ahead for row in alive}),
    ]


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


def _disk(settings: Settings) -> Finding:
    free = shutil.disk_usage(settings.home).free // MIB
    return free >= _LEAST_MIB, f"{free:,} MiB free in {settings.home}" + (
        "" if free >= _LEAST_MIB else f": free space, at least {_LEAST_MIB} MiB are needed"
    )


def _versions(alive: Sequence[WorkerRow]) -> Check:
    other = [f"{row.id} runs {row.version or 'an older version'}" for row in alive if row.version != workers.VERSION]
    if other:
        return Check("versions", False, f"this server runs {workers.VERSION}, {', '.join(other)}: restart them")
    return Check("versions", True, f"all run {workers.VERSION}")


def _sweeper(settings: Settings, seconds: float | None) -> Check:
    if seconds is None:
        return Check("sweeper", False, "has never run: start `neurflow sweeper`")
    patience = max(_SWEEP_PATIENCE_SECONDS, 10 * settings.sweep_seconds)
    if seconds > patience:
        return Check("sweeper", False, f"last ran {seconds:.0f} s ago: start `neurflow sweeper`")
    return Check("sweeper", True, f"ran {max(seconds, 0):.0f} s ago")


def _clocks(ahead: Mapping[str, float]) -> Check:
    """Tell the largest difference of a clock from the database's. Jobs do without; timestamps of other rows do not."""
    name, most = max(ahead.items(), key=lambda entry: abs(entry[1]))
    detail = f"{name} is {abs(most):.1f} s {'ahead of' if most > 0 else 'behind'} the database"
    if abs(most) > _MOST_CLOCK_SECONDS:
        return Check("clocks", False, f"{detail}: set its clock, for example with NTP")
    return Check("clocks", True, detail)


def _worker(queue: Queue, count: int) -> Check:
    if count:
        return Check(f"worker: {queue}", True, f"{count} alive")
    return Check(f"worker: {queue}", False, f"none alive: start `neurflow worker --queue {queue}`")
