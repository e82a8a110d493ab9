"""Server-sent events: an answer that goes on until its job has ended, its client has gone, or the server stops.

``progress`` carries a job's JSON at once and with every change, ``end`` that of a job that has ended. An event's id is
the job's version, so that a client that comes again with ``Last-Event-ID`` is told only what is newer.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final

import anyio
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from neurflow_server.events.follower import Follower
from neurflow_server.events.watches import Change, Watch
from neurflow_store.viewers import Viewer

MEDIA_TYPE: Final = "text/event-stream"
_RETRY_MS: Final = 2000
_ALIVE_SECONDS: Final = 15.0
_FAREWELL_SECONDS: Final = 1.0


class EventStream(Response):
    """The events of one job, or of all where ``job_id`` is ``None``: that one ends only with its client.

    Args:
        follower: of this process.
        job_id: which job.
        seen: the version that the client knows, 0 for none.
        viewer: who reads, where there are accounts.
    """

    media_type = MEDIA_TYPE

    def __init__(self, follower: Follower, job_id: str | None, seen: int = 0, viewer: Viewer | None = None) -> None:
        self.status_code = 200
        self.background = None
        self._follower, self._job_id, self._seen, self._viewer = follower, job_id, seen, viewer
        self.init_headers({"Cache-Control": "no-store", "X-Accel-Buffering": "no"})

    def init_headers(self, headers: Any = None) -> None:
        """Of an answer whose length is not known."""
        self.body = b""
        super().init_headers(headers)
        self.raw_headers = [(name, value) for name, value in self.raw_headers if name != b"content-length"]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends until it ends. Whatever happens, the watch is given back here."""
        with self._follower.watch(self._job_id, self._seen, viewer=self._viewer) as watch:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(until_gone, receive, tasks.cancel_scope)
                tasks.start_soon(until_stopped, watch.ended, tasks.cancel_scope)
                await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
                await self._send_events(watch, send)
                await send({"type": "http.response.body", "body": b"", "more_body": False})
                tasks.cancel_scope.cancel()

    async def _send_events(self, watch: Watch, send: Send) -> None:
        text = f"retry: {_RETRY_MS}\n\n"
        while True:
            await send({"type": "http.response.body", "body": text.encode(), "more_body": True})
            changes = await watch.take(_ALIVE_SECONDS)
            if watch.ended.is_set():
                return
            text = "".join(self._event(change) for change in changes if not change.gone) or ": still here\n\n"
            if self._job_id is not None and any(change.ended for change in changes):
                await send({"type": "http.response.body", "body": text.encode(), "more_body": True})
                return

    def _event(self, change: Change) -> str:
        # Versions are a job's own: they do not tell how far a stream of all jobs is.
        number = f"id: {change.version}\n" if self._job_id is not None else ""
        return f"{number}event: {'end' if change.ended else 'progress'}\ndata: {change.text}\n\n"


async def until_gone(receive: Receive, scope: anyio.CancelScope) -> None:
    """Cancels when the client has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass
    scope.cancel()


async def until_stopped(ended: asyncio.Event, scope: anyio.CancelScope) -> None:
    """Lets a stream say goodbye, unless its client does not read."""
    await ended.wait()
    await anyio.sleep(_FAREWELL_SECONDS)
    scope.cancel()
