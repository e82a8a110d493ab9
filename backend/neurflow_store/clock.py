"""The time that rows are stamped with."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """The present in UTC. Leases compare clocks of several machines: keep them within a second or two of each other."""
    return datetime.now(UTC)
