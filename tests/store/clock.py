"""A clock that tests move, in place of the database's, by which jobs are stamped."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from neurflow_store.jobs import lease, queue, sweep


class Clock:
    """Tells the time that it was set to."""

    def __init__(self) -> None:
        self.time = datetime(2026, 1, 1, 12, tzinfo=UTC)

    def __call__(self, session: Session) -> datetime:
        return self.time

    def advance(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


def put_in(patch: pytest.MonkeyPatch) -> Clock:
    """A clock that all of a job's life goes by."""
    clock = Clock()
    for module in (queue, lease, sweep):
        patch.setattr(module, "database_now", clock)
    return clock
