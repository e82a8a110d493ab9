"""Follows what changes about circuits (:mod:`follower` says how): labels, notes, and that one was computed again.

1. Each change has a number, its circuit's own. Circuits are asked for newer ones, all in one query.
2. What is new is read once and made into JSON once, and offered to whoever looks at that circuit. Who comes again with
   a number is first given what came after it; where that is no longer known, or a reader is too slow, ``reset`` says
   that all is to be read anew.
3. A reader whose link was revoked or is over, or whose circuit is gone, is ended; all are, where it may be that some of
   them do not see the circuit any more: who does comes again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy.orm import Session

from neurflow_server.events.follower import Follower
from neurflow_server.events.watches import CircuitWatch
from neurflow_store.clock import now
from neurflow_store.installation.database import Database
from neurflow_store.installation.events import CHANGES
from neurflow_store.installation.settings import Settings
from neurflow_store.repositories import changes
from neurflow_store.sharing.links import Grant
from neurflow_store.tables import ChangeKind


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
class _Look:
    """From which number on each circuit is read, ``None`` for the present; and those who wait for their first word."""

    wanted: Mapping[str, int | None]
    newcomers: frozenset[CircuitWatch]


@dataclass(frozen=True)
class _Found:
    """What a look found: the newest number of each circuit that is there, and what came after those asked for."""

    newest: Mapping[str, int]
    told: Mapping[str, list[Told]]


class CircuitFollower(Follower[_Look, _Found]):
    """The one reader of circuits' changes of a process.

    Args:
        settings: of the installation.
        database: all of it.
        read: the services', which know how labels and notes are shown.
    """

    subject = "circuits"
    channel = CHANGES

    def __init__(self, settings: Settings, database: Database, read: Read) -> None:
        super().__init__(settings, database)
        self._told_since = read
        self._readers: dict[str, set[CircuitWatch]] = defaultdict(set)
        self._known: dict[str, int] = {}
        self._newcomers: set[CircuitWatch] = set()

    @contextmanager
    def watch(self, circuit_id: str, number: int | None, grant: Grant | None = None) -> Iterator[CircuitWatch]:
        """What changes about a circuit after ``number``; from now on where that is ``None``."""
        watch = CircuitWatch(circuit_id, number, grant)
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

    def _wants(self, id: str) -> bool:
        return id in self._readers

    def _forget(self) -> None:
        self._known.clear()

    def _expire(self) -> None:
        moment = now()
        for watch in self._watches():
            end = watch.grant.expires_at if watch.grant is not None else None
            if end is not None and end <= moment:
                watch.close()

    def _next_look(self, named: frozenset[str], whole: bool) -> _Look | None:
        newcomers = frozenset(self._newcomers)
        asked = set(self._readers) if whole else named | {watch.circuit_id for watch in newcomers}
        wanted = {circuit_id: self._known.get(circuit_id) for circuit_id in asked}
        for watch in newcomers:
            if watch.number is not None:
                known = wanted[watch.circuit_id]
                wanted[watch.circuit_id] = watch.number if known is None else min(known, watch.number)
        return _Look(wanted, newcomers) if wanted else None

    def _read(self, look: _Look) -> _Found:
        with self._database.reading() as session:
            newest = changes.newest(session, look.wanted)
            behind = {id: known for id, known in look.wanted.items() if known is not None and known < newest.get(id, 0)}
            told: dict[str, list[Told]] = defaultdict(list)
            for change in self._told_since(session, behind) if behind else ():
                told[change.circuit_id].append(change)
            return _Found(newest, told)

    def _spread(self, look: _Look, found: _Found) -> None:
        for circuit_id in look.wanted:
            self._spread_one(circuit_id, found)
        self._newcomers.difference_update(look.newcomers)

    def _spread_one(self, circuit_id: str, found: _Found) -> None:
        readers = self._readers.get(circuit_id)
        newest = found.newest.get(circuit_id)
        if newest is None or not readers:
            for watch in readers or ():
                watch.close()
            self._known.pop(circuit_id, None)
            return
        told = found.told.get(circuit_id, [])
        first = told[0].number if told else newest + 1
        for watch in readers:
            _tell(watch, told, first, newest)
        self._known[circuit_id] = newest

    def _drop(self, watch: CircuitWatch) -> None:
        readers = self._readers[watch.circuit_id]
        readers.discard(watch)
        if not readers:
            del self._readers[watch.circuit_id]
            self._known.pop(watch.circuit_id, None)


def _tell(watch: CircuitWatch, told: list[Told], first: int, newest: int) -> None:
    if watch.number is None or watch.number > newest:
        watch.number = newest
        watch.offer("ready", newest, "{}")
        return
    if watch.number < first - 1:
        # What came in between is no longer known.
        watch.offer("reset", newest, "{}")
        watch.number = newest
    for change in told:
        if change.number <= watch.number:
            continue
        watch.number = change.number
        if change.kind is not ChangeKind.ACCESS:
            watch.offer(change.kind.value, change.number, change.text)
        elif not change.about or (watch.grant is not None and watch.grant.link_id == change.about):
            watch.close()
