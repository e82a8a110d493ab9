"""The sweeper: queues lost jobs again and deletes what nothing refers to. It keeps running if the database is down.

1. Every ``sweep_seconds`` it sweeps the jobs (:mod:`neurflow_store.jobs.sweep`).
2. Every hour it deletes stored files that nothing refers to (:mod:`neurflow_store.upkeep.garbage`), and analyses whose
   image was refused after the uploader had stopped waiting.
3. If the database or a disk is unavailable, it waits and tries again, at most every half minute; nothing ends the loop.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from typing import Final

import structlog

from neurflow_store.artifacts import ArtifactStore
from neurflow_store.asking import analyses
from neurflow_store.clock import now
from neurflow_store.installation.database import Database
from neurflow_store.installation.database_errors import DATABASE_AWAY, explained, first_line
from neurflow_store.installation.events import Publisher, publisher
from neurflow_store.installation.settings import Settings
from neurflow_store.jobs.queue import Announcer
from neurflow_store.jobs.sweep import sweep
from neurflow_store.upkeep import workers

_log = structlog.stdlib.get_logger(__name__)
_LONGEST_WAIT: Final = 30.0
_GARBAGE_SECONDS: Final = 3600.0


def sweep_once(database: Database, announcer: Announcer, store: ArtifactStore, settings: Settings) -> int:
    """Sweep once; return the number of jobs, analyses and files changed."""
    with closing(publisher(settings)) as notifier:
        jobs = sweep_jobs(database, announcer, settings, notifier)
        return jobs + delete_unseen_analyses(database, settings) + collect_files(database, store, settings)


def run(
    database: Database, announcer: Announcer, store: ArtifactStore, settings: Settings, stop: threading.Event
) -> None:
    """Sweep until ``stop`` is set."""
    with closing(publisher(settings)) as notifier:
        failures = 0
        files_at = time.monotonic()
        while not stop.is_set():
            failures = 0 if _try_step(lambda: sweep_jobs(database, announcer, settings, notifier)) else failures + 1
            if failures == 0 and time.monotonic() >= files_at:
                files_at = time.monotonic() + _GARBAGE_SECONDS
                _try_step(lambda: delete_unseen_analyses(database, settings))
                _try_step(lambda: collect_files(database, store, settings))
            stop.wait(pause(settings, failures))


def pause(settings: Settings, failures: int) -> float:
    """Return the seconds until the next round, given the number of failed rounds in a row."""
    return min(settings.sweep_seconds * 2.0 ** min(failures, 20), max(_LONGEST_WAIT, settings.sweep_seconds))


def sweep_jobs(database: Database, announcer: Announcer, settings: Settings, notifier: Publisher) -> int:
    """Sweep the jobs once; return how many were changed or announced."""
    with database.writing() as session:
        count = sweep(session, announcer, settings, notifier.changed)
        workers.record_sweep(session)
    if count:
        _log.info("jobs queued again, ended or announced", count=count)
    return count


def collect_files(database: Database, store: ArtifactStore, settings: Settings) -> int:
    """Delete stored files that have been unused for long; return their number."""
    from neurflow_store.upkeep import garbage

    count = garbage.collect(database, store, settings)
    if count:
        _log.info("unused files deleted", count=count)
    return count


def delete_unseen_analyses(database: Database, settings: Settings) -> int:
    """Delete analyses that have no image and whose jobs ended ``orphan_seconds`` ago; return their number."""
    before = now() - timedelta(seconds=settings.orphan_seconds)
    total, count = 0, 1
    while count:
        # In small batches: SQLite's other writers wait for this one.
        with database.writing() as session:
            count = analyses.delete_unseen(session, before)
        total += count
    if total:
        _log.info("analyses without an image deleted", count=total)
    return total


def _try_step(step: Callable[[], object]) -> bool:
    """Run a step; log the reason if it fails."""
    try:
        step()
    except (*DATABASE_AWAY, OSError) as error:
        _log.warning("sweep postponed", reason=first_line(explained(error) or error))
    except Exception:  # noqa: BLE001 - whatever it is, the next round may succeed
        _log.exception("sweeping failed")
    else:
        return True
    return False
