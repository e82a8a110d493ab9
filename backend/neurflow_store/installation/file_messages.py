"""Celery's messages as files, so that no broker need be run.

Kombu's own filesystem transport opens a message under its final name before it writes it, and moves one that is taken
through the system's folder for temporary files: a reader may meet half a message, or two may take the same one. Here

1. a message is written aside and renamed, so that it is whole once it is seen;
2. it is taken by renaming it within its folder, which succeeds for one reader alone;
3. queues are found by their names, so that there are no tables of exchanges to be kept.
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
    """Puts and takes the messages of a folder."""

    def get_table(self, exchange: str) -> list[Any]:
        return []

    def _queue_bind(self, exchange: str, routing_key: str, pattern: str, queue: str) -> None:
        """Nothing is bound: messages are sent to a queue by its name."""

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
            # Somebody else may take it first.
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
        """Waits for a message, never for long: a worker that is to end must get to know."""
        most = min(timeout or _LONGEST_WAIT, _LONGEST_WAIT)
        return super().drain_events(connection, timeout=most, **kwargs)  # type: ignore[no-untyped-call] # kombu's
