"""Run a command of ``neurflow`` that ends when its parent process is gone: ``python -m … ARGUMENTS``.

The parent holds the other end of the standard input. It is closed however the parent ends, even by ``kill -9``, on
every platform.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from typing import Final

from neurflow.cli import main

PATIENCE_SECONDS: Final = 10.0
"""Time the command has to exit cleanly."""


def end_with(pipe: int, patience: float = PATIENCE_SECONDS) -> None:
    """End this process when the other end of ``pipe`` is closed: with SIGTERM, then by force."""

    def watch() -> None:
        while os.read(pipe, 4096):
            pass
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(patience)
        os._exit(1)

    threading.Thread(target=watch, name="parent", daemon=True).start()


if __name__ == "__main__":
    end_with(sys.stdin.fileno())
    main(prog_name="neurflow")
