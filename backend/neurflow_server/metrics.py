"""Metrics in Prometheus format, in the application's own registry.

``neurflow_requests_total``, ``neurflow_request_seconds``, ``neurflow_event_streams``
    counted in this process.
``neurflow_jobs``, ``neurflow_workers``
    read from the database at each scrape: jobs by queue and state, live workers by queue.
``neurflow_jobs_ended_total``, ``neurflow_job_seconds``, ``neurflow_job_wait_seconds``, ``neurflow_stage_items_total``,
``neurflow_stage_seconds_total``
        all jobs that ended since this process started, on any worker: each scrape reads those that ended since the last
        one. Several web processes count the same jobs: take the maximum, not the sum.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from neurflow_store.clock import database_now
from neurflow_store.installation.database import Database
from neurflow_store.repositories import metrics as queries
from neurflow_store.repositories.jobs import OPEN
from neurflow_store.tables import Queue

MEDIA_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
ALIVE_SECONDS: Final = 30.0
"""Workers that have been silent for longer count as gone."""

_REQUEST_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.12, 0.25, 0.5, 1.0, 2.5, 10.0)
_JOB_BUCKETS: Final = (0.3, 1, 3, 10, 30, 60, 180, 600, 1800, 3600, 10800, 43200)
_METHODS: Final = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
_MOST_ENDED: Final = 2000
# A row is committed a little later than its timestamp.
_OVERLAP: Final = timedelta(seconds=60)


class Metrics:
    """The metrics of one application. Can be read from several threads."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        own: dict[str, Any] = {"registry": self.registry}
        request = ("method", "route")
        self._requests = Counter("neurflow_requests", "Requests answered.", (*request, "status"), **own)
        self._seconds = Histogram(
            "neurflow_request_seconds",
            "Duration of a request, except streams.",
            request,
            buckets=_REQUEST_BUCKETS,
            **own,
        )
        self._streams = Gauge("neurflow_event_streams", "Open event streams.", **own)
        self._jobs = Gauge("neurflow_jobs", "Jobs that are queued or running.", ("queue", "state"), **own)
        self._workers = Gauge("neurflow_workers", "Live workers.", ("queue",), **own)
        self._ended = Counter("neurflow_jobs_ended", "Jobs that ended.", ("kind", "state"), **own)
        self._job_seconds = Histogram(
            "neurflow_job_seconds",
            "Time from a job's last start to its end.",
            ("kind", "state"),
            buckets=_JOB_BUCKETS,
            **own,
        )
        self._waits = Histogram(
            "neurflow_job_wait_seconds",
            "Time from a job's creation to its last start.",
            ("kind",),
            buckets=_JOB_BUCKETS,
            **own,
        )
        self._stage_items = Counter("neurflow_stage_items", "Items of finished stages.", ("kind", "stage"), **own)
        self._stage_seconds = Counter(
            "neurflow_stage_seconds", "Duration of finished stages.", ("kind", "stage"), **own
        )
        self._began = time.monotonic()
        self._since: datetime | None = None
        self._counted: dict[str, datetime] = {}
        self._lock = Lock()

    def observe(self, method: str, route: str, status: int, seconds: float, stream: bool) -> None:
        """Record a finished request."""
        method = method if method in _METHODS else "other"
        self._requests.labels(method, route, status).inc()
        if not stream:
            self._seconds.labels(method, route).observe(seconds)

    def text(self, database: Database, streams: int) -> bytes:
        """Return all metrics."""
        with self._lock:
            self._streams.set(streams)
            self._look(database)
            return generate_latest(self.registry)

    def _look(self, database: Database) -> None:
        with database.reading() as session:
            present = database_now(session)
            since = self._since or present - timedelta(seconds=time.monotonic() - self._began)
            lengths = queries.queue_lengths(session)
            alive = queries.workers_seen(session, present - timedelta(seconds=ALIVE_SECONDS))
            ended = queries.ended_since(session, since, _MOST_ENDED)
        for queue in Queue:
            self._workers.labels(queue.value).set(alive[queue])
            for state in OPEN:
                self._jobs.labels(queue.value, state.value).set(lengths.get((queue, state), 0))
        for job in ended:
            if job.id not in self._counted:
                self._counted[job.id] = job.finished_at
                self._count(job)
        self._forget(ended, since, present)

    def _forget(self, ended: list[queries.EndedJob], since: datetime, present: datetime) -> None:
        """Advance the time from which jobs are read, and drop earlier ones."""
        if len(ended) == _MOST_ENDED:
            self._since = since = ended[-1].finished_at  # the rest is left for the next scrape
        else:
            self._since = since = max(since, present - _OVERLAP)
        self._counted = {id: ended_at for id, ended_at in self._counted.items() if ended_at >= since}

    def _count(self, job: queries.EndedJob) -> None:
        kind, state = job.kind.value, job.state.value
        self._ended.labels(kind, state).inc()
        if job.started_at is not None:
            self._job_seconds.labels(kind, state).observe((job.finished_at - job.started_at).total_seconds())
            self._waits.labels(kind).observe((job.started_at - job.created_at).total_seconds())
        for stage in job.stages:
            # "layer layer4.1" counts as "layer": layer names of networks would each create a time series.
            name = str(stage.get("stage", "")).partition(" ")[0]
            self._stage_items.labels(kind, name).inc(max(0, stage.get("items", 0)))
            self._stage_seconds.labels(kind, name).inc(max(0.0, stage.get("seconds", 0.0)))
