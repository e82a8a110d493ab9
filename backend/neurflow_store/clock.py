"""The clock behind the timestamps of rows."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """Return the current time in UTC. Leases compare clocks across machines: keep those within a second or two."""
    return datetime.now(UTC)
