"""The only task of Celery: run a job by its id. The database decides whether there is anything to do."""

from __future__ import annotations

import logging
from typing import Final

from celery import Celery
from celery.exceptions import Reject
from celery.worker import state
from celery.worker.request import Request

from neurflow_store.errors import SchemaError
from neurflow_store.installation.broker import RUN_JOB
from neurflow_worker.runner import Runner

_REFUSED: Final = 2
"""Exit code of a command that ends with a problem people can fix."""
_log = logging.getLogger(__name__)


class StrictRequest(Request):  # type: ignore[misc]
    """A message that makes Celery reconnect if acknowledging it fails.

    Celery would only log the failure and still count the message as taken, so a worker that takes one at a time would
    wait forever. The broker delivers the message again, when the job can no longer be claimed.
    """

    acknowledged: bool

    def acknowledge(self) -> None:
        """Acknowledge the message to the broker.

        Raises:
            OSError, KombuError or what the transport raises: the broker cannot be reached.
        """
        if not self.acknowledged:
            self.message.ack()
            self.acknowledged = True


def register(app: Celery, runner: Runner) -> None:
    """Register the task that runs jobs with ``runner``."""

    def run_job(job_id: str) -> None:
        if runner.worker.stopping.is_set():
            # Celery may take one more message while stopping: leave it to another worker.
            raise Reject("the worker is stopping", requeue=True)
        try:
            runner.run(job_id)
        except SchemaError as error:
            _log.error("this worker takes no more jobs: %s", error)
            runner.worker.stopping.set()
            state.should_stop = _REFUSED
            raise Reject("the tables are those of another version", requeue=True) from None
        if runner.worker.stopping.is_set():
            # If the job was released, another worker need not wait for the sweeper; an ended job is not claimed.
            raise Reject("the worker is stopping", requeue=True)

    # The runner logs how jobs end. Celery would log a returned message with a traceback.
    logging.getLogger("celery.app.trace").setLevel(logging.ERROR)
    app.task(run_job, name=RUN_JOB, ignore_result=True, Request=StrictRequest)
