"""The one task of Celery: to do a job by its id. The database says whether there is anything to do."""

from __future__ import annotations

import logging

from celery import Celery
from celery.exceptions import Reject

from neurflow_store.task_names import RUN_JOB
from neurflow_worker.runner import Runner


def register(app: Celery, runner: Runner) -> None:
    """Has ``runner`` do the jobs that messages to ``app`` name."""

    def run_job(job_id: str) -> None:
        if runner.bench.stopping.is_set():
            # Celery may take one more message while it ends: that is for another worker.
            raise Reject("the worker is being stopped", requeue=True)
        runner.run(job_id)

    # The runner tells how jobs end. Celery would tell of a message that is handed back with a traceback.
    logging.getLogger("celery.app.trace").setLevel(logging.ERROR)
    app.task(run_job, name=RUN_JOB, ignore_result=True)
