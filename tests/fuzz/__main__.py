"""Send mutated uploads over every upload route; see :mod:`tests.fuzz.mutated_uploads`. Exits with 1 on any fault."""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
import time
from pathlib import Path

import structlog

from tests.fuzz.mutated_uploads import application, fuzz

_MOST_SHOWN = 20


def main() -> None:
    """Print the answers by route and status, what the workers' readers said, and the faults."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--count", type=int, default=10_000, help="mutated uploads")
    arguments.add_argument("--seed", type=int, default=1)
    options = arguments.parse_args()
    logging.disable(logging.CRITICAL)
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory(), processors=[lambda *_: ""])
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="neurflow-fuzz-") as home, application(Path(home)) as client:
        report = fuzz(client, options.count, options.seed)
    print(f"{options.count:,} mutated uploads, seed {options.seed}, {time.monotonic() - began:.0f} s")
    for (route, status), count in sorted(report.answers.items()):
        print(f"  {route:15} {status} {count:7,}")
    print("what was taken, read as workers read it")
    for (route, result), count in sorted(report.readings.items()):
        print(f"  {route:15} {result:12} {count:7,}")
    print(f"faults: {len(report.faults)}")
    for fault in report.faults[:_MOST_SHOWN]:
        print(f"  {fault}")
    sys.exit(bool(report.faults))


if __name__ == "__main__":
    main()
