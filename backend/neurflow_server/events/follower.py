"""Base of followers: one task in each process, one query at a time, and none while nobody watches.

1. With notifications (Redis), read what they name; and everything that is watched every second, because notifications
   can be lost.
2. Without them (no Redis, or it is down), read everything that is watched five times a second.
3. In the same snapshot, whenever there is something to tell and at least every second, ask which watchers' requests
   would be refused now (:mod:`neurflow_store.claims`), and close these first.
4. Offer the results to the watchers, which hold no thread and no connection.
5. After an error, try again in a second. Watchers miss nothing: everything is read again.

:mod:`job_follower` and :mod:`circuit_follower` define what is read and who gets it.
"""

from __future__ import annotations

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable
from contextlib import suppress
from typing import ClassVar, Final, Generic, TypeVar

import structlog
from anyio import CapacityLimiter, to_thread
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from neurflow_server.events.redis_channel import listen
from neurflow_server.events.watches import Watch
from neurflow_store.claims import Claim, refused
from neurflow_store.installation.database import Database
from neurflow_store.installation.settings import Settings

POLL_SECONDS: Final = 0.2
_CHECK_SECONDS: Final = 1.0
_GATHER_SECONDS: Final = 0.03
_AFTER_FAILURE_SECONDS: Final = 1.0
_log = structlog.get_logger(__name__)

_Poll = TypeVar("_Poll")
_PollResult = TypeVar("_PollResult")


class Follower(ABC, Generic[_Poll, _PollResult]):
    """The only reader in a process. :meth:`run` is its task; call the other methods in the event loop's thread."""

    subject: ClassVar[str]
    """What changes, for the log."""
    channel: ClassVar[str]
    """The Redis channel of its notifications."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self._database = database
        self._accounts = settings.has_accounts
        self._polled_at = self._asked_at = -_CHECK_SECONDS
        self._broker_url = None if settings.embedded else settings.broker_url
        self._named: set[str] = set()
        self._whole = False
        self._connected = False
        self._closed = False
        self._wake = asyncio.Event()
        self._limiter = CapacityLimiter(1)

    @property
    def watching(self) -> int:
        """Number of watchers."""
        return sum(1 for _ in self._watches())

    def close(self) -> None:
        """End all streams, and later ones at once."""
        self._closed = True
        for watch in self._watches():
            watch.close()

    async def run(self) -> None:
        """Follow until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            if self._broker_url is not None:
                tasks.create_task(listen(self._broker_url, self._on_notification, self._is_connected, self.channel))
            tasks.create_task(self._follow())

    @abstractmethod
    def _watches(self) -> Iterable[Watch]:
        """Return all watchers."""

    @abstractmethod
    def _is_watched(self, id: str) -> bool:
        """Return whether a notification about this id is of interest."""

    @abstractmethod
    def _next_poll(self, named: frozenset[str], whole: bool) -> _Poll | None:
        """Return what to read: what was ``named``, or everything that is watched; ``None`` for nothing."""

    @abstractmethod
    def _read(self, session: Session, poll: _Poll) -> _PollResult:
        """Read it, in a thread."""

    @abstractmethod
    def _tells(self, found: _PollResult) -> bool:
        """Return whether there is something to tell."""

    @abstractmethod
    def _spread(self, poll: _Poll, found: _PollResult, allowed: Collection[Watch]) -> None:
        """Offer the results to those watchers that are ``allowed``."""

    @abstractmethod
    def _forget(self) -> None:
        """Drop what is known, because nobody is watching any more."""

    @property
    def _poll_seconds(self) -> float:
        return POLL_SECONDS

    @property
    def _gather_seconds(self) -> float:
        """Pause after a poll, to collect further changes."""
        return _GATHER_SECONDS

    def _on_notification(self, id: str) -> None:
        if self._is_watched(id):
            self._named.add(id)
            self._wake.set()

    def _is_connected(self, connected: bool) -> None:
        self._connected = connected
        self._whole = True  # notifications sent meanwhile were lost
        self._wake.set()

    async def _follow(self) -> None:
        while True:
            await self._wait()
            self._wake.clear()
            whole = self._whole
            poll = self._next_poll(frozenset(self._named), whole)
            self._named.clear()
            self._whole = False
            if poll is None:
                continue
            asking = {watch: watch.claim for watch in self._watches()}
            try:
                found, out = await to_thread.run_sync(self._poll, poll, asking.values(), limiter=self._limiter)
            except Exception as error:  # noqa: BLE001 - whatever it is, watchers rely on another try
                known = isinstance(error, SQLAlchemyError)
                reason = {"error": str(error).partition("\n")[0]} if known else {"exc_info": error}
                _log.warning(f"changes of {self.subject} cannot be read, trying again", **reason)
                self._whole = True
                await asyncio.sleep(_AFTER_FAILURE_SECONDS)
                continue
            for watch, claim in asking.items():
                if claim in out:
                    watch.close()
            # Whoever began to watch meanwhile was not asked about, and waits for the next poll.
            self._spread(poll, found, [watch for watch in asking if not watch.ended.is_set()])
            if whole:
                self._polled_at = time.monotonic()
            await asyncio.sleep(self._gather_seconds)

    def _poll(self, poll: _Poll, claims: Iterable[Claim | None]) -> tuple[_PollResult, frozenset[Claim | None]]:
        """Return what is read, and which claims would be refused now."""
        given = {claim for claim in claims if claim is not None}
        with self._database.reading() as session:
            found = self._read(session, poll)
            if not given or not (self._tells(found) or time.monotonic() >= self._asked_at + _CHECK_SECONDS):
                return found, frozenset()
            self._asked_at = time.monotonic()
            return found, refused(session, given, self._accounts)

    async def _wait(self) -> None:
        """Return when there may be changes."""
        if not any(True for _ in self._watches()):
            self._forget()
            await self._wake.wait()
            return
        seconds = _CHECK_SECONDS if self._connected else self._poll_seconds
        left = self._polled_at + seconds - time.monotonic()
        if left > 0:
            with suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await self._wake.wait()
                    return
        self._whole = True
