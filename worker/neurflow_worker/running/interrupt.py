"""Interrupt work that does not report progress: raise an exception in the working thread, where that is allowed.

The engine checks after each piece of work whether to continue, but with a large network a piece may take minutes. A
watching thread then sends a signal. Its handler, which Python runs in the main thread between two instructions, raises
:class:`Interrupted` there. This works like Ctrl-C and is as safe: only around pure computation, not around writes and
imports. The main thread therefore arms and disarms it.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Interrupted(BaseException):
    """Work was interrupted from outside. Not an ``Exception``, so that error handlers do not swallow it."""


class Interrupter:
    """Raises :class:`Interrupted` in the main thread while armed. Only one at a time: it uses ``SIGUSR1``."""

    def __init__(self) -> None:
        self._armed = False
        self._installed = False

    @contextmanager
    def installed(self) -> Iterator[None]:
        """Handle the signal inside the block. Does nothing outside the main thread."""
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
        """Allow interrupting work from here on."""
        self._armed = True

    def disarm(self) -> None:
        """Forbid interrupting work from here on."""
        self._armed = False

    def interrupt(self) -> None:
        """Interrupt the main thread if armed. May be called from any thread, repeatedly."""
        if self._installed and self._armed:
            ident = threading.main_thread().ident
            if ident is not None:
                signal.pthread_kill(ident, signal.SIGUSR1)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if self._armed:
            self._armed = False
            raise Interrupted
