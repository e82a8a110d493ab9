"""Follower of jobs' changes (see :mod:`follower`): ids and versions by an index, then the rows that changed.

While a request waits for the end of a short job, jobs are read fifty times a second.
Each changed row is serialised once and offered to all its watchers.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from sqlalchemy.orm import Session

from neurflow_server.events.follower import Follower
from neurflow_server.events.watches import Change, JobWatch, Watch
from neurflow_server.schemas.jobs import JobOut
from neurflow_store import job_visibility
from neurflow_store.claims import Claim
from neurflow_store.clock import database_now
from neurflow_store.installation.database import Database
from neurflow_store.installation.events import CHANNEL
from neurflow_store.installation.settings import Settings
from neurflow_store.jobs.queue import ENDED
from neurflow_store.repositories import jobs
from neurflow_store.tables import Job
from neurflow_store.visibility import Viewer

_SOON_SECONDS: Final = 0.02
# A job may start and end between two polls, or before a client reconnects.
_RECENT: Final = timedelta(seconds=10)


@dataclass(frozen=True)
class _Poll:
    """What to read: ``named`` rows, or all changes of what is watched."""

    watched: frozenset[str]
    everything: bool
    named: frozenset[str]
    whole: bool
    known: dict[str, int]
    users: frozenset[str] = frozenset()


@dataclass
class _PollResult:
    """The result: ``versions`` of what is watched, for a full poll."""

    changes: list[Change] = field(default_factory=list)
    versions: dict[str, int] | None = None


class JobFollower(Follower[_Poll, _PollResult]):
    """The only reader of jobs' changes in a process."""

    subject = "jobs"
    channel = CHANNEL

    def __init__(self, settings: Settings, database: Database) -> None:
        super().__init__(settings, database)
        self._readers: set[JobWatch] = set()
        self._known: dict[str, int] = {}
        self._hurried = 0

    @contextmanager
    def watch(
        self,
        job_id: str | None,
        seen: int = 0,
        soon: bool = False,
        viewer: Viewer | None = None,
        claim: Claim | None = None,
    ) -> Iterator[JobWatch]:
        """Watch one job from its version ``seen`` on, or all jobs (``None``) that have not ended or just did.

        Set ``soon`` if the job should end within a second and delays matter. ``viewer`` only gets the jobs that they
        can see, and none once what allowed their request, ``claim``, is gone.
        """
        watch = JobWatch(job_id, seen, viewer, claim)
        if self._closed:
            watch.close()
        self._readers.add(watch)
        self._hurried += soon
        self._forget_for(watch)
        self._whole = True
        self._wake.set()
        try:
            yield watch
        finally:
            self._readers.discard(watch)
            self._hurried -= soon

    def _forget_for(self, watch: JobWatch) -> None:
        """Known versions are not read again, so forget them for a new watcher; the others have them."""
        if watch.job_id is None:
            self._known.clear()
        else:
            self._known.pop(watch.job_id, None)

    def _watches(self) -> Iterable[JobWatch]:
        return self._readers

    def _is_watched(self, id: str) -> bool:
        return bool(self._readers)

    def _forget(self) -> None:
        self._known.clear()

    @property
    def _poll_seconds(self) -> float:
        return _SOON_SECONDS if self._hurried else super()._poll_seconds

    @property
    def _gather_seconds(self) -> float:
        return 0.0 if self._hurried else super()._gather_seconds

    def _next_poll(self, named: frozenset[str], whole: bool) -> _Poll | None:
        if not self._readers:
            return None
        watched = frozenset(watch.job_id for watch in self._readers if watch.job_id is not None)
        everything = any(watch.job_id is None for watch in self._readers)
        users = frozenset(watch.viewer.user_id for watch in self._readers if watch.viewer is not None)
        return _Poll(watched, everything, named if everything else named & watched, whole, dict(self._known), users)

    def _read(self, session: Session, poll: _Poll) -> _PollResult:
        if not poll.whole:
            return _PollResult(_load(session, poll, poll.named))
        versions = jobs.versions(session, poll.watched)
        lost = poll.watched - versions.keys()
        if poll.everything:
            versions |= jobs.recent_versions(session, database_now(session) - _RECENT)
            lost |= poll.known.keys() - versions.keys()
        other = {id for id, version in versions.items() if poll.known.get(id) != version}
        return _PollResult(_load(session, poll, other | lost | poll.named), versions)

    def _tells(self, found: _PollResult) -> bool:
        return bool(found.changes)

    def _spread(self, poll: _Poll, found: _PollResult, allowed: Collection[Watch]) -> None:
        if found.versions is not None:
            self._known = dict(found.versions)
        readers = self._readers.intersection(allowed)
        for late in self._readers - readers:
            self._forget_for(late)
        for change in found.changes:
            for watch in readers:
                if watch.job_id in (None, change.job_id):
                    watch.offer(change)


def _load(session: Session, poll: _Poll, ids: set[str] | frozenset[str]) -> list[Change]:
    if not ids:
        return []
    found = jobs.find_all(session, ids)
    seen_by = job_visibility.viewers_of(session, found, poll.users) if poll.users else None
    gone = ids - {job.id for job in found}
    return [*(_change(job, seen_by) for job in found), *(Change(id, 0, True, "", gone=True) for id in gone)]


def _change(job: Job, seen_by: dict[str, frozenset[str]] | None) -> Change:
    text = JobOut.model_validate(job).model_dump_json()
    viewers = None if seen_by is None else seen_by.get(job.id, frozenset())
    return Change(job.id, job.version, job.state in ENDED, text, viewers=viewers)
