"""Cache of circuits' graphs, as the JSON of responses. A result never changes in place.

A circuit that is computed again has a new ``computed_at``, and so a new key: entries are never out of date.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from typing import Final

from neurflow_server.addresses import root

Key = tuple[str, datetime | None]
"""A circuit's id, and the time of its result."""
_MOST_BYTES: Final = 16 * 1024 * 1024


class GraphCache:
    """Keeps the latest entries, at most ``most_bytes``. Threads can share it."""

    def __init__(self, most_bytes: int = _MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._kept: OrderedDict[tuple[Key, str], bytes] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def get(self, key: Key, make: Callable[[], bytes]) -> bytes:
        """Return the entry of ``key``; create it if there is none. Two threads may both create it."""
        # The entry contains addresses.
        place = (key, root())
        with self._lock:
            found = self._kept.get(place)
            if found is not None:
                self._kept.move_to_end(place)
                return found
        made = make()
        with self._lock:
            self._size += len(made) - len(self._kept.pop(place, b""))
            self._kept[place] = made
            while self._size > self._most_bytes:
                self._size -= len(self._kept.popitem(last=False)[1])
        return made
