"""Celery messages as files, so that no broker is needed.

Kombu's own filesystem transport opens a message under its final name before writing it, and moves a taken one through
the system's temporary folder: a reader can get half a message, or two readers the same one. Here

1. a message is written under a temporary name, flushed to the disk and renamed, so that it is complete when it becomes
   visible, also after a power cut;
2. a reader takes it by renaming it within its folder, which succeeds for one reader only;
3. a file that is not a message is put aside and logged, so that it ends no worker: the sweeper announces its job again;
4. queues are found by name, so that no exchange tables are needed.
"""

from __future__ import annotations

import json
import logging
import os
import time
from contextlib import suppress
from pathlib import Path
from queue import Empty
from typing import Any, Final
from uuid import uuid4

from kombu.transport import filesystem

from neurflow_store.durable import write_in_place

PUT_ASIDE: Final = "put-aside"
"""Folder beside the messages for files that are none."""
_LONGEST_WAIT: Final = 0.5
_log = logging.getLogger(__name__)


class Channel(filesystem.Channel):
    """Puts and gets the messages of a folder."""

    def get_table(self, exchange: str) -> list[Any]:
        return []

    def _queue_bind(self, exchange: str, routing_key: str, pattern: str, queue: str) -> None:
        """Do nothing: messages are sent to a queue by its name."""

    def _put(self, queue: str, payload: Any, **kwargs: Any) -> None:  # type: ignore[override] # as its own base does
        name = f"{time.time_ns():020d}-{uuid4().hex}.{queue}.msg"
        folder = Path(self.data_folder_out)
        write_in_place(folder / name, folder / f".{name}", json.dumps(payload).encode())

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        folder = Path(self.data_folder_in)
        for name in sorted(os.listdir(folder)):
            if name.partition(".")[2] != f"{queue}.msg":
                continue
            taken = folder / f".{name}.taken"
            try:
                (folder / name).rename(taken)
            except FileNotFoundError:
                continue  # another reader was faster
            try:
                message = self._read(taken)
            except Exception as error:  # noqa: BLE001 - whatever a file holds, the worker must go on
                self._put_aside(taken, name, error)
                continue
            taken.unlink()
            return message
        raise Empty

    def _read(self, path: Path) -> Any:
        """Return a message after decoding it as its receiver will.

        Raises:
            Exception: of any kind, if the file is not a message that announces work.
        """
        payload = json.loads(path.read_text(encoding="utf-8"))
        message: Any = self.Message(payload, channel=self)  # type: ignore[no-untyped-call] # kombu's
        message.accept = {"application/json"}
        arguments, named, _ = message.payload
        if not (isinstance(message.delivery_tag, str) and isinstance(message.headers["task"], str)):
            raise ValueError("its tag or its task is not text")
        if not (isinstance(arguments, list) and isinstance(named, dict)):
            raise ValueError("it has no arguments")
        return payload

    def _put_aside(self, taken: Path, name: str, error: Exception) -> None:
        folder = taken.parent.parent / PUT_ASIDE
        reason = f"{type(error).__name__}: {error}"[:200]
        _log.warning("a file among the messages is not a message, put aside in %s: %r (%s)", folder, name, reason)
        with suppress(OSError):
            folder.mkdir(exist_ok=True)
            taken.rename(folder / name)


class Transport(filesystem.Transport):
    """Kombu's transport with :class:`Channel`."""

    Channel = Channel

    def drain_events(self, connection: Any, timeout: float | None = None, **kwargs: Any) -> Any:
        """Wait for a message, but not for long: a worker must notice when it is told to stop."""
        most = min(timeout or _LONGEST_WAIT, _LONGEST_WAIT)
        return super().drain_events(connection, timeout=most, **kwargs)  # type: ignore[no-untyped-call] # kombu's
