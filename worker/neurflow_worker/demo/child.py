"""A command of ``neurflow`` that ends when the process that started it is gone: ``python -m … ARGUMENTS``.

The parent keeps the other end of the standard input open. It is closed however the parent ends, also by ``kill -9``,
and on every system.
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
"""How long the command may take to end cleanly."""


def end_with(pipe: int, patience: float = PATIENCE_SECONDS) -> None:
    """Has this process ended when the other end of ``pipe`` is closed: asked at first, then made to."""

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
