"""Sweep lost jobs and unused files until stopped."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import click
import structlog

from neurflow_store.artifacts import artifact_store
from neurflow_store.cli.errors import store_errors
from neurflow_store.installation.broker import CeleryAnnouncer
from neurflow_store.installation.database import Database
from neurflow_store.installation.logs import configure_logging
from neurflow_store.installation.settings import load_settings
from neurflow_store.upkeep import migrate, sweeper


@click.command("sweeper")
@click.option("--once", is_flag=True, help="Sweep once and exit, to run from a timer.")
@store_errors
def command(once: bool) -> None:
    """Queue jobs again that lost their worker, announce queued jobs, and delete unused files.

    You can run several at once. SIGTERM and Ctrl-C stop it after the current step.
    """
    settings = load_settings()
    configure_logging(settings)
    log = structlog.stdlib.get_logger(__name__)
    database = Database(settings.database_url, pool_size=1)
    try:
        migrate.check_schema(database)
        parts = database, CeleryAnnouncer(settings), artifact_store(settings)
        if once:
            sweeper.sweep_once(*parts, settings)
            return
        with stopped_by_signals() as stop:
            log.info("sweeper started", seconds=settings.sweep_seconds)
            sweeper.run(*parts, settings, stop)
            log.info("sweeper stopped")
    finally:
        database.close()


@contextmanager
def stopped_by_signals() -> Iterator[threading.Event]:
    """Provide an event that SIGTERM and SIGINT set."""
    stop = threading.Event()
    signals = (signal.SIGTERM, signal.SIGINT)
    before = {number: signal.signal(number, lambda *_: stop.set()) for number in signals}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
