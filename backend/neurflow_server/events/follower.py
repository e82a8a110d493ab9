"""Base of followers: one task in each process, one query at a time, and none while nobody watches.

1. With notifications (Redis), read what they name; and everything that is watched every two seconds, because
   notifications can be lost.
2. Without them (no Redis, or it is down), read everything that is watched five times a second.
3. Offer the results to the watchers, which hold no thread and no connection.
4. After an error, try again in a second. Watchers miss nothing: everything is read again.

:mod:`job_follower` and :mod:`circuit_follower` define what is read and who gets it.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Iterable
from contextlib import suppress
from typing import ClassVar, Final, Generic, TypeVar

import structlog
from anyio import CapacityLimiter, to_thread
from sqlalchemy.exc import SQLAlchemyError

from neurflow_server.events.redis_channel import listen
from neurflow_server.events.watches import Watch
from neurflow_store.installation.database import Database
from neurflow_store.installation.settings import Settings

POLL_SECONDS: Final = 0.2
_CHECK_SECONDS: Final = 2.0
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
    def _read(self, poll: _Poll) -> _PollResult:
        """Read it, in a thread."""

    @abstractmethod
    def _spread(self, poll: _Poll, found: _PollResult) -> None:
        """Offer the results to the watchers."""

    @abstractmethod
    def _forget(self) -> None:
        """Drop what is known, because nobody is watching any more."""

    def _expire(self) -> None:
        """Close watchers that have expired; called at each poll without a notification."""

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
            poll = self._next_poll(frozenset(self._named), self._whole)
            self._named.clear()
            self._whole = False
            if poll is None:
                continue
            try:
                found = await to_thread.run_sync(self._read, poll, limiter=self._limiter)
            except Exception as error:  # noqa: BLE001 - whatever it is, watchers rely on another try
                known = isinstance(error, SQLAlchemyError)
                reason = {"error": str(error).partition("\n")[0]} if known else {"exc_info": error}
                _log.warning(f"changes of {self.subject} cannot be read, trying again", **reason)
                self._whole = True
                await asyncio.sleep(_AFTER_FAILURE_SECONDS)
                continue
            self._spread(poll, found)
            await asyncio.sleep(self._gather_seconds)

    async def _wait(self) -> None:
        """Return when there may be changes."""
        if not any(True for _ in self._watches()):
            self._forget()
            await self._wake.wait()
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(_CHECK_SECONDS if self._connected else self._poll_seconds):
                await self._wake.wait()
                return
        self._whole = True
        self._expire()
