"""Follows what changes about circuits, for a whole process: labels, notes, and that one was computed again.

As :mod:`neurflow_server.events.follower` does for jobs: one task, one query at a time, nothing while nobody looks.

1. Each change has a number, its circuit's own. Where word comes in (Redis) the circuits that it names are asked for
   newer ones, and all every two seconds; where none does, all that are looked at five times a second, in one query.
2. What is new is read once and made into JSON once, and offered to whoever looks at that circuit. Who comes again with
   a number is first given what came after it; where that is no longer known, or a reader is too slow, ``reset`` says
   that all is to be read anew.
3. A reader whose link was revoked or is over, or whose circuit is gone, is ended; all are, where it may be that some of
   them do not see the circuit any more: who does comes again.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Final

import structlog
from anyio import CapacityLimiter, to_thread
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from neurflow_server.events.word import listen
from neurflow_store.clock import now
from neurflow_store.installation.database import Database
from neurflow_store.installation.events import CHANGES
from neurflow_store.installation.settings import Settings
from neurflow_store.repositories import changes
from neurflow_store.sharing.links import Grant
from neurflow_store.tables import ChangeKind

POLL_SECONDS: Final = 0.2
_CHECK_SECONDS: Final = 2.0
_GATHER_SECONDS: Final = 0.03
_AFTER_FAILURE_SECONDS: Final = 1.0
MOST_WAITING: Final = 200
_log = structlog.get_logger(__name__)


class Reader:
    """Who looks at a circuit, and what they have not been told yet. ``number`` is the last that they know."""

    def __init__(self, circuit_id: str, number: int | None, grant: Grant | None = None) -> None:
        self.circuit_id, self.number, self.grant = circuit_id, number, grant
        self.ended = asyncio.Event()
        self._waiting: list[str] = []
        self._news = asyncio.Event()

    def offer(self, text: str) -> None:
        """Takes an event; begins anew where too many wait."""
        if len(self._waiting) >= MOST_WAITING:
            self._waiting = [event("reset", self.number or 0, "{}")]
        else:
            self._waiting.append(text)
        self._news.set()

    def close(self) -> None:
        """Ends the reader's wait for good."""
        self.ended.set()
        self._news.set()

    async def take(self, timeout: float) -> str:
        """What is new; nothing after ``timeout`` seconds, or once it is closed."""
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                await self._news.wait()
        if self.ended.is_set() or not self._news.is_set():
            return ""
        self._news.clear()
        text = "".join(self._waiting)
        self._waiting.clear()
        return text


@dataclass(frozen=True)
class Told:
    """A change; ``text`` is its JSON."""

    circuit_id: str
    number: int
    kind: ChangeKind
    about: str
    text: str


Read = Callable[[Session, Mapping[str, int]], list[Told]]
"""What tells the changes of circuits after the number that is known of each, in order."""


@dataclass(frozen=True)
class _Found:
    """What a look found: the newest number of each circuit that is there, and what came after those asked for."""

    newest: Mapping[str, int]
    told: Mapping[str, list[Told]]


