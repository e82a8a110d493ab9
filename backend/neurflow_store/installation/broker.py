"""Celery, which announces jobs to workers. The database is the source of truth; messages contain only a job's id.

Without Redis, messages are files in the data folder (``file_messages``), which workers check fifty times a second.
With Redis, a message is delivered again if it was not acknowledged for ``visibility_seconds``. This does no harm: a job
that has been done or claimed meanwhile cannot be claimed again.
"""

from __future__ import annotations

import logging
from typing import Any, Final

from celery import Celery
from kombu.exceptions import KombuError, OperationalError

from neurflow_store.installation.settings import Settings
from neurflow_store.tables import Queue

RUN_JOB: Final = "neurflow.run_job"
"""Name of the task. It takes a job's id, and does the job if it is queued."""
_log = logging.getLogger(__name__)
_POLL_SECONDS: Final = 0.02
_CONNECT_SECONDS: Final = 2.0


def celery_app(settings: Settings) -> Celery:
    """Return the Celery application, the same for senders and workers."""
    # A placeholder host: without one, Kombu warns at each start.
    app = Celery("neurflow", broker="filesystem://localhost//" if settings.embedded else settings.broker_url)
    app.conf.update(
        broker_transport="neurflow_store.installation.file_messages:Transport" if settings.embedded else None,
        broker_transport_options=_transport_options(settings),
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        task_ignore_result=True,
        task_serializer="json",
        accept_content=["json"],
        task_acks_late=True,
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        worker_enable_remote_control=False,
        worker_send_task_events=False,
        task_default_queue=Queue.CIRCUITS.value,
        task_create_missing_queues=True,
        enable_utc=True,
    )
    return app


class CeleryAnnouncer:
    """A :class:`neurflow_store.jobs.queue.Announcer` that sends Celery messages."""

    def __init__(self, settings: Settings) -> None:
        self._app = celery_app(settings)

    def announce(self, queue: Queue, job_id: str) -> None:
        """Announce a job to the workers of ``queue``; if the broker does not answer, only log it."""
        try:
            self._app.send_task(RUN_JOB, args=[job_id], queue=queue.value, retry=False, ignore_result=True)
        except (OperationalError, KombuError, OSError) as error:
            _log.warning("job not announced, the sweeper will announce it: %s", error, extra={"job_id": job_id})


def _transport_options(settings: Settings) -> dict[str, Any]:
    if not settings.embedded:
        return {
            "visibility_timeout": settings.visibility_seconds,
            "socket_connect_timeout": _CONNECT_SECONDS,
            "socket_timeout": 30.0,
            "health_check_interval": 10,
        }
    folder = settings.home / "broker"
    for name in ("messages", "control"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    messages = str(folder / "messages")
    return {
        "data_folder_in": messages,
        "data_folder_out": messages,
        "control_folder": str(folder / "control"),
        "polling_interval": _POLL_SECONDS,
    }
