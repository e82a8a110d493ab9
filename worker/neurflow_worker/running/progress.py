"""The engine's progress callback: writes progress to the job's row and stops the engine on request.

Writes are throttled to one per ``progress_seconds``; the start of a stage is always written. While the database is
unreachable, reports are lost, but the work continues.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import Any

import structlog

from neurflow_store.errors import LeaseLost
from neurflow_store.installation.database import Database
from neurflow_store.installation.database_errors import DATABASE_AWAY, explained
from neurflow_store.installation.events import Publisher
from neurflow_store.jobs import lease
from neurflow_store.jobs.lease import ProgressReport
from neurflow_worker.running.interrupt import Interrupter
from neurflow_worker.running.plan import Plan, Stage
from neurflow_worker.running.watch import StopReason, Watch

_log = structlog.stdlib.get_logger(__name__)


class Progress:
    """A :class:`neurflow.progress.Progress` that reports the progress of one job.

    Args:
        database: database of the job.
        watch: the job's watch.
        publisher: notified after each write.
        interrupter: armed between two calls if the stage is interruptible.
        every: minimum seconds between two writes.
        finished: stages that an earlier attempt finished.
    """

    def __init__(
        self,
        database: Database,
        watch: Watch,
        publisher: Publisher,
        interrupter: Interrupter,
        every: float,
        finished: Iterable[Mapping[str, Any]] = (),
    ) -> None:
        self._database, self._watch, self._publisher = database, watch, publisher
        self._interrupter, self._every = interrupter, every
        self._finished = {str(stage["stage"]): dict(stage) for stage in finished}
        self._before = frozenset(self._finished)
        self._plan = Plan([])
        self._stage: Stage | None = None
        self._name = ""
        self._began = self._written = 0.0
        self._done = self._total = 0
        self._kept = False

    def follow(self, stages: Iterable[Stage]) -> None:
        """Set the stages once they are known; call it once, before the first report."""
        self._plan = Plan(list(stages))

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Report a piece of work.

        Raises:
            Cancelled: the work must stop.
        """
        self._interrupter.disarm()
        self._watch.check()
        now = time.monotonic()
        fresh = self._stage is None or stage != self._name
        if fresh:
            self._end_stage(now)
            self._stage, self._name, self._began = self._plan.begin(stage, total), stage, now
        self._done, self._total = done, total
        self._plan.advance(done / total if total else 1.0, now - self._began)
        if fresh or now >= self._written + self._every:
            self._write(stage)
            self._watch.check()
        if self._stage is not None and self._stage.interruptible:
            self._interrupter.arm()

    def keep(self) -> None:
        """Record that something was saved from which another worker can resume; written with the next report.

        If an earlier attempt saved the same, as on a disk that was lost, the job has not advanced.
        """
        self._kept = self._kept or self._name not in self._before

    def finish(self) -> list[dict[str, Any]]:
        """End the last stage and return all stages for the job's row.

        Raises:
            Cancelled: the work must stop.
        """
        self._interrupter.disarm()
        self._end_stage(time.monotonic())
        self._stage = None
        self._watch.check()
        return list(self._finished.values())

    def _end_stage(self, now: float) -> None:
        if self._stage is None:
            return
        # Removed first, so that stages are in the order in which they ended.
        self._finished.pop(self._name, None)
        seconds = round(now - self._began, 3)
        self._finished[self._name] = {"stage": self._name, "items": self._total, "seconds": seconds}

    def _write(self, stage: str) -> None:
        remaining = self._plan.remaining_seconds
        progress = ProgressReport(
            stage=stage,
            done=self._done,
            total=self._total,
            fraction=self._plan.fraction,
            remaining_seconds=None if remaining is None else round(remaining, 1),
            stages=[one for name, one in self._finished.items() if name != stage],
        )
        try:
            with self._database.writing() as session:
                cancel_requested = lease.report(session, self._watch.claim, progress, self._kept)
        except LeaseLost:
            self._watch.stop(StopReason.LOST)
        except DATABASE_AWAY as error:
            _log.warning("progress could not be written", reason=str(explained(error)))
        else:
            self._kept = False
            self._watch.record_answer(cancel_requested)
            self._publisher.changed(self._watch.claim.job_id)
        self._written = time.monotonic()
