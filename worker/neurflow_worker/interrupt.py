"""Stopping work that is silent: an exception raised from outside, in the thread that works, where that was allowed.

The engine asks after each piece of work whether to go on, but a piece may take minutes with a large network. A watcher
in another thread then sends a signal; its handler, which Python runs in the main thread between two instructions,
raises :class:`Interrupted` there. That is how Ctrl-C works, and as safe: only around plain computation, not around
writes and imports. So it is armed and disarmed, by the main thread alone.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Interrupted(BaseException):
    """Work was stopped from outside. No error: whoever catches errors must not swallow it."""


class Interrupter:
    """Raises :class:`Interrupted` in the main thread while it is armed. One at a time: it takes ``SIGUSR1``."""

    def __init__(self) -> None:
        self._armed = False
        self._installed = False

    @contextmanager
    def installed(self) -> Iterator[None]:
        """While the block runs, in the main thread, the signal is handled here; in another thread nothing is done."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = signal.signal(signal.SIGUSR1, self._handle)
        self._installed = True
        try:
            yield
        finally:
            self._armed = self._installed = False
            signal.signal(signal.SIGUSR1, before)

    def arm(self) -> None:
        """From here on work may be interrupted."""
        self._armed = True

    def disarm(self) -> None:
        """From here on it may not."""
        self._armed = False

    def poke(self) -> None:
        """Interrupts the main thread, if that is armed. From any thread, as often as need be."""
        if self._installed and self._armed:
            ident = threading.main_thread().ident
            if ident is not None:
                signal.pthread_kill(ident, signal.SIGUSR1)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if self._armed:
            self._armed = False
            raise Interrupted
