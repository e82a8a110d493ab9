"""The interface of a job: its inputs, and the result that it returns."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from neurflow_store.artifacts import ArtifactStore
from neurflow_store.installation.database import Database
from neurflow_store.installation.events import Publisher
from neurflow_store.installation.settings import Settings
from neurflow_store.jobs.lease import Claim
from neurflow_worker.running.interrupt import Interrupter
from neurflow_worker.running.progress import Progress

if TYPE_CHECKING:
    from neurflow_worker.library.loading import Library


@dataclass(frozen=True)
class WorkerContext:
    """What one worker process shares between its jobs.

    Attributes:
        settings: settings of the installation.
        database: the worker's database connections.
        store: the artifact store.
        publisher: notified of each change of a job.
        worker_id: id of this worker.
        library: cached networks and data sets.
        interrupter: interrupts work that does not report progress.
        stopping: set when the worker must stop.
    """

    settings: Settings
    database: Database
    store: ArtifactStore
    publisher: Publisher
    worker_id: str
    library: Library
    interrupter: Interrupter = field(default_factory=Interrupter)
    stopping: threading.Event = field(default_factory=threading.Event)


@dataclass(frozen=True)
class JobContext:
    """A claimed job.

    Attributes:
        worker: resources of the worker process.
        claim: the claim on the job.
        progress: callback to call between two pieces of work.
    """

    worker: WorkerContext
    claim: Claim
    progress: Progress


SaveResult = Callable[[Session], None]
"""Writes a result in the transaction that ends its job; may be called again after a failure."""


@dataclass(frozen=True)
class Outcome:
    """The result of a job.

    Attributes:
        write: writes the result.
        tidy: deletes what is no longer needed afterwards.
    """

    write: SaveResult
    tidy: Callable[[], object] = lambda: None


JobFunction = Callable[[JobContext], Outcome]
"""Runs one kind of job."""
