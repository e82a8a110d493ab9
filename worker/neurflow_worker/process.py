"""One worker process, from its start to its end.

1. Say that the worker is alive, and go on saying it.
2. Take messages through Celery in this very process (``--pool=solo``): CUDA does not survive a fork. One message is
   taken at a time and acknowledged when its job is done or given back.
3. The first SIGTERM or SIGINT has the job that runs released, and ends the process with 0. The second ends it at once.
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
from neurflow_store.installation.events import publisher
from neurflow_store.installation.settings import Settings
from neurflow_store.tables import Queue
from neurflow_store.upkeep import workers
from neurflow_worker.job_interface import Bench
from neurflow_worker.loading import Library
from neurflow_worker.problems import DATABASE_AWAY
from neurflow_worker.runner import Runner
from neurflow_worker.tasks import register

_log = structlog.stdlib.get_logger(__name__)
_BREATH: Final = 128
"""What shells add to a signal's number for the exit code."""
_STALE_SECONDS: Final = 14 * 86400.0


def work(settings: Settings, database: Database, queues: Sequence[Queue]) -> int:
    """Works until it is told to end; gives the exit code.

    Raises:
        SettingsError: a setting cannot be used.
    """
    store = artifact_store(settings)
    tidy(settings.work)
    bench = Bench(settings, database, store, publisher(settings), worker_id(), Library(settings, store))
    with bench.interrupter.installed(), _alive(bench, queues):
        return _consume(bench, queues)


def worker_id() -> str:
    """A name for this process that no other has, and that tells where it runs."""
    return f"{socket.gethostname()[:60]}-{os.getpid()}-{secrets.token_hex(3)}"


def tidy(folder: Path, older_than: float = _STALE_SECONDS) -> None:
    """Removes what jobs left behind that were never taken up again, and what a killed worker was about to unpack."""
    for path in (*folder.glob("jobs/*"), *folder.glob("imports/*"), *folder.glob("*/.*")):
        with suppress(OSError):
            if path.stat().st_mtime < time.time() - older_than:
                shutil.rmtree(path) if path.is_dir() else path.unlink()


@contextmanager
def _alive(bench: Bench, queues: Sequence[Queue]) -> Iterator[None]:
    """Says every few seconds that this worker is alive, and at the end that it is gone."""
    ended = threading.Event()

    def say() -> None:
        try:
            with bench.database.writing() as session:
                if ended.is_set():
                    workers.leave(session, bench.worker_id)
                else:
                    workers.beat(session, bench.worker_id, queues)
        except DATABASE_AWAY as error:
            _log.warning("the database does not answer", error=type(error).__name__)

    def run() -> None:
        while not ended.wait(bench.settings.heartbeat_seconds):
            say()

    say()
    thread = threading.Thread(target=run, name="alive", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
        say()


def _consume(bench: Bench, queues: Sequence[Queue]) -> int:
    # Celery says this in nine lines, and how it connects to files in words that help nobody.
    warnings.simplefilter("ignore", SecurityWarning)
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        _log.info("the worker runs as root, which it need not: give it a user of its own")
    if bench.settings.embedded:
        logging.getLogger("celery.worker.consumer.connection").setLevel(logging.WARNING)
    app = celery_app(bench.settings)
    register(app, Runner(bench))
    # A receiver keeps Celery from setting up logging of its own.
    signals.setup_logging.connect(_logging_is_set_up)
    worker = app.Worker(
        hostname=f"neurflow-{os.getpid()}@{socket.gethostname()}",
        queues=[queue.value for queue in queues],
        pool="solo",
        concurrency=1,
        prefetch_multiplier=1,
        loglevel=bench.settings.log_level.upper(),
        without_mingle=True,
        without_gossip=True,
        without_heartbeat=True,
        quiet=True,
        redirect_stdouts=False,
        ready_callback=lambda consumer: _log.info("worker ready", queues=[queue.value for queue in queues]),
    )
    worker.install_platform_tweaks = lambda worker: _handle_signals(bench.stopping)
    worker.start()
    return int(worker.exitcode or 0)


def _logging_is_set_up(**_: Any) -> None:
    """Nothing: it was set up at the start."""


def _handle_signals(stopping: threading.Event) -> None:
    def stop(number: int, frame: FrameType | None) -> None:
        if stopping.is_set():
            os._exit(_BREATH + number)
        stopping.set()
        state.should_stop = 0

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
