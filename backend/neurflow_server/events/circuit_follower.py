"""Follower of a circuit's changes (see :mod:`follower`): labels, notes, and a new result.

1. Each change has a number within its circuit. One query reads the newer changes of all watched circuits.
2. Each new change is read and serialised once, and offered to all watchers of its circuit. A client that reconnects
   with a number first gets the changes after it; if these are no longer stored, or a reader is too slow, ``reset``
   tells it to read everything again.
3. A watcher is closed when its circuit is deleted. A change of who has access tells nobody anything: it makes the
   follower ask at once whose requests would be refused now.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy.orm import Session

from neurflow_server.events.follower import Follower
from neurflow_server.events.watches import CircuitWatch, Watch
from neurflow_store.claims import Claim
from neurflow_store.installation.database import Database
from neurflow_store.installation.events import CHANGES
from neurflow_store.installation.settings import Settings
from neurflow_store.repositories import changes
from neurflow_store.tables import ChangeKind


@dataclass(frozen=True)
class ChangeEvent:
    """A change; ``text`` is its JSON."""

    circuit_id: str
    number: int
    kind: ChangeKind
    about: str
    text: str


Read = Callable[[Session, Mapping[str, int]], list[ChangeEvent]]
"""Reads the changes of circuits after the last known number of each, in order."""


@dataclass(frozen=True)
class _Poll:
    """The number to read each circuit from, ``None`` for the current one; and watchers without a first event."""

    wanted: Mapping[str, int | None]
    newcomers: frozenset[CircuitWatch]


@dataclass(frozen=True)
class _PollResult:
    """The result of a poll: the newest number of each existing circuit, and the changes."""

    newest: Mapping[str, int]
    events: Mapping[str, list[ChangeEvent]]


class CircuitFollower(Follower[_Poll, _PollResult]):
    """The only reader of circuits' changes in a process.

    Args:
        settings: the installation's settings.
        database: the unrestricted database.
        read: from the services, which render labels and notes.
    """

    subject = "circuits"
    channel = CHANGES

    def __init__(self, settings: Settings, database: Database, read: Read) -> None:
        super().__init__(settings, database)
        self._read_changes = read
        self._readers: dict[str, set[CircuitWatch]] = defaultdict(set)
        self._known: dict[str, int] = {}
        self._newcomers: set[CircuitWatch] = set()

    @contextmanager
    def watch(self, circuit_id: str, number: int | None, claim: Claim | None = None) -> Iterator[CircuitWatch]:
        """Watch a circuit for changes after ``number``; only new ones if it is ``None``.

        ``claim`` is what allowed the request.
        """
        watch = CircuitWatch(circuit_id, number, claim)
        if self._closed:
            watch.close()
        self._readers[circuit_id].add(watch)
        self._newcomers.add(watch)
        self._wake.set()
        try:
            yield watch
        finally:
            self._newcomers.discard(watch)
            self._drop(watch)

    def _watches(self) -> Iterable[CircuitWatch]:
        return (watch for readers in self._readers.values() for watch in readers)

    def _is_watched(self, id: str) -> bool:
        return id in self._readers

    def _forget(self) -> None:
        self._known.clear()

    def _next_poll(self, named: frozenset[str], whole: bool) -> _Poll | None:
        newcomers = frozenset(self._newcomers)
        asked = set(self._readers) if whole else named | {watch.circuit_id for watch in newcomers}
        wanted = {circuit_id: self._known.get(circuit_id) for circuit_id in asked}
        for watch in newcomers:
            if watch.number is not None:
                known = wanted[watch.circuit_id]
                wanted[watch.circuit_id] = watch.number if known is None else min(known, watch.number)
        return _Poll(wanted, newcomers) if wanted else None

    def _read(self, session: Session, poll: _Poll) -> _PollResult:
        newest = changes.newest(session, poll.wanted)
        behind = {id: known for id, known in poll.wanted.items() if known is not None and known < newest.get(id, 0)}
        events: dict[str, list[ChangeEvent]] = defaultdict(list)
        for change in self._read_changes(session, behind) if behind else ():
            events[change.circuit_id].append(change)
        return _PollResult(newest, events)

    def _tells(self, found: _PollResult) -> bool:
        return bool(found.events)

    def _spread(self, poll: _Poll, found: _PollResult, allowed: Collection[Watch]) -> None:
        told = frozenset(allowed)
        for circuit_id in poll.wanted:
            self._spread_one(circuit_id, found, told)
        self._newcomers.difference_update(poll.newcomers)

    def _spread_one(self, circuit_id: str, found: _PollResult, allowed: frozenset[Watch]) -> None:
        readers = self._readers.get(circuit_id)
        newest = found.newest.get(circuit_id)
        if newest is None or not readers:
            for watch in readers or ():
                watch.close()
            self._known.pop(circuit_id, None)
            return
        events = found.events.get(circuit_id, [])
        first = events[0].number if events else newest + 1
        for watch in readers & allowed:
            _offer_all(watch, events, first, newest)
        self._known[circuit_id] = newest

    def _drop(self, watch: CircuitWatch) -> None:
        readers = self._readers[watch.circuit_id]
        readers.discard(watch)
        if not readers:
            del self._readers[watch.circuit_id]
            self._known.pop(watch.circuit_id, None)


def _offer_all(watch: CircuitWatch, events: list[ChangeEvent], first: int, newest: int) -> None:
    if watch.number is None or watch.number > newest:
        watch.number = newest
        watch.offer("ready", newest, "{}")
        return
    if watch.number < first - 1:
        # The changes in between are no longer stored.
        watch.offer("reset", newest, "{}")
        watch.number = newest
    for change in events:
        if change.number <= watch.number:
            continue
        watch.number = change.number
        if change.kind is not ChangeKind.ACCESS:
            watch.offer(change.kind.value, change.number, change.text)
