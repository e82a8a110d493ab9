"""The one task of Celery: to do a job by its id. The database says whether there is anything to do."""

from __future__ import annotations

import logging

from celery import Celery
from celery.exceptions import Reject
from celery.worker.request import Request

from neurflow_store.installation.broker import RUN_JOB
from neurflow_worker.runner import Runner


class StrictRequest(Request):  # type: ignore[misc]
    """A message whose failed acknowledgement has Celery connect anew.

    Celery itself only logs it and goes on counting the message as taken: a worker that takes one at a time would then
    wait for ever. The broker delivers the message again, when the job can no longer be claimed.
    """

    acknowledged: bool

    def acknowledge(self) -> None:
        """Tells the broker that the message is done with.

        Raises:
            OSError, KombuError or what the transport raises: the broker is not there.
        """
        if not self.acknowledged:
            self.message.ack()
            self.acknowledged = True


def register(app: Celery, runner: Runner) -> None:
    """Has ``runner`` do the jobs that messages to ``app`` name."""

    def run_job(job_id: str) -> None:
        if runner.bench.stopping.is_set():
            # Celery may take one more message while it ends: that is for another worker.
            raise Reject("the worker is being stopped", requeue=True)
        runner.run(job_id)
        if runner.bench.stopping.is_set():
            # Where the job was let go, another worker need not wait for the sweeper; one that has ended is not claimed.
            raise Reject("the worker is being stopped", requeue=True)

    # The runner tells how jobs end. Celery would tell of a message that is handed back with a traceback.
    logging.getLogger("celery.app.trace").setLevel(logging.ERROR)
    app.task(run_job, name=RUN_JOB, ignore_result=True, Request=StrictRequest)
