"""Handle requests to terminate a long command like Ctrl-C."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def terminable() -> Iterator[None]:
    """Raise :class:`KeyboardInterrupt` on SIGTERM inside the block, so that finished work can be saved."""
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread can set signal handlers, and only it is interrupted
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
