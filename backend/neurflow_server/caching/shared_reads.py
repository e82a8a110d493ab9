"""Reads shared by all requests that wait for the same one.

Many users request a gallery in the same words. A request that arrives before the read has started shares its result; a
later one waits for the next read, so that each response contains everything that was committed before its request.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable

from anyio import Semaphore, to_thread
from sqlalchemy.orm import Session

from neurflow_server.addresses import root
from neurflow_store.installation.database import Database
from neurflow_store.visibility import Viewer


class SharedReads:
    """The shared reads of one application, on its event loop.

    Args:
        database: the database to read.
        reading: limits the number of concurrent readers.
    """

    def __init__(self, database: Database, reading: Semaphore) -> None:
        self._database, self._reading = database, reading
        self._to_begin: dict[Hashable, asyncio.Task[bytes]] = {}

    async def share(self, asked: Hashable, read: Callable[[Session], bytes], viewer: Viewer | None = None) -> bytes:
        """Return the result of ``read``, run for this request or for an equal one of the same viewer.

        Args:
            asked: identifies the read: equal values give a viewer the same result, below the same root.
            read: called in a thread with a session of ``Database.reading()``.
            viewer: the user to read for.

        Raises:
            whatever ``read`` raises.
        """
        key = (asked, viewer, root())
        task = self._to_begin.get(key)
        if task is None:
            task = self._to_begin[key] = asyncio.create_task(self._run(key, viewer, read))
        # One of the waiting requests may be cancelled; the others still need the result.
        return await asyncio.shield(task)

    async def _run(self, key: Hashable, viewer: Viewer | None, read: Callable[[Session], bytes]) -> bytes:
        async with self._reading:
            del self._to_begin[key]
            return await to_thread.run_sync(self._read, viewer, read)

    def _read(self, viewer: Viewer | None, read: Callable[[Session], bytes]) -> bytes:
        database = self._database if viewer is None else self._database.seen_by(viewer)
        with database.reading() as session:
            return read(session)
