"""Hold a job while it runs, and notice when it must stop.

A thread with its own database sessions

1. renews the lease every ``heartbeat_seconds``;
2. checks twice a second whether cancellation was requested, unless progress reports, which check too, come as often;
3. checks whether this worker is stopping, or the lease has expired because the database was unreachable for too long;
4. interrupts work that has not reacted within half a second.

An unreachable database is tolerated until the lease expires: from then on, another worker may hold the job.
"""

from __future__ import annotations

import threading
import time
from enum import StrEnum
from types import TracebackType
from typing import Final, Self

import structlog

from neurflow.terms.errors import Cancelled
from neurflow_store.errors import LeaseLost, NotFound
from neurflow_store.installation.database import Database
from neurflow_store.installation.database_errors import DATABASE_AWAY, explained
from neurflow_store.installation.logs import bound
from neurflow_store.installation.settings import Settings
from neurflow_store.jobs import lease, queue
from neurflow_store.jobs.lease import Claim
from neurflow_worker.running.interrupt import Interrupter

_log = structlog.stdlib.get_logger(__name__)
_STEP_SECONDS: Final = 0.25
_ASK_SECONDS: Final = 0.5
_GRACE_SECONDS: Final = 0.5
_PAUSE_SECONDS: Final = 1.0


class StopReason(StrEnum):
    """The reason why work must stop."""

    CANCEL = "cancelled"
    SHUTDOWN = "the worker is stopping"
    LOST = "the lease was lost"


class Watch:
    """A worker's hold on one job, as a context manager: its thread runs while the block does.

    Args:
        settings: settings with the intervals.
        database: database of the job.
        claim: the claim on the job.
        stopping: set when the worker must stop.
        interrupter: interrupts work that does not report progress.
    """

    def __init__(
        self,
        settings: Settings,
        database: Database,
        claim: Claim,
        stopping: threading.Event,
        interrupter: Interrupter,
    ) -> None:
        self.claim = claim
        self._settings, self._database = settings, database
        self._stopping, self._interrupter = stopping, interrupter
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self._stop_reason: StopReason | None = None
        self._stopped_at = 0.0
        self._renewed_at = self._asked_at = self._away_until = time.monotonic()
        self._thread = threading.Thread(target=self._run, name=f"watch {claim.job_id}", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()

    @property
    def stop_reason(self) -> StopReason | None:
        """Why the work must stop, if it must."""
        if self._stop_reason is None and self._stopping.is_set():
            self.stop(StopReason.SHUTDOWN)
        return self._stop_reason

    def stop(self, reason: StopReason) -> None:
        """Stop the work. The first reason counts, but a lost lease overrides it: nothing can be written then."""
        with self._lock:
            if self._stop_reason is None:
                self._stopped_at = time.monotonic()
            if self._stop_reason is None or reason is StopReason.LOST:
                self._stop_reason = reason

    def check(self) -> None:
        """Raise if the work must stop; called between two pieces of work.

        Raises:
            Cancelled: the work must stop; :attr:`stop_reason` is the reason.
        """
        if self.stop_reason is not None:
            raise Cancelled(str(self.stop_reason))

    def record_answer(self, cancel_requested: bool) -> None:
        """Record a fresh answer of the database about whether cancellation was requested."""
        self._asked_at = time.monotonic()
        if cancel_requested:
            self.stop(StopReason.CANCEL)

    @property
    def lease_expired(self) -> bool:
        """Whether the lease has expired, as far as this worker knows."""
        return time.monotonic() > self._renewed_at + self._settings.lease_seconds

    def _run(self) -> None:
        step = min(_STEP_SECONDS, self._settings.heartbeat_seconds)
        with bound(job_id=self.claim.job_id, request_id=self.claim.request_id):
            while not self._ended.wait(step):
                self._check_once()

    def _check_once(self) -> None:
        try:
            self._ask_database(time.monotonic())
        except (LeaseLost, NotFound):
            self.stop(StopReason.LOST)
        except DATABASE_AWAY as error:
            self._away_until = time.monotonic() + _PAUSE_SECONDS
            _log.warning("the lease is not renewed", reason=str(explained(error)))
        except Exception:  # noqa: BLE001 - without this thread the job would be lost
            self._away_until = time.monotonic() + _PAUSE_SECONDS
            _log.exception("the lease could not be renewed")
        if self.lease_expired:
            self.stop(StopReason.LOST)
        if self.stop_reason is not None and time.monotonic() >= self._stopped_at + _GRACE_SECONDS:
            self._interrupter.interrupt()

    def _ask_database(self, time_now: float) -> None:
        """Talk to the database if it is time to."""
        if time_now < self._away_until:
            return
        if time_now >= self._renewed_at + self._settings.heartbeat_seconds:
            self._renew()
        elif time_now >= self._asked_at + _ASK_SECONDS:
            with self._database.reading() as session:
                self.record_answer(queue.find(session, self.claim.job_id).cancel_requested)

    def _renew(self) -> None:
        # The lease counts from before the query, because the answer may have taken long.
        asked = time.monotonic()
        with self._database.writing() as session:
            cancel_requested = lease.renew(session, self.claim, self._settings.lease_seconds)
        self._renewed_at = asked
        self.record_answer(cancel_requested)
