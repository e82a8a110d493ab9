"""Server-sent events: responses that continue until their subject ends, the client disconnects, or the server stops.

A job's stream sends ``progress`` with the job's JSON at once and with every change, ``end`` when it has ended. A
circuit's stream sends ``ready``, then ``label``, ``note`` and ``result``; ``reset`` after a loss. An event's id is the
job's version or the change's number, so that a client that reconnects with ``Last-Event-ID`` only gets newer ones.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from contextlib import AbstractContextManager
from typing import Any, Final, Generic, TypeVar

import anyio
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from neurflow_server.events.circuit_follower import CircuitFollower
from neurflow_server.events.job_follower import JobFollower
from neurflow_server.events.watches import Change, CircuitWatch, JobWatch, Watch
from neurflow_store.claims import Claim
from neurflow_store.visibility import Viewer

MEDIA_TYPE: Final = "text/event-stream"
_RETRY_MS: Final = 2000
_ALIVE_SECONDS: Final = 15.0
_FAREWELL_SECONDS: Final = 1.0
_Watch = TypeVar("_Watch", bound=Watch)


class EventStream(Response, ABC, Generic[_Watch]):
    """A stream of a watch's events."""

    media_type = MEDIA_TYPE

    def __init__(self, watching: AbstractContextManager[_Watch]) -> None:
        self.status_code = 200
        self.background = None
        self._watching = watching
        self.init_headers({"Cache-Control": "no-store", "X-Accel-Buffering": "no"})

    def init_headers(self, headers: Any = None) -> None:
        """Set the headers of a response of unknown length."""
        self.body = b""
        super().init_headers(headers)
        self.raw_headers = [(name, value) for name, value in self.raw_headers if name != b"content-length"]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until the end, and release the watch in any case."""
        with self._watching as watch:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(_until_disconnected, receive, tasks.cancel_scope)
                tasks.start_soon(_until_stopped, watch.ended, tasks.cancel_scope)
                await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
                await self._send_events(watch, send)
                await send({"type": "http.response.body", "body": b"", "more_body": False})
                tasks.cancel_scope.cancel()

    @abstractmethod
    async def _next(self, watch: _Watch, timeout: float) -> tuple[str, bool]:
        """Return the new events as text, and whether they are the last; nothing after ``timeout`` seconds."""

    async def _send_events(self, watch: _Watch, send: Send) -> None:
        text, last = f"retry: {_RETRY_MS}\n\n", False
        while True:
            await send({"type": "http.response.body", "body": text.encode(), "more_body": True})
            if last:
                return
            text, last = await self._next(watch, _ALIVE_SECONDS)
            if watch.ended.is_set():
                return
            text = text or ": still here\n\n"


class JobStream(EventStream[JobWatch]):
    """The events of one job, or of all jobs if ``job_id`` is ``None``, which end only with the client.

    Args:
        follower: the process's follower.
        job_id: the job's id.
        seen: the version that the client has, 0 for none.
        viewer: the user, if there are accounts.
        claim: what allowed the request, if there are accounts.
    """

    def __init__(
        self,
        follower: JobFollower,
        job_id: str | None,
        seen: int = 0,
        viewer: Viewer | None = None,
        claim: Claim | None = None,
    ) -> None:
        super().__init__(follower.watch(job_id, seen, viewer=viewer, claim=claim))
        self._job_id = job_id

    async def _next(self, watch: JobWatch, timeout: float) -> tuple[str, bool]:
        changes = await watch.take(timeout)
        text = "".join(self._event(change) for change in changes if not change.gone)
        return text, self._job_id is not None and any(change.ended for change in changes)

    def _event(self, change: Change) -> str:
        # Versions belong to one job: they do not number the stream of all jobs.
        number = f"id: {change.version}\n" if self._job_id is not None else ""
        return f"{number}event: {'end' if change.ended else 'progress'}\ndata: {change.text}\n\n"


class CircuitStream(EventStream[CircuitWatch]):
    """The changes of a circuit. It ends with its client, what allowed it, its circuit, or the server.

    Args:
        follower: the process's follower.
        circuit_id: the circuit's id.
        number: the last change that the client has, ``None`` for none.
        claim: what allowed the request, if there are accounts.
    """

    def __init__(self, follower: CircuitFollower, circuit_id: str, number: int | None, claim: Claim | None) -> None:
        super().__init__(follower.watch(circuit_id, number, claim))

    async def _next(self, watch: CircuitWatch, timeout: float) -> tuple[str, bool]:
        return await watch.take(timeout), False


async def _until_disconnected(receive: Receive, scope: anyio.CancelScope) -> None:
    """Cancel when the client has disconnected."""
    while (await receive())["type"] != "http.disconnect":
        pass
    scope.cancel()


async def _until_stopped(ended: asyncio.Event, scope: anyio.CancelScope) -> None:
    """End a stream with a last event, unless its client does not read."""
    await ended.wait()
    await anyio.sleep(_FAREWELL_SECONDS)
    scope.cancel()
