"""Reads that are done once for all requests that wait for the same one.

A gallery that many people look at is asked for in the same words. Who asks before the read has begun gets its answer;
who asks later waits for the next read, so that each answer holds all that was committed before it was asked for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable

from anyio import Semaphore, to_thread
from sqlalchemy.orm import Session

from neurflow_store.installation.database import Database
from neurflow_store.visibility import Viewer


class SharedReads:
    """Of one application, on its event loop.

    Args:
        database: what is read.
        reading: lets in so many readers at once.
    """

    def __init__(self, database: Database, reading: Semaphore) -> None:
        self._database, self._reading = database, reading
        self._to_begin: dict[Hashable, asyncio.Task[bytes]] = {}

    async def share(self, asked: Hashable, read: Callable[[Session], bytes], viewer: Viewer | None = None) -> bytes:
        """What ``read`` gives, done by this request or by another that asked the same for the same viewer.

        Args:
            asked: two reads with the same one give a viewer the same.
            read: called in a thread with a session of ``Database.reading()``.
            viewer: for whom it is read.

        Raises:
            whatever ``read`` raises.
        """
        key = (asked, viewer)
        task = self._to_begin.get(key)
        if task is None:
            task = self._to_begin[key] = asyncio.create_task(self._run(key, viewer, read))
        # One of those who wait may go away; the others still want it.
        return await asyncio.shield(task)

    async def _run(self, key: Hashable, viewer: Viewer | None, read: Callable[[Session], bytes]) -> bytes:
        async with self._reading:
            del self._to_begin[key]
            return await to_thread.run_sync(self._read, viewer, read)

    def _read(self, viewer: Viewer | None, read: Callable[[Session], bytes]) -> bytes:
        database = self._database if viewer is None else self._database.seen_by(viewer)
        with database.reading() as session:
            return read(session)