class ChangeFollower:
    """The one reader of a process. :meth:`run` is its task; the rest is called in the event loop's thread."""

    def __init__(self, settings: Settings, database: Database, read: Read) -> None:
        self._database, self._changes = database, read
        self._broker_url = None if settings.embedded else settings.broker_url
        self._readers: dict[str, set[Reader]] = defaultdict(set)
        self._known: dict[str, int] = {}
        self._named: set[str] = set()
        self._newcomers: set[Reader] = set()
        self._connected = False
        self._whole = False
        self._closed = False
        self._wake = asyncio.Event()
        self._limiter = CapacityLimiter(1)

    @contextmanager
    def watch(self, circuit_id: str, number: int | None, grant: Grant | None = None) -> Iterator[Reader]:
        """What changes about a circuit after ``number``; from now on where that is ``None``."""
        reader = Reader(circuit_id, number, grant)
        if self._closed:
            reader.close()
        self._readers[circuit_id].add(reader)
        self._newcomers.add(reader)
        self._wake.set()
        try:
            yield reader
        finally:
            self._newcomers.discard(reader)
            self._drop(reader)

    @property
    def watching(self) -> int:
        """How many look."""
        return sum(map(len, self._readers.values()))

    def close(self) -> None:
        """Ends all streams, and every later one at once."""
        self._closed = True
        for readers in self._readers.values():
            for reader in readers:
                reader.close()

    async def run(self) -> None:
        """Follows until it is cancelled."""
        async with asyncio.TaskGroup() as tasks:
            if self._broker_url is not None:
                tasks.create_task(listen(self._broker_url, self._heard, self._is_connected, CHANGES))
            tasks.create_task(self._follow())

    def _heard(self, circuit_id: str) -> None:
        if circuit_id in self._readers:
            self._named.add(circuit_id)
            self._wake.set()

    def _is_connected(self, connected: bool) -> None:
        self._connected = connected
        self._whole = True  # what was said meanwhile was not heard
        self._wake.set()

    async def _follow(self) -> None:
        while True:
            await self._wait()
            self._wake.clear()
            newcomers = list(self._newcomers)
            asked = set(self._readers) if self._whole else self._named | {reader.circuit_id for reader in newcomers}
            self._whole = False
            self._named.clear()
            if not asked:
                continue
            try:
                found = await to_thread.run_sync(
                    _read, self._database, self._changes, self._from(asked), limiter=self._limiter
                )
            except Exception as error:  # noqa: BLE001 - whatever it was, those who look count on a further try
                known = isinstance(error, SQLAlchemyError)
                reason = {"error": str(error).partition("\n")[0]} if known else {"exc_info": error}
                _log.warning("changes of circuits cannot be read, trying again", **reason)
                self._whole = True
                await asyncio.sleep(_AFTER_FAILURE_SECONDS)
                continue
            for circuit_id in asked:
                self._spread(circuit_id, found)
            self._newcomers.difference_update(newcomers)
            await asyncio.sleep(_GATHER_SECONDS)

    async def _wait(self) -> None:
        """Returns when there may be news; ends those whose time is over."""
        if not self._readers:
            self._known.clear()
            await self._wake.wait()
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(_CHECK_SECONDS if self._connected else POLL_SECONDS):
                await self._wake.wait()
                return
        self._whole = True
        moment = now()
        for readers in self._readers.values():
            for reader in readers:
                end = reader.grant.expires_at if reader.grant is not None else None
                if end is not None and end <= moment:
                    reader.close()

    def _from(self, asked: set[str]) -> dict[str, int | None]:
        """From which number on each circuit is read: the least that somebody waits for, ``None`` for the present."""
        wanted: dict[str, int | None] = {}
        for circuit_id in asked:
            numbers = [self._known[circuit_id]] if circuit_id in self._known else []
            numbers += [
                reader.number
                for reader in self._newcomers
                if reader.circuit_id == circuit_id and reader.number is not None
            ]
            wanted[circuit_id] = min(numbers) if numbers else None
        return wanted

    def _spread(self, circuit_id: str, found: _Found) -> None:
        readers = self._readers.get(circuit_id)
        newest = found.newest.get(circuit_id)
        if newest is None or not readers:
            for reader in readers or ():
                reader.close()
            self._known.pop(circuit_id, None)
            return
        told = found.told.get(circuit_id, [])
        first = told[0].number if told else newest + 1
        for reader in readers:
            _tell(reader, told, first, newest)
        self._known[circuit_id] = newest

    def _drop(self, reader: Reader) -> None:
        readers = self._readers[reader.circuit_id]
        readers.discard(reader)
        if not readers:
            del self._readers[reader.circuit_id]
            self._known.pop(reader.circuit_id, None)


def event(kind: str, number: int, text: str) -> str:
    """One event as it is sent."""
    return f"id: {number}\nevent: {kind}\ndata: {text}\n\n"


def _tell(reader: Reader, told: list[Told], first: int, newest: int) -> None:
    if reader.number is None or reader.number > newest:
        reader.number = newest
        reader.offer(event("ready", newest, "{}"))
        return
    if reader.number < first - 1:
        # What came in between is no longer known.
        reader.offer(event("reset", newest, "{}"))
        reader.number = newest
    for change in told:
        if change.number <= reader.number:
            continue
        reader.number = change.number
        if change.kind is not ChangeKind.ACCESS:
            reader.offer(event(change.kind.value, change.number, change.text))
        elif not change.about or (reader.grant is not None and reader.grant.link_id == change.about):
            reader.close()


def _read(database: Database, read: Read, wanted: Mapping[str, int | None]) -> _Found:
    with database.reading() as session:
        newest = changes.newest(session, wanted)
        behind = {id: number for id, number in wanted.items() if number is not None and number < newest.get(id, 0)}
        told: dict[str, list[Told]] = defaultdict(list)
        for change in read(session, behind) if behind else ():
            told[change.circuit_id].append(change)
        return _Found(newest, told)
