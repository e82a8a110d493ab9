"""Run one job from claim to end.

1. Claim it. A job that is gone, ended, not due or claimed by another worker is skipped.
2. Run it under a :class:`neurflow_worker.running.watch.Watch`, which renews the lease.
3. Write the result and end the job in one transaction. Without a result, the way in which the work ended decides::

       result                              succeed
       cancellation requested              stop
       worker is stopping                  release: the attempt does not count, finished parts are kept
       lease lost, or row deleted          nothing: the job belongs to another worker, or to none
       invalid request                     fail with the reason
       temporary fault                     retry with increasing delays; fail after too many attempts
       anything else                       fail with a program error, whose details are in the log

4. If the tables were migrated to another version meanwhile, release the job and refuse all further ones: what this
   worker would write may have another form now.

While the database is unreachable, the runner waits, at most until the lease has expired.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any, Final, TypeVar

import structlog
from sqlalchemy.orm import Session

from neurflow.terms.errors import Cancelled
from neurflow_store.errors import LeaseLost, SchemaError
from neurflow_store.installation.database_errors import DATABASE_AWAY, explained
from neurflow_store.installation.logs import bound
from neurflow_store.jobs import lease, queue
from neurflow_store.jobs.lease import Claim
from neurflow_store.tables import JobKind
from neurflow_store.upkeep.migrate import check_version
from neurflow_worker.jobs import analyse, evaluate, import_circuit, inspect_dataset, inspect_network, measure, trace
from neurflow_worker.running.context import JobContext, JobFunction, Outcome, WorkerContext
from neurflow_worker.running.interrupt import Interrupted
from neurflow_worker.running.problems import lasting, transient, unexpected
from neurflow_worker.running.progress import Progress
from neurflow_worker.running.watch import StopReason, Watch

_log = structlog.stdlib.get_logger(__name__)
_Result = TypeVar("_Result")
_PAUSE_SECONDS: Final = 0.5

KINDS: Final[dict[JobKind, JobFunction]] = {
    JobKind.TRACE: trace.run,
    JobKind.IMPORT: import_circuit.run,
    JobKind.INSPECT_NETWORK: inspect_network.run,
    JobKind.INSPECT_DATASET: inspect_dataset.run,
    JobKind.EVALUATE: evaluate.run,
    JobKind.ANALYSE: analyse.run,
    JobKind.MEASURE: measure.run,
}
"""The function that runs each kind of job."""


class Runner:
    """Runs jobs, one at a time.

    Args:
        worker: the resources of the worker process.
        kinds: the function that runs each kind of job.
    """

    def __init__(self, worker: WorkerContext, kinds: dict[JobKind, JobFunction] = KINDS) -> None:
        self.worker = worker
        self._kinds = kinds
        self._refusal: SchemaError | None = None

    def run(self, job_id: str) -> None:
        """Run a job if it is queued. Never raises for errors of the job.

        Raises:
            SchemaError: the tables are those of another version; the job is left to a worker of that version.
        """
        with bound(job_id=job_id):
            try:
                taken = self._with_retries(lambda session: self._claim(session, job_id))
            except DATABASE_AWAY as error:
                _log.error(
                    "the job cannot be claimed now; the sweeper will announce it again", reason=str(explained(error))
                )
                return
            if taken is None:
                _log.info("the job cannot be claimed")
                return
            claim, finished = taken
            with bound(request_id=claim.request_id):
                self.worker.publisher.changed(job_id)
                self._do(claim, finished)
                self.worker.publisher.changed(job_id)
            if self._refusal is not None:
                raise self._refusal

    def _claim(self, session: Session, job_id: str) -> tuple[Claim, list[Any]] | None:
        check_version(session)
        claim = lease.claim(session, job_id, self.worker.worker_id, self.worker.settings.lease_seconds)
        return None if claim is None else (claim, queue.find(session, job_id).stages)

    def _do(self, claim: Claim, finished: list[Any]) -> None:
        worker = self.worker
        began = time.monotonic()
        _log.info("job started", kind=claim.kind.value, subject=claim.subject, attempt=claim.attempts)
        with Watch(worker.settings, worker.database, claim, worker.stopping, worker.interrupter) as watch:
            every = worker.settings.progress_seconds
            progress = Progress(worker.database, watch, worker.publisher, worker.interrupter, every, finished)
            end = self._work(JobContext(worker, claim, progress), watch)
            if end is not None:
                self._end(end, watch)
        _log.info("job left", seconds=round(time.monotonic() - began, 2))

    def _work(self, job: JobContext, watch: Watch) -> Callable[[Session], object] | None:
        """Do the work and write its result; if there is none, return how to end the job."""
        claim = job.claim
        try:
            outcome = self._result(job)
            stages = job.progress.finish()

            def succeed(session: Session) -> None:
                check_version(session)
                # In the order in which deleting a circuit locks the rows, to avoid a deadlock.
                outcome.write(session)
                lease.succeed(session, claim, stages)

            self._with_retries(succeed, watch)
            outcome.tidy()
        except (Cancelled, Interrupted) as stopped:
            if isinstance(stopped, Interrupted):
                # Objects in memory may be half loaded.
                self.worker.library.clear()
            return self._stopped(claim, watch.stop_reason)
        except LeaseLost:
            return self._stopped(claim, StopReason.LOST)
        except SchemaError as error:
            self._refusal = error
            return partial(lease.release, held=claim)
        except Exception as error:  # noqa: BLE001 - all errors of a job must end on its row
            return self._failed(claim, error)
        _log.info("job succeeded")
        return None

    def _result(self, job: JobContext) -> Outcome:
        try:
            return self._kinds[job.claim.kind](job)
        finally:
            self.worker.interrupter.disarm()

    def _stopped(self, claim: Claim, reason: StopReason | None) -> Callable[[Session], object] | None:
        _log.info("job stopped", reason=str(reason))
        if reason is StopReason.LOST:
            return None
        return partial(lease.stop if reason is StopReason.CANCEL else lease.release, held=claim)

    def _failed(self, claim: Claim, error: Exception) -> Callable[[Session], object]:
        if passing := transient(error):
            _log.warning("job will be retried", reason=passing["detail"])
            return partial(lease.retry_or_fail, held=claim, problem=passing, settings=self.worker.settings)
        problem = lasting(error)
        if problem is None:
            problem = unexpected(error, claim.job_id)
            _log.error("job failed with a program error", exc_info=error)
        else:
            _log.warning("job failed", reason=problem["detail"])
        return partial(lease.fail, held=claim, problem=problem)

    def _end(self, write: Callable[[Session], object], watch: Watch) -> None:
        try:
            self._with_retries(write, watch)
        except LeaseLost:
            _log.warning("this worker no longer holds the job: nothing is written")
        except DATABASE_AWAY as error:
            _log.error("the job cannot be ended; the sweeper will handle it", reason=str(explained(error)))

    def _with_retries(self, write: Callable[[Session], _Result], watch: Watch | None = None) -> _Result:
        """Write in one transaction; retry while the database is unreachable, at most for the length of a lease."""
        deadline = time.monotonic() + self.worker.settings.lease_seconds
        while True:
            try:
                with self.worker.database.writing() as session:
                    return write(session)
            except DATABASE_AWAY as error:
                if time.monotonic() > deadline or (watch is not None and watch.lease_expired):
                    raise
                _log.warning("not written to the database, trying again", reason=str(explained(error)))
            time.sleep(_PAUSE_SECONDS)
