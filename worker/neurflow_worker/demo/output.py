"""Log a process's output: every line to a file, important ones to the terminal."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Final

_LEVEL: Final = re.compile(r'^\S+ (debug|info|warning|error|critical) |"level": ?"(\w+)"')
_QUIET: Final = ("debug", "info")
_MOST_BYTES: Final = 5 * 1024 * 1024


class Output:
    """The output of one process. A line without a level, such as part of a traceback, has the previous line's level.

    Args:
        name: name of the process, printed before its lines.
        folder: folder of ``NAME.log``, which is renamed to ``NAME.log.1`` beyond 5 MB and replaces the one before.
        say: prints a line on the terminal.
        verbose: print all lines, not only warnings and errors.
    """

    def __init__(self, name: str, folder: Path, say: Callable[[str], None], verbose: bool = False) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / f"{name}.log"
        self.last = ""
        self._name, self._say, self._verbose = name, say, verbose
        self._file = RotatingFileHandler(self.path, maxBytes=_MOST_BYTES, backupCount=1, encoding="utf-8", delay=True)
        self._level = "info"

    def take(self, line: str) -> None:
        """Log a line, without its line ending."""
        self.last = line
        self._file.handle(logging.makeLogRecord({"msg": line}))
        if found := _LEVEL.search(line):
            self._level = found[1] or found[2]
        if self._verbose or self._level not in _QUIET:
            self._say(f"[{self._name}] {line}")

    def close(self) -> None:
        self._file.close()
