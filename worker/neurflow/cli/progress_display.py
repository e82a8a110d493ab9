"""Show progress on stderr: a bar for each stage in a terminal, occasional lines elsewhere."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn, TextIO

from tqdm import tqdm

from neurflow.progress import Progress

_UNITS = {"images": "image", "activations": "patch", "layer": "neuron", "importance": "step", "training": "batch"}
"""Unit of a stage, by the first word of its name."""
EVERY = 5.0
"""Seconds between two lines of a stage."""
_WIDTH = 80


@contextmanager
def shown_progress(stream: TextIO | None = None) -> Iterator[Progress]:
    """Yield a callback that shows progress, rate and time left until the block ends.

    Args:
        stream: where to show progress; stderr by default.
    """
    stream = sys.stderr if stream is None else stream
    if not stream.isatty():
        yield _Lines(stream)
        return
    bars = _Bars(stream)
    try:
        yield bars
    finally:
        bars.close()


class _Bars:
    """A bar for each stage; finished bars remain visible."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._stage = ""
        self._bar: tqdm[NoReturn] | None = None

    def __call__(self, stage: str, done: int, total: int) -> None:
        if self._bar is None or stage != self._stage or done < self._bar.n:
            self.close()
            unit = _UNITS.get(stage.split()[0], "it")
            width = None if _knows_its_width(self._stream) else _WIDTH
            self._bar = tqdm(
                total=total, desc=stage, unit=unit, file=self._stream, ncols=width, dynamic_ncols=width is None
            )
            self._stage = stage
        self._bar.update(done - self._bar.n)

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None


def _knows_its_width(stream: TextIO) -> bool:
    """Return whether the terminal's width is known; some terminals report 0 columns."""
    try:
        return os.get_terminal_size(stream.fileno()).columns > 0
    except OSError:
        return False


class _Lines:
    """A line at the start and end of each stage, and every few seconds in between."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._stage: tuple[str, int] | None = None
        self._done = 0
        self._begun = self._written = 0.0

    def __call__(self, stage: str, done: int, total: int) -> None:
        now = time.monotonic()
        begins = (stage, total) != self._stage or done < self._done
        if begins:
            self._stage, self._begun = (stage, total), now
        ends = done == total and (begins or self._done < total)
        self._done = done
        if begins or ends or (done < total and now - self._written >= EVERY):
            self._written = now
            self._stream.write(self._line(stage, done, total, now - self._begun) + "\n")
            self._stream.flush()

    def _line(self, stage: str, done: int, total: int, seconds: float) -> str:
        line = f"{stage}: {done}/{total}"
        if not done or not seconds:
            return line
        time_left = tqdm.format_interval((total - done) * seconds / done)
        time_taken = tqdm.format_interval(seconds)
        return f"{line}, {done / seconds:.1f}/s, " + (f"{time_left} left" if done < total else f"{time_taken} in all")
