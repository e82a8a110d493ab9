"""A clock that tests set, in place of the database's, with which jobs are stamped."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from neurflow_store.jobs import lease, queue, sweep


class Clock:
    """Returns the time to which it was set."""

    def __init__(self) -> None:
        self.time = datetime(2026, 1, 1, 12, tzinfo=UTC)

    def __call__(self, session: Session) -> datetime:
        return self.time

    def advance(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


def put_in(patch: pytest.MonkeyPatch) -> Clock:
    """Replace the clock that everything about jobs uses."""
    clock = Clock()
    for module in (queue, lease, sweep):
        patch.setattr(module, "database_now", clock)
    return clock
