"""Follows the changes of jobs for a whole process: one task, one query at a time, nothing while nobody watches.

1. Where word of changes comes in (Redis), the rows that it names are read; and all that is watched every two seconds,
   for a word may be lost.
2. Where none does (the embedded default, or Redis is away), all that is watched is looked at five times a second: ids
   and versions by an index, and then the rows whose version is another. While a request waits for the end of a job
   that takes no longer than a glance, fifty times a second.
3. Each changed row is made into JSON once, and offered to whoever watches it. Readers hold no thread and no connection.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

import structlog
from anyio import CapacityLimiter, to_thread
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from neurflow_server.events.watches import Change, Watch
from neurflow_server.events.word import listen
from neurflow_server.schemas.jobs import JobOut
from neurflow_store import audiences
from neurflow_store.clock import now
from neurflow_store.installation.database import Database
from neurflow_store.installation.settings import Settings
from neurflow_store.jobs.queue import ENDED
from neurflow_store.repositories import jobs
from neurflow_store.tables import Job
from neurflow_store.viewers import Viewer

POLL_SECONDS: Final = 0.2
_SOON_SECONDS: Final = 0.02
_CHECK_SECONDS: Final = 2.0
_GATHER_SECONDS: Final = 0.03
_AFTER_FAILURE_SECONDS: Final = 1.0
# A job may be begun and ended between two looks, or before a client that lost its stream comes again.
_RECENT: Final = timedelta(seconds=10)
_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class _Look:
    """What one look into the database is to find: ``named`` rows, or all changes of what is watched."""

    watched: frozenset[str]
    everything: bool
    named: frozenset[str]
    whole: bool
    known: dict[str, int]
    users: frozenset[str] = frozenset()


@dataclass
class _Found:
    """What it found: ``versions`` of what is watched, where it was a whole look."""

    changes: list[Change] = field(default_factory=list)
    versions: dict[str, int] | None = None
    kept_out: set[str] = field(default_factory=set)


class Follower:
    """The one reader of a process. :meth:`run` is its task; the rest is called in the event loop's thread."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self._database = database
        self._broker_url = None if settings.embedded else settings.broker_url
        self._watches: set[Watch] = set()
        self._known: dict[str, int] = {}
        self._named: set[str] = set()
        self._connected = False
        self._whole = False
        self._closed = False
        self._hurried = 0
        self._wake = asyncio.Event()
        self._limiter = CapacityLimiter(1)

    @contextmanager
    def watch(
        self, job_id: str | None, seen: int = 0, soon: bool = False, viewer: Viewer | None = None
    ) -> Iterator[Watch]:
        """A view of one job from its version ``seen`` on, or of all (``None``) that have not ended or just did.

        ``soon`` where its end is expected within a second, and every tenth of it counts. ``viewer`` is told only of
        what they see, and no more once they are disabled.
        """
        watch = Watch(job_id, seen, viewer)
        if self._closed:
            watch.close()
        self._watches.add(watch)
        self._hurried += soon
        # What is known is not read again, so forget it for the newcomer; the others have seen it.
        if job_id is None:
            self._known.clear()
        else:
            self._known.pop(job_id, None)
        self._whole = True
        self._wake.set()
        try:
            yield watch
        finally:
            self._watches.discard(watch)
            self._hurried -= soon

    @property
    def watching(self) -> int:
        """How many watch."""
        return len(self._watches)

    def close(self) -> None:
        """Ends all streams, and every later one at once."""
        self._closed = True
        for watch in self._watches:
            watch.close()

    async def run(self) -> None:
        """Follows until it is cancelled."""
        async with asyncio.TaskGroup() as tasks:
            if self._broker_url is not None:
                tasks.create_task(listen(self._broker_url, self._heard, self._is_connected))
            tasks.create_task(self._follow())

    def _heard(self, job_id: str) -> None:
        self._named.add(job_id)
        self._wake.set()

    def _is_connected(self, connected: bool) -> None:
        self._connected = connected
        self._whole = True  # what was said meanwhile was not heard
        self._wake.set()

    async def _follow(self) -> None:
        while True:
            await self._wait()
            look = self._next_look()
            if not self._watches:
                continue
            try:
                found = await to_thread.run_sync(_read, self._database, look, limiter=self._limiter)
            except Exception as error:  # noqa: BLE001 - whatever it was, those who watch count on a further try
                known = isinstance(error, SQLAlchemyError)
                reason = {"error": str(error).partition("\n")[0]} if known else {"exc_info": error}
                _log.warning("changes of jobs cannot be read, trying again", **reason)
                self._whole = True
                await asyncio.sleep(_AFTER_FAILURE_SECONDS)
                continue
            self._spread(look, found)
            if not self._hurried:
                await asyncio.sleep(_GATHER_SECONDS)

    async def _wait(self) -> None:
        """Returns when there may be news."""
        if not self._watches:
            self._known.clear()
            await self._wake.wait()
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(self._patience):
                await self._wake.wait()
                return
        self._whole = True

    @property
    def _patience(self) -> float:
        """Seconds until the next look, where no word comes."""
        if self._connected:
            return _CHECK_SECONDS
        return _SOON_SECONDS if self._hurried else POLL_SECONDS

    def _next_look(self) -> _Look:
        self._wake.clear()
        watched = frozenset(watch.job_id for watch in self._watches if watch.job_id is not None)
        everything = any(watch.job_id is None for watch in self._watches)
        named = frozenset(self._named if everything else self._named & watched)
        users = frozenset(watch.viewer.user_id for watch in self._watches if watch.viewer is not None)
        look = _Look(watched, everything, named, self._whole, dict(self._known), users)
        self._named.clear()
        self._whole = False
        return look

    def _spread(self, look: _Look, found: _Found) -> None:
        if found.versions is not None:
            # Who came in meanwhile took something out, so that it is read again.
            forgotten = look.known.keys() - self._known.keys()
            self._known = {id: version for id, version in found.versions.items() if id not in forgotten}
        for watch in self._watches if found.kept_out else ():
            if watch.viewer is not None and watch.viewer.user_id in found.kept_out:
                watch.close()
        for change in found.changes:
            for watch in self._watches:
                if watch.job_id in (None, change.job_id):
                    watch.offer(change)


def _read(database: Database, look: _Look) -> _Found:
    with database.reading() as session:
        kept_out = audiences.kept_out(session, look.users) if look.users else set[str]()
        if not look.whole:
            return _Found(_load(session, look, look.named), None, kept_out)
        versions = jobs.versions(session, look.watched)
        lost = look.watched - versions.keys()
        if look.everything:
            versions |= jobs.recent_versions(session, now() - _RECENT)
            lost |= look.known.keys() - versions.keys()
        other = {id for id, version in versions.items() if look.known.get(id) != version}
        return _Found(_load(session, look, other | lost | look.named), versions, kept_out)


def _load(session: Session, look: _Look, ids: set[str] | frozenset[str]) -> list[Change]:
    if not ids:
        return []
    found = jobs.find_all(session, ids)
    told = audiences.audiences(session, found, look.users) if look.users else None
    gone = ids - {job.id for job in found}
    return [*(_change(job, told) for job in found), *(Change(id, 0, True, "", gone=True) for id in gone)]


def _change(job: Job, told: dict[str, frozenset[str]] | None) -> Change:
    text = JobOut.model_validate(job).model_dump_json()
    audience = None if told is None else told.get(job.id, frozenset())
    return Change(job.id, job.version, job.state in ENDED, text, audience=audience)
