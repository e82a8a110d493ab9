"""The graphs of circuits that were asked for last, as the JSON that goes into answers. A result never changes in place.

A circuit that is computed again has a new ``computed_at``, and so another key: what is kept is never out of date.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from typing import Final

Key = tuple[str, datetime | None]
"""A circuit's id, and when its result was computed."""
_MOST_BYTES: Final = 16 * 1024 * 1024


class GraphCache:
    """Keeps what was made last, at most ``most_bytes`` of it. Threads may share it."""

    def __init__(self, most_bytes: int = _MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._kept: OrderedDict[Key, bytes] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def get(self, key: Key, make: Callable[[], bytes]) -> bytes:
        """What is kept under ``key``; made and kept where there is none. Two threads at once may both make it."""
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
                return found
        made = make()
        with self._lock:
            self._size += len(made) - len(self._kept.pop(key, b""))
            self._kept[key] = made
            while self._size > self._most_bytes:
                self._size -= len(self._kept.popitem(last=False)[1])
        return made
