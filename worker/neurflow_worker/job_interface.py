"""What a job is given to do its work, and what it gives back."""

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
from neurflow_worker.interrupt import Interrupter
from neurflow_worker.progress import Progress

if TYPE_CHECKING:
    from neurflow_worker.loading import Library


@dataclass(frozen=True)
class Bench:
    """What one worker process has for all its jobs.

    Attributes:
        settings: of the installation.
        database: of its own.
        store: of artifacts.
        publisher: told of each change of a job.
        worker_id: who this worker is.
        library: networks and data sets in memory.
        interrupter: for work that is silent.
        stopping: set when the worker is to end.
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
class Work:
    """One job.

    Attributes:
        bench: of the worker.
        held: the hold on the job.
        progress: to be called between two pieces of work.
    """

    bench: Bench
    held: Claim
    progress: Progress


Write = Callable[[Session], None]
"""Writes a result in the transaction that ends its job; may be called again after a failure."""


@dataclass(frozen=True)
class Outcome:
    """A job's result.

    Attributes:
        write: writes it.
        tidy: removes what was needed until then.
    """

    write: Write
    tidy: Callable[[], object] = lambda: None


Kind = Callable[[Work], Outcome]
"""Does one kind of job."""
