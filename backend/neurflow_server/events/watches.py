"""Watchers and their unread events: bounded, so that a slow reader costs nothing.

Everything here runs in the event loop's thread.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, TypeVar

from neurflow_store.claims import Claim
from neurflow_store.visibility import Viewer

MOST_JOBS: Final = 1000
"""Maximum number of jobs with unread changes."""
MOST_EVENTS: Final = 200
"""Maximum number of unread events of a circuit."""

_MOST_SEEN: Final = 10_000
_Value = TypeVar("_Value")


class Watch:
    """A reader that waits for events until it is closed.

    Args:
        claim: what allowed the reader's request; ``None`` if everyone may do everything.
    """

    def __init__(self, claim: Claim | None = None) -> None:
        self.claim = claim
        self.ended = asyncio.Event()
        self._news = asyncio.Event()

    def close(self) -> None:
        """End the reader's wait for good."""
        self.ended.set()
        self._news.set()

    async def _has_news(self, timeout: float) -> bool:
        """Return whether there is something to read now, or within ``timeout`` seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                await self._news.wait()
        if self.ended.is_set() or not self._news.is_set():
            return False
        self._news.clear()
        return True


@dataclass(frozen=True)
class Change:
    """A job's state: ``text`` is its JSON. ``gone`` if the job was deleted.

    ``viewers`` are the users who can see it, if there are accounts; ``None`` for all watchers.
    """

    job_id: str
    version: int
    ended: bool
    text: str
    gone: bool = False
    viewers: frozenset[str] | None = None


class JobWatch(Watch):
    """A watch on one job, or on all: the newest state of each that has not been read yet.

    Args:
        job_id: the job's id; ``None`` for all.
        seen: the version that the reader has, 0 for none.
        viewer: the user, if there are accounts.
        claim: as for :class:`Watch`.
    """

    def __init__(
        self, job_id: str | None, seen: int = 0, viewer: Viewer | None = None, claim: Claim | None = None
    ) -> None:
        super().__init__(claim)
        self.job_id = job_id
        self.viewer = viewer
        self._seen: dict[str, int] = {job_id: seen} if job_id is not None else {}
        self._waiting: dict[str, Change] = {}

    def offer(self, change: Change) -> None:
        """Add a change, unless the reader has it or cannot see it. A newer change replaces an older one."""
        narrowed = self.viewer is not None and not self.viewer.sees_all and change.viewers is not None
        if narrowed and self.viewer is not None and self.viewer.user_id not in (change.viewers or ()):
            return
        if self._seen.get(change.job_id, 0) >= change.version and not change.gone:
            return
        _put(self._seen, change.job_id, change.version, _MOST_SEEN)
        _put(self._waiting, change.job_id, change, MOST_JOBS)
        self._news.set()

    async def take(self, timeout: float) -> list[Change]:
        """Return the new states, oldest first; none after ``timeout`` seconds or once it is closed."""
        if not await self._has_news(timeout):
            return []
        changes = list(self._waiting.values())
        self._waiting.clear()
        return changes


class CircuitWatch(Watch):
    """A watch on one circuit.

    Args:
        circuit_id: the circuit's id.
        number: the last change that the reader has; ``None`` for none.
        claim: as for :class:`Watch`.
    """

    def __init__(self, circuit_id: str, number: int | None, claim: Claim | None = None) -> None:
        super().__init__(claim)
        self.circuit_id, self.number = circuit_id, number
        self._waiting: list[str] = []

    def offer(self, kind: str, number: int, text: str) -> None:
        """Add an event; start again with ``reset`` if too many are unread."""
        if len(self._waiting) >= MOST_EVENTS:
            kind, number, text = "reset", self.number or 0, "{}"
            self._waiting.clear()
        self._waiting.append(f"id: {number}\nevent: {kind}\ndata: {text}\n\n")
        self._news.set()

    async def take(self, timeout: float) -> str:
        """Return the new events as text; nothing after ``timeout`` seconds, or once it is closed."""
        if not await self._has_news(timeout):
            return ""
        text = "".join(self._waiting)
        self._waiting.clear()
        return text


def _put(newest: dict[str, _Value], key: str, value: _Value, most: int) -> None:
    """Put ``value`` last, and drop the first values beyond ``most``."""
    newest.pop(key, None)
    newest[key] = value
    if len(newest) > most:
        del newest[next(iter(newest))]
