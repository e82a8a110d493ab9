"""Server-sent events of a circuit: ``ready``, then ``label``, ``note`` and ``result``; ``reset`` after a loss."""

from __future__ import annotations

from typing import Final

import anyio
from starlette.types import Receive, Scope, Send

from neurflow_server.events.circuit_changes import ChangeFollower, Reader
from neurflow_server.events.streams import EventStream, until_gone, until_stopped
from neurflow_store.sharing.links import Grant

_RETRY_MS: Final = 2000
_ALIVE_SECONDS: Final = 15.0


class ChangeStream(EventStream):
    """What changes about a circuit. It ends with its client, its link, its circuit, or the server.

    Args:
        follower: of this process.
        circuit_id: which circuit.
        number: the last change that the client knows, ``None`` for none.
        grant: by which the client comes, where it is by a link.
    """

    def __init__(self, follower: ChangeFollower, circuit_id: str, number: int | None, grant: Grant | None) -> None:
        self.status_code = 200
        self.background = None
        self._changes, self._circuit_id, self._number, self._grant = follower, circuit_id, number, grant
        self.init_headers({"Cache-Control": "no-store", "X-Accel-Buffering": "no"})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends until it ends. Whatever happens, the reader is given back here."""
        with self._changes.watch(self._circuit_id, self._number, self._grant) as reader:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(until_gone, receive, tasks.cancel_scope)
                tasks.start_soon(until_stopped, reader.ended, tasks.cancel_scope)
                await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
                await _send_changes(reader, send)
                await send({"type": "http.response.body", "body": b"", "more_body": False})
                tasks.cancel_scope.cancel()


async def _send_changes(reader: Reader, send: Send) -> None:
    text = f"retry: {_RETRY_MS}\n\n"
    while True:
        await send({"type": "http.response.body", "body": text.encode(), "more_body": True})
        text = await reader.take(_ALIVE_SECONDS) or ": still here\n\n"
        if reader.ended.is_set():
            return
