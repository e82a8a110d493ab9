"""Those who watch jobs, and what each of them has not been told yet.

A watch holds the newest state of each job that its owner has not taken yet: a newer one replaces an older one, and
beyond a bound the oldest is dropped, so that a slow reader costs nothing. All of this runs in the event loop's thread.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final, TypeVar

from neurflow_store.viewers import Viewer

MOST_WAITING: Final = 1000
"""Most jobs whose news wait for a reader."""

_MOST_SEEN: Final = 10_000
_Value = TypeVar("_Value")


@dataclass(frozen=True)
class Change:
    """A job's state: ``text`` is its JSON. ``gone`` where there is no such job any more.

    ``audience`` are the users who may be told, where there are accounts; ``None`` for all who watch.
    """

    job_id: str
    version: int
    ended: bool
    text: str
    gone: bool = False
    audience: frozenset[str] | None = None


class Watch:
    """One reader's view of one job, or of all.

    Args:
        job_id: which job; ``None`` for all.
        seen: the version that the reader knows already, 0 for none.
        viewer: who reads, where there are accounts.
    """

    def __init__(self, job_id: str | None, seen: int = 0, viewer: Viewer | None = None) -> None:
        self.job_id = job_id
        self.viewer = viewer
        self.ended = asyncio.Event()
        self._seen: dict[str, int] = {job_id: seen} if job_id is not None else {}
        self._waiting: dict[str, Change] = {}
        self._news = asyncio.Event()

    def offer(self, change: Change) -> None:
        """Takes a change, unless the reader has seen it or is not to."""
        narrowed = self.viewer is not None and not self.viewer.sees_all and change.audience is not None
        if narrowed and self.viewer is not None and self.viewer.user_id not in (change.audience or ()):
            return
        if self._seen.get(change.job_id, 0) >= change.version and not change.gone:
            return
        _put(self._seen, change.job_id, change.version, _MOST_SEEN)
        _put(self._waiting, change.job_id, change, MOST_WAITING)
        self._news.set()

    def close(self) -> None:
        """Ends the reader's wait for good."""
        self.ended.set()
        self._news.set()

    async def take(self, timeout: float) -> list[Change]:
        """What is new, the longest waiting first; nothing after ``timeout`` seconds or once it is closed."""
        try:
            async with asyncio.timeout(timeout):
                await self._news.wait()
        except TimeoutError:
            return []
        if self.ended.is_set():
            return []
        self._news.clear()
        changes = list(self._waiting.values())
        self._waiting.clear()
        return changes


def _put(newest: dict[str, _Value], key: str, value: _Value, most: int) -> None:
    """Puts ``value`` last, and drops the first beyond ``most``."""
    newest.pop(key, None)
    newest[key] = value
    if len(newest) > most:
        del newest[next(iter(newest))]
