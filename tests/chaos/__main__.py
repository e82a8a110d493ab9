"""The storm: ``python -m tests.chaos``, or ``make chaos``.

1. Start an installation, do everything once undisturbed, and keep the results.
2. Let four flows do the same again and again, while processes are killed at random moments and started again, each
   with a clock that is right or half a minute off, and the disk is full now and then.
3. End the storm, let all flows finish their round, and end the processes.
4. Look whether anything is lost, doubled or half-written (:mod:`tests.chaos.check`).

First on SQLite and files, then on PostgreSQL and Redis, with half of the kills each.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import get_args

from tests.chaos.check import check, settings_of
from tests.chaos.client import Client
from tests.chaos.disk import SmallDisk, small_disk
from tests.chaos.flows import Flow, Work
from tests.chaos.installation import Installation, Kind, running

_CLOCKS = (0.0, 0.0, -35.0, 35.0)
_FULL_EVERY = 25
_FULL_SECONDS = 1.0


def main() -> None:
    """Run the storm, print its figures, and exit with 1 if anything is wrong."""
    arguments = argparse.ArgumentParser(description="Kill processes of a busy installation, and check what is left.")
    arguments.add_argument("--kills", type=int, default=300, help="in all")
    arguments.add_argument("--seconds", type=float, default=3.0, help="mean time between two kills")
    arguments.add_argument("--seed", type=int, default=0)
    arguments.add_argument(
        "--on", choices=get_args(Kind), action="append", help="default: both, half of the kills each"
    )
    options = arguments.parse_args()
    kinds: list[Kind] = options.on or list(get_args(Kind))
    begun = time.monotonic()
    problems: list[str] = []
    for kind in kinds:
        problems += storm(kind, options.kills // len(kinds), options.seconds, random.Random(options.seed))  # noqa: S311 - moments, not secrets
    print(f"{options.kills} kills in {(time.monotonic() - begun) / 60:.1f} min, {len(problems)} problems")
    for problem in problems:
        print(f"  {problem}")
    sys.exit(bool(problems))


def storm(kind: Kind, kills: int, seconds: float, chance: random.Random) -> list[str]:
    """Run one storm, and print its figures; return what is wrong after it."""
    stop = threading.Event()
    with (
        tempfile.TemporaryDirectory() as folder,
        small_disk(Path(folder)) as disk,
        running(kind, disk.folder) as installation,
    ):
        client = Client(installation.servers)
        work = Work(client)
        tasks = {"traces": work.trace, "lens": work.lens, "imports": work.bundle, "evaluations": work.evaluation}
        flows = [Flow(name, once, stop) for name, once in tasks.items()]
        done = _kill(installation, disk, flows, kills, seconds, chance)
        stop.set()
        for flow in flows:
            flow.join()
        problems = [problem for flow in flows for problem in flow.problems]
        if not problems:
            _wait_for_the_rest(client)
        installation.stop()
        problems += check(settings_of(installation.home, installation.variables))
    print(f"{kind}: " + ", ".join(f"{count} × {name}" for name, count in sorted(done.items())))
    for flow in flows:
        print(f"{kind}: {flow.rounds} rounds of {flow.name}, the slowest {flow.slowest:.0f} s")
    print(f"{kind}: {client.told_to_wait} answers said to try again, {client.uncertain} requests lost their answer")
    return [f"{kind}: {problem}" for problem in problems]


def _kill(
    installation: Installation, disk: SmallDisk, flows: list[Flow], kills: int, seconds: float, chance: random.Random
) -> Counter[str]:
    for flow in flows:
        flow.start()
    victims = installation.victims
    done: Counter[str] = Counter()
    for number in range(1, kills + 1):
        time.sleep(chance.uniform(0, 2 * seconds))
        if any(flow.problems for flow in flows):
            break
        if number % _FULL_EVERY == 0:
            disk.fill()
            time.sleep(_FULL_SECONDS)
            disk.free()
            done["full disk"] += 1
        (victim,) = chance.choices(victims, [victim.weight for victim in victims])
        victim.strike(chance.choice(_CLOCKS))
        done[f"kill of {victim.name}"] += 1
    return done


def _wait_for_the_rest(client: Client) -> None:
    """Requests that lost their answers may have left jobs that nobody waits for."""
    for state in ("queued", "running"):
        client.until(f"/jobs?state={state}", lambda found: not found["items"])


if __name__ == "__main__":
    main()
