"""Celery messages as files, so that no broker is needed.

Kombu's own filesystem transport opens a message under its final name before writing it, and moves a taken one through
the system's temporary folder: a reader can get half a message, or two readers the same one. Here

1. a message is written under a temporary name and renamed, so that it is complete when it becomes visible;
2. a reader takes it by renaming it within its folder, which succeeds for one reader only;
3. queues are found by name, so that no exchange tables are needed.
"""

from __future__ import annotations

import json
import os
import time
from contextlib import suppress
from pathlib import Path
from queue import Empty
from typing import Any, Final
from uuid import uuid4

from kombu.transport import filesystem

_LONGEST_WAIT: Final = 0.5


class Channel(filesystem.Channel):
    """Puts and gets the messages of a folder."""

    def get_table(self, exchange: str) -> list[Any]:
        return []

    def _queue_bind(self, exchange: str, routing_key: str, pattern: str, queue: str) -> None:
        """Do nothing: messages are sent to a queue by its name."""

    def _put(self, queue: str, payload: Any, **kwargs: Any) -> None:  # type: ignore[override] # as its own base does
        name = f"{time.time_ns():020d}-{uuid4().hex}.{queue}.msg"
        folder = Path(self.data_folder_out)
        aside = folder / f".{name}"
        try:
            aside.write_text(json.dumps(payload), encoding="utf-8")
            aside.rename(folder / name)
        finally:
            aside.unlink(missing_ok=True)

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        folder = Path(self.data_folder_in)
        for name in sorted(os.listdir(folder)):
            if name.partition(".")[2] != f"{queue}.msg":
                continue
            taken = folder / f".{name}.taken"
            # Another reader may take it first.
            with suppress(FileNotFoundError):
                (folder / name).rename(taken)
                text = taken.read_text(encoding="utf-8")
                taken.unlink()
                return json.loads(text)
        raise Empty


class Transport(filesystem.Transport):
    """Kombu's transport with :class:`Channel`."""

    Channel = Channel

    def drain_events(self, connection: Any, timeout: float | None = None, **kwargs: Any) -> Any:
        """Wait for a message, but not for long: a worker must notice when it is told to stop."""
        most = min(timeout or _LONGEST_WAIT, _LONGEST_WAIT)
        return super().drain_events(connection, timeout=most, **kwargs)  # type: ignore[no-untyped-call] # kombu's
