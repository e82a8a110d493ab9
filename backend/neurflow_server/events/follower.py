"""Follows changes for a whole process: one task, one query at a time, nothing while nobody watches.

1. Where word of changes comes in (Redis), what it names is read; and all that is watched every two seconds, for a word
   may be lost.
2. Where none does (the embedded default, or Redis is away), all that is watched is looked at five times a second.
3. What is found is given to those who watch. They hold no thread and no connection.
4. What cannot be read is tried again after a second. Those who watch then miss nothing: all is read anew.

:mod:`job_follower` and :mod:`circuit_follower` say what is read, and who is told what.
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

_Look = TypeVar("_Look")
_Found = TypeVar("_Found")


class Follower(ABC, Generic[_Look, _Found]):
    """The one reader of a process. :meth:`run` is its task; the rest is called in the event loop's thread."""

    subject: ClassVar[str]
    """What changes, for the log."""
    channel: ClassVar[str]
    """Where Redis carries word of it."""

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
        """How many watch."""
        return sum(1 for _ in self._watches())

    def close(self) -> None:
        """Ends all streams, and every later one at once."""
        self._closed = True
        for watch in self._watches():
            watch.close()

    async def run(self) -> None:
        """Follows until it is cancelled."""
        async with asyncio.TaskGroup() as tasks:
            if self._broker_url is not None:
                tasks.create_task(listen(self._broker_url, self._heard, self._is_connected, self.channel))
            tasks.create_task(self._follow())

    @abstractmethod
    def _watches(self) -> Iterable[Watch]:
        """All who watch."""

    @abstractmethod
    def _wants(self, id: str) -> bool:
        """Whether word of this one is of use."""

    @abstractmethod
    def _next_look(self, named: frozenset[str], whole: bool) -> _Look | None:
        """What is to be read: what was ``named``, or all that is watched; ``None`` for nothing."""

    @abstractmethod
    def _read(self, look: _Look) -> _Found:
        """Reads it, in a thread of its own."""

    @abstractmethod
    def _spread(self, look: _Look, found: _Found) -> None:
        """Tells those who watch."""

    @abstractmethod
    def _forget(self) -> None:
        """Nobody watches: what was known is out of date when somebody comes again."""

    def _expire(self) -> None:
        """Ends those whose time is over; asked at each look that nothing gave rise to."""

    @property
    def _poll_seconds(self) -> float:
        return POLL_SECONDS

    @property
    def _gather_seconds(self) -> float:
        """The pause after a look, in which further changes gather."""
        return _GATHER_SECONDS

    def _heard(self, id: str) -> None:
        if self._wants(id):
            self._named.add(id)
            self._wake.set()

    def _is_connected(self, connected: bool) -> None:
        self._connected = connected
        self._whole = True  # what was said meanwhile was not heard
        self._wake.set()

    async def _follow(self) -> None:
        while True:
            await self._wait()
            self._wake.clear()
            look = self._next_look(frozenset(self._named), self._whole)
            self._named.clear()
            self._whole = False
            if look is None:
                continue
            try:
                found = await to_thread.run_sync(self._read, look, limiter=self._limiter)
            except Exception as error:  # noqa: BLE001 - whatever it was, those who watch count on a further try
                known = isinstance(error, SQLAlchemyError)
                reason = {"error": str(error).partition("\n")[0]} if known else {"exc_info": error}
                _log.warning(f"changes of {self.subject} cannot be read, trying again", **reason)
                self._whole = True
                await asyncio.sleep(_AFTER_FAILURE_SECONDS)
                continue
            self._spread(look, found)
            await asyncio.sleep(self._gather_seconds)

    async def _wait(self) -> None:
        """Returns when there may be news."""
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
