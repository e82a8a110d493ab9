"""Compare the engine with the textbook implementation on the demo network, in one run.

Prints seconds, the ratio, the peak memory of each and the agreement of the core sets. Takes about a quarter of an
hour on two cores; ``--parts engine,converged`` measures some parts only, ``--repeat 3`` gives medians of the engine.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("engine", "textbook", "textbook_in_batches", "converged", "twice_the_images", "complete", "resnet50")


def main() -> None:
    """Run the parts one after another and print the table."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--parts", default=",".join(PARTS), help="which parts to measure")
    arguments.add_argument("--repeat", type=int, default=3, help="runs of the short parts; medians are printed")
    options = arguments.parse_args()
    print(f"{os.cpu_count()} cores, {platform.processor() or platform.machine()}, Python {platform.python_version()}")
    results: dict[str, dict[str, Any]] = {}
    for part in options.parts.split(","):
        results[part] = _measure(part, options.repeat if part == "engine" else 1)
        shown = results[part]
        timings = "  ".join(f"{stage} {seconds:.1f}" for stage, seconds in shown.get("timings", {}).items())
        print(
            f"{part:17} {shown['seconds']:8.1f} s {shown['peak_mb']:8.0f} MB  {len(shown['cores'])} neurons  {timings}",
            flush=True,
        )
    _compare(results)


def _measure(part: str, runs: int) -> dict[str, Any]:
    measured = []
    for _ in range(runs):
        command = [sys.executable, "-m", "tests.benchmarks.parts", part]
        done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own words
        measured.append(json.loads(done.stdout.splitlines()[-1]))
    seconds = statistics.median(result["seconds"] for result in measured)
    return {**measured[-1], "seconds": seconds}


def _compare(results: dict[str, dict[str, Any]]) -> None:
    engine = results.get("engine")
    if engine is None:
        return
    for name in ("textbook", "textbook_in_batches"):
        if (slow := results.get(name)) is not None:
            print(f"the engine is {slow['seconds'] / engine['seconds']:.1f} times as fast as {name}, ", end="")
            print(f"with {engine['peak_mb'] / slow['peak_mb']:.2f} of its peak memory")
    textbook = results.get("textbook")
    if textbook is not None:
        _agree("engine and textbook", engine, textbook)
    if (converged := results.get("converged")) is not None:
        _agree("engine and convergence", engine, converged)
        if textbook is not None:
            _agree("textbook and convergence", textbook, converged)
    if (twice := results.get("twice_the_images")) is not None:
        print(f"twice the images take {twice['peak_mb'] / engine['peak_mb'] - 1:+.1%} memory")


def _agree(title: str, first: dict[str, Any], second: dict[str, Any]) -> None:
    shared = [neuron for neuron in first["cores"] if neuron in second["cores"]]
    pairs = [(set(first["cores"][neuron]), set(second["cores"][neuron])) for neuron in shared]
    jaccard = statistics.mean(len(a & b) / len(a | b) for a, b in pairs)
    same = sum(a == b for a, b in pairs)
    print(f"{title}: mean Jaccard {jaccard:.4f}, {same} of {len(pairs)} core sets the same")


if __name__ == "__main__":
    main()
