"""Jobs: the work of workers, and its progress.

The states, and which process makes each transition::

            enqueue (API)
                │
                ▼      claim (worker)
             queued ──────────────────► running ── succeed (worker) ──► succeeded
              │  ▲                      │  │  │
              │  │  release (worker that│  │  └── fail (worker, sweeper) ► failed
              │  │  is stopped), retry  │  │
              │  └── (worker), expire ──┘  └── stop (worker, sweeper) ──► cancelled
              │      (sweeper)                                             ▲
              └─────────────── cancel (API) ───────────────────────────────┘

Cancelling a running job sets ``cancel_requested``; its worker ends it at the next progress report. Every write of a
worker checks its lease in the same statement: a worker that lost it changes nothing. Ended jobs are never changed.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from neurflow_store.tables.base import Base, words


class JobState(StrEnum):
    """The state of a job."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


class JobKind(StrEnum):
    """What a job does, and so what its ``subject`` refers to."""

    TRACE = "trace"
    """Computes a circuit: subject is a circuit's id."""
    IMPORT = "import"
    """Imports a circuit computed elsewhere: subject is a circuit's id, ``payload["archive"]`` an artifact."""
    INSPECT_NETWORK = "inspect_network"
    """Loads a network and records its layers, classes and digest: subject is a network's id."""
    INSPECT_DATASET = "inspect_dataset"
    """Lists a data set's images and makes pictures to browse: subject is a data set's id."""
    EVALUATE = "evaluate"
    """Runs a network on a data set's browsable images: subject is an evaluation's id."""
    ANALYSE = "analyse"
    """Inspects an image in a circuit: subject is an analysis's id."""
    MEASURE = "measure"
    """Measures an image or a circuit, for example a knock-out: subject is a measurement's id."""


class Queue(StrEnum):
    """The workers that run a job: an upload must not wait behind a circuit."""

    CIRCUITS = "circuits"
    INTERACTIVE = "interactive"


class Job(Base):
    """One piece of work.

    ``attempts`` counts the starts since a layer was last finished; ``sends`` the announcements since it was last
    queued. ``lease_token`` is known only to the worker that holds the job. ``stages`` are the finished ones:
    ``{"stage": str, "items": int, "seconds": float}``. ``problem`` is ``{"type", "title", "detail"}``. ``version``
    increases with every change that watchers should see.
    """

    __tablename__ = "jobs"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[JobKind] = mapped_column(words(JobKind))
    queue: Mapped[Queue] = mapped_column(words(Queue))
    subject: Mapped[str] = mapped_column(String(64), index=True)
    payload: Mapped[dict[str, Any]] = mapped_column(default=dict)
    request_id: Mapped[str | None] = mapped_column(String(64))

    state: Mapped[JobState] = mapped_column(words(JobState), default=JobState.QUEUED)
    cancel_requested: Mapped[bool] = mapped_column(default=False)
    attempts: Mapped[int] = mapped_column(default=0)
    available_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    sends: Mapped[int] = mapped_column(default=0)
    worker: Mapped[str | None] = mapped_column(String(100))
    lease_token: Mapped[str | None] = mapped_column(String(64))
    lease_until: Mapped[datetime | None]

    stage: Mapped[str | None] = mapped_column(String(200))
    stage_done: Mapped[int] = mapped_column(default=0)
    stage_total: Mapped[int] = mapped_column(default=0)
    stages: Mapped[list[Any]] = mapped_column(default=list)
    fraction: Mapped[float] = mapped_column(default=0.0)
    remaining_seconds: Mapped[float | None]
    problem: Mapped[dict[str, Any] | None]
    version: Mapped[int] = mapped_column(default=1)

    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_jobs_state_queue_available_at", "state", "queue", "available_at"),
        Index("ix_jobs_created_at_id", "created_at", "id"),
        Index("ix_jobs_finished_at", "finished_at"),
    )


class WorkerRow(Base):
    """A live worker process. It renews ``seen_at`` every few seconds.

    ``clock_ahead`` is by how many seconds its clock is ahead of the database's.
    """

    __tablename__ = "workers"

    id: Mapped[str] = mapped_column(String(100), primary_key=True)
    queues: Mapped[list[Any]]
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime] = mapped_column(index=True)
    version: Mapped[str] = mapped_column(String(50), server_default="")
    clock_ahead: Mapped[float] = mapped_column(server_default="0")


class SweepRow(Base):
    """When the sweeper last swept the jobs: one row, whichever sweeper did it."""

    __tablename__ = "sweeps"

    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    done_at: Mapped[datetime]
