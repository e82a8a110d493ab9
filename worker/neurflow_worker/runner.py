"""One job from its claim to its end.

1. Claim it. A job that is gone, ended, not due or somebody else's is passed by.
2. Do its work under a :class:`neurflow_worker.watch.Watch`, which keeps the lease.
3. Write the result and end the job in one transaction; or end it with the reason, put it back for a later attempt, or
   release it, as the way says in which the work ended::

       a result                            succeed
       cancelling was asked for            stop
       the worker is being stopped         release: the attempt does not count, what is finished is kept
       the lease was lost, the row is gone nothing: the job is somebody else's, or nobody's
       what was asked for cannot be done   fail, with the reason
       a fault that may pass               retry, ever later; fail after too many attempts
       anything else                       fail: an error of the program, which the log tells of

A database that is away is waited for, at most until the lease has run out.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any, Final, TypeVar

import structlog
from sqlalchemy.orm import Session

from neurflow.terms.errors import Cancelled
from neurflow_store.errors import LeaseLost
from neurflow_store.installation.logs import bound
from neurflow_store.jobs import lease, queue
from neurflow_store.jobs.lease import Claim
from neurflow_store.tables import JobKind
from neurflow_worker import analyse, evaluate, import_job, inspect_dataset, inspect_network, measure, trace_job
from neurflow_worker.interrupt import Interrupted
from neurflow_worker.job_interface import Bench, Kind, Outcome, Work
from neurflow_worker.problems import DATABASE_AWAY, lasting, transient, unexpected
from neurflow_worker.progress import Progress
from neurflow_worker.watch import Watch, Wish

_log = structlog.stdlib.get_logger(__name__)
_Result = TypeVar("_Result")
_PAUSE_SECONDS: Final = 0.5

KINDS: Final[dict[JobKind, Kind]] = {
    JobKind.TRACE: trace_job.run,
    JobKind.IMPORT: import_job.run,
    JobKind.INSPECT_NETWORK: inspect_network.run,
    JobKind.INSPECT_DATASET: inspect_dataset.run,
    JobKind.EVALUATE: evaluate.run,
    JobKind.ANALYSE: analyse.run,
    JobKind.MEASURE: measure.run,
}
"""Who does what."""


class Runner:
    """Does jobs, one at a time.

    Args:
        bench: what the worker has.
        kinds: who does what.
    """

    def __init__(self, bench: Bench, kinds: dict[JobKind, Kind] = KINDS) -> None:
        self.bench = bench
        self._kinds = kinds

    def run(self, job_id: str) -> None:
        """Does a job, if it waits. Never raises for what a job did."""
        with bound(job_id=job_id):
            try:
                taken = self._patiently(lambda session: self._claim(session, job_id))
            except DATABASE_AWAY as error:
                _log.error("the database does not answer: the sweeper will announce the job again", reason=str(error))
                return
            if taken is None:
                _log.info("the job is not there to be taken")
                return
            held, finished = taken
            with bound(request_id=held.request_id):
                self.bench.publisher.changed(job_id)
                self._do(held, finished)
                self.bench.publisher.changed(job_id)

    def _claim(self, session: Session, job_id: str) -> tuple[Claim, list[Any]] | None:
        held = lease.claim(session, job_id, self.bench.worker_id, self.bench.settings.lease_seconds)
        return None if held is None else (held, queue.find(session, job_id).stages)

    def _do(self, held: Claim, finished: list[Any]) -> None:
        bench = self.bench
        began = time.monotonic()
        _log.info("job begun", kind=held.kind.value, subject=held.subject, attempt=held.attempts)
        with Watch(bench.settings, bench.database, held, bench.stopping, bench.interrupter) as watch:
            every = bench.settings.progress_seconds
            progress = Progress(bench.database, watch, bench.publisher, bench.interrupter, every, finished)
            end = self._work(Work(bench, held, progress), watch)
            if end is not None:
                self._end(end, watch)
        _log.info("job let go", seconds=round(time.monotonic() - began, 2))

    def _work(self, work: Work, watch: Watch) -> Callable[[Session], object] | None:
        """Does the work and writes its result; gives what else is to be written where that was not to be."""
        held = work.held
        try:
            outcome = self._result(work)
            stages = work.progress.finish()

            def succeed(session: Session) -> None:
                # In the order in which deleting takes the rows, or each would wait for what the other holds.
                outcome.write(session)
                lease.succeed(session, held, stages)

            self._patiently(succeed, watch)
            outcome.tidy()
        except (Cancelled, Interrupted) as stopped:
            if isinstance(stopped, Interrupted):
                # What is in memory may be half read.
                self.bench.library.clear()
            return self._stopped(held, watch.wish)
        except LeaseLost:
            return self._stopped(held, Wish.LOST)
        except Exception as error:  # noqa: BLE001 - whatever a job raises must end on its row
            return self._failed(held, error)
        _log.info("job succeeded")
        return None

    def _result(self, work: Work) -> Outcome:
        try:
            return self._kinds[work.held.kind](work)
        finally:
            self.bench.interrupter.disarm()

    def _stopped(self, held: Claim, wish: Wish | None) -> Callable[[Session], object] | None:
        _log.info("job stopped", reason=str(wish))
        if wish is Wish.LOST:
            return None
        return partial(lease.stop if wish is Wish.CANCEL else lease.release, held=held)

    def _failed(self, held: Claim, error: Exception) -> Callable[[Session], object]:
        if passing := transient(error):
            _log.warning("job put back", reason=passing["detail"])
            return partial(lease.retry_or_fail, held=held, problem=passing, settings=self.bench.settings)
        problem = lasting(error)
        if problem is None:
            problem = unexpected(error, held.job_id)
            _log.error("job failed by an error of the program", exc_info=error)
        else:
            _log.warning("job failed", reason=problem["detail"])
        return partial(lease.fail, held=held, problem=problem)

    def _end(self, write: Callable[[Session], object], watch: Watch) -> None:
        try:
            self._patiently(write, watch)
        except LeaseLost:
            _log.warning("the job is no longer held by this worker: nothing is written")
        except DATABASE_AWAY as error:
            _log.error("the database did not come back in time: the sweeper will see to the job", reason=str(error))

    def _patiently(self, write: Callable[[Session], _Result], watch: Watch | None = None) -> _Result:
        """Writes in one transaction; tries again while the database is away, at most for as long as a lease lasts."""
        deadline = time.monotonic() + self.bench.settings.lease_seconds
        while True:
            try:
                with self.bench.database.writing() as session:
                    return write(session)
            except DATABASE_AWAY as error:
                if time.monotonic() > deadline or (watch is not None and watch.run_out):
                    raise
                _log.warning("the database does not answer, trying again", error=type(error).__name__)
            time.sleep(_PAUSE_SECONDS)
