"""A worker process, from start to end.

1. Register the worker and send heartbeats.
2. Receive messages through Celery in this process (``--pool=solo``), because CUDA does not survive a fork. One message
   is taken at a time and acknowledged when its job has ended or is released.
3. On the first SIGTERM or SIGINT, release the running job and exit with code 0. On the second, exit immediately.
"""

from __future__ import annotations

import logging
import os
import secrets
import shutil
import signal
import socket
import threading
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any, Final

import structlog
from celery import signals
from celery.platforms import SecurityWarning
from celery.worker import state

from neurflow_store.artifacts import artifact_store
from neurflow_store.installation.broker import celery_app
from neurflow_store.installation.database import Database
from neurflow_store.installation.database_errors import DATABASE_AWAY, explained
from neurflow_store.installation.events import publisher
from neurflow_store.installation.settings import Settings
from neurflow_store.tables import Queue
from neurflow_store.upkeep import workers
from neurflow_worker.library.loading import Library
from neurflow_worker.runner import Runner
from neurflow_worker.running.context import WorkerContext
from neurflow_worker.tasks import register

_log = structlog.stdlib.get_logger(__name__)
_BREATH: Final = 128
"""Shells add this to a signal's number for the exit code."""
_CLOCK_SECONDS: Final = 2.0
_STALE_SECONDS: Final = 14 * 86400.0


def work(settings: Settings, database: Database, queues: Sequence[Queue]) -> int:
    """Run jobs until stopped; returns the exit code.

    Raises:
        SettingsError: a setting is invalid.
    """
    store = artifact_store(settings)
    tidy(settings.work)
    worker = WorkerContext(settings, database, store, publisher(settings), worker_id(), Library(settings, store))
    with worker.interrupter.installed(), _alive(worker, queues):
        return _consume(worker, queues)


def worker_id() -> str:
    """Return a unique name for this process that shows where it runs."""
    return f"{socket.gethostname()[:60]}-{os.getpid()}-{secrets.token_hex(3)}"


def tidy(folder: Path, older_than: float = _STALE_SECONDS) -> None:
    """Delete old leftovers: checkpoints of jobs that never resumed, and a killed worker's temporary files."""
    for path in (*folder.glob("jobs/*"), *folder.glob("imports/*"), *folder.glob("*/.*")):
        with suppress(OSError):
            if path.stat().st_mtime < time.time() - older_than:
                shutil.rmtree(path) if path.is_dir() else path.unlink()


@contextmanager
def _alive(worker: WorkerContext, queues: Sequence[Queue]) -> Iterator[None]:
    """Send heartbeats of this worker inside the block, and deregister it at the end."""
    ended = threading.Event()
    told: list[float] = []

    def report_alive() -> None:
        try:
            with worker.database.writing() as session:
                if ended.is_set():
                    workers.leave(session, worker.worker_id)
                else:
                    _note_clock(workers.beat(session, worker.worker_id, queues), told)
        except DATABASE_AWAY as error:
            _log.warning("no heartbeat written", reason=str(explained(error)))

    def run() -> None:
        while not ended.wait(worker.settings.heartbeat_seconds):
            report_alive()

    report_alive()
    thread = threading.Thread(target=run, name="alive", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
        report_alive()


def _note_clock(ahead: float, told: list[float]) -> None:
    """Log a difference of clocks, once until it has changed by as much."""
    if abs(ahead - (told[-1] if told else 0.0)) > _CLOCK_SECONDS:
        told[:] = [ahead]
        _log.warning("this machine's clock differs from the database's", seconds_ahead=round(ahead, 1))


def _consume(worker: WorkerContext, queues: Sequence[Queue]) -> int:
    # Celery would log this in nine lines, and its connection to files in misleading words.
    warnings.simplefilter("ignore", SecurityWarning)
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        _log.info("the worker runs as root, but needs no privileges: run it as another user")
    if worker.settings.embedded:
        logging.getLogger("celery.worker.consumer.connection").setLevel(logging.WARNING)
    app = celery_app(worker.settings)
    register(app, Runner(worker))
    # A receiver prevents Celery from configuring logging.
    signals.setup_logging.connect(_logging_is_set_up)
    celery_worker = app.Worker(
        hostname=f"neurflow-{os.getpid()}@{socket.gethostname()}",
        queues=[queue.value for queue in queues],
        pool="solo",
        concurrency=1,
        prefetch_multiplier=1,
        loglevel=worker.settings.log_level.upper(),
        without_mingle=True,
        without_gossip=True,
        without_heartbeat=True,
        quiet=True,
        redirect_stdouts=False,
        ready_callback=lambda consumer: _log.info("worker ready", queues=[queue.value for queue in queues]),
    )
    celery_worker.install_platform_tweaks = lambda celery_worker: _handle_signals(worker.stopping)
    celery_worker.start()
    return int(celery_worker.exitcode or 0)


def _logging_is_set_up(**_: Any) -> None:
    """Do nothing: logging is configured at the start."""


def _handle_signals(stopping: threading.Event) -> None:
    def stop(number: int, frame: FrameType | None) -> None:
        if stopping.is_set():
            os._exit(_BREATH + number)
        stopping.set()
        state.should_stop = 0

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
