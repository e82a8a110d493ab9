"""Run a command of the application with a clock that is wrong: ``python -m tests.chaos.shifted SECONDS COMMAND …``."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta

import time_machine


def shift(seconds: float) -> None:
    """Set this process's clock ahead by ``seconds``, or back if negative. It keeps running."""
    if seconds:
        time_machine.travel(datetime.now(UTC) + timedelta(seconds=seconds), tick=True).start()


if __name__ == "__main__":
    from neurflow.cli import main

    shift(float(sys.argv[1]))
    main(sys.argv[2:], prog_name="neurflow")
