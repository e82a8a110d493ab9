"""The clocks behind the timestamps of rows.

Jobs, leases and heartbeats are stamped and compared by :func:`database_now` alone: a job would otherwise wait until the
clock of its worker has reached that of the web server. All other rows are stamped by the process that writes them.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

_SQLITE: Final = "%Y-%m-%d %H:%M:%f"


def now() -> datetime:
    """Return the current time of this machine in UTC."""
    return datetime.now(UTC)


def database_now(session: Session) -> datetime:
    """Return the current time of the database in UTC, whatever the clock of this process says.

    SQLite takes it from its machine, in milliseconds; PostgreSQL tells that of its server in microseconds, also within
    a transaction that began earlier.
    """
    if session.get_bind().dialect.name == "sqlite":
        told = session.execute(select(func.strftime(_SQLITE, "now"))).scalar_one()
        return datetime.fromisoformat(str(told)).replace(tzinfo=UTC)
    time: datetime = session.execute(select(func.clock_timestamp())).scalar_one()
    return time.astimezone(UTC)
