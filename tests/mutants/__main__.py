"""Tries mutants, and prints how many of those that can be told apart are noticed.

``python -m tests.mutants [TARGET ...] [--sample 25] [--seed 1] [--children 2] [--survivors]``

1. The target's mutants are made; those that differ only in wording, and those known as equivalent, are left out.
2. ``--sample`` mutants of each module are drawn with ``--seed``; 0 takes all.
3. The tests run against each. Killed or out of time is noticed; surviving, or reached by no test, is not.
4. The score weighs each module by its number of mutants that can be told apart; its 95 % interval is that of a
   stratified sample.
5. Some of the equivalent ones are tried, too: where one is "noticed", the tests fail for another reason than mutants.
6. What survived is printed as it was changed, and stays in ``out/mutants``: ``--survivors`` tries those again.
"""

from __future__ import annotations

import argparse
import json
import math
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.mutants import tree
from tests.mutants.apart import Mutant, only_wording, read_equivalent
from tests.mutants.targets import TARGETS

OUT = tree.ROOT / "out" / "mutants"
NOTICED = {"killed", "timeout"}
CONTROLS = 3


def main() -> None:
    words = argparse.ArgumentParser(prog="python -m tests.mutants", description="Mutation testing")
    words.add_argument("targets", nargs="*", metavar="TARGET", help=f"of {', '.join(TARGETS)}; all if none is named")
    words.add_argument("--sample", type=int, default=25, help="mutants of each module, 0 for all")
    words.add_argument("--seed", type=int, default=1, help="of the sample")
    words.add_argument("--children", type=int, default=2, help="mutants tried at the same time")
    words.add_argument("--survivors", action="store_true", help="try what survived the last time again")
    asked = words.parse_args()
    unknown = [name for name in asked.targets if name not in TARGETS]
    if unknown:
        words.error(f"no target {unknown[0]!r}: use {', '.join(TARGETS)}")
    for name in asked.targets or TARGETS:
        try_target(name, asked)


def try_target(name: str, asked: argparse.Namespace) -> None:
    target, folder, results = TARGETS[name], OUT / name, OUT / f"{name}.json"
    tree.build(folder, target, fresh=not asked.survivors)
    mutants = tree.mutants_of(folder, target)
    equivalent = read_equivalent(Path(__file__).with_name("equivalent.txt"))
    wording = {mutant.name for mutant in mutants if only_wording(mutant)}
    same = {mutant.name for mutant in mutants if mutant.change() in equivalent} - wording
    apart = [mutant for mutant in mutants if mutant.name not in wording | same]
    known: dict[str, str] = json.loads(results.read_text("utf-8")) if asked.survivors else {}
    if asked.survivors:
        chosen = [mutant for mutant in apart if known.get(mutant.name, "killed") not in NOTICED]
    else:
        chosen = drawn(apart, asked.sample, asked.seed)
    controls = sorted(same)[:: max(1, len(same) // CONTROLS)]
    states = {**known, **tree.run(folder, [*(mutant.name for mutant in chosen), *controls], asked.children)}
    results.write_text(json.dumps(states, indent=1), encoding="utf-8")
    wrong = [control for control in controls if states[control] in NOTICED]
    if wrong:
        raise SystemExit(f"{wrong[0]} stands in equivalent.txt, and tests fail: it is not, or they fail by themselves")

    states = {mutant.name: states[mutant.name] for mutant in apart if mutant.name in states}
    for mutant in apart:
        if states.get(mutant.name, "killed") not in NOTICED:
            function, before, after = mutant.change()
            print(f"\n{function}  ({mutant.name}: {states[mutant.name]})\n- {before}\n+ {after}")
    counts = Counter(states.values())
    print(f"\n{name}: {len(mutants)} mutants, {len(wording)} wording, {len(same)} equivalent, {len(states)} tried")
    print("  " + ", ".join(f"{count} {state}" for state, count in counts.most_common()))
    for module, (noticed, tried, there) in by_module(apart, states).items():
        print(f"  {module:40} {noticed:4} of {tried:4} (of {there})")
    score, margin = estimate(list(by_module(apart, states).values()))
    print(f"  score {100 * score:.1f} % ± {100 * margin:.1f}", flush=True)


def drawn(mutants: Sequence[Mutant], most: int, seed: int) -> list[Mutant]:
    """Draw ``most`` mutants of each module; all if that is 0."""
    chance = random.Random(seed)  # noqa: S311 - a sample, no secret
    found: list[Mutant] = []
    for module in sorted({mutant.module for mutant in mutants}):
        own = [mutant for mutant in mutants if mutant.module == module]
        found += chance.sample(own, most) if 0 < most < len(own) else own
    return found


def by_module(mutants: Sequence[Mutant], states: Mapping[str, str]) -> dict[str, tuple[int, int, int]]:
    """Return the noticed, tried and total mutants of each module of which any was tried."""
    found: dict[str, tuple[int, int, int]] = {}
    for mutant in mutants:
        noticed, tried, there = found.get(mutant.module, (0, 0, 0))
        state = states.get(mutant.name)
        found[mutant.module] = (noticed + (state in NOTICED), tried + (state is not None), there + 1)
    return {module: counts for module, counts in found.items() if counts[1]}


def estimate(modules: Sequence[tuple[int, int, int]]) -> tuple[float, float]:
    """The share of all mutants that is noticed, and half the width of its 95 % interval.

    Args:
        modules: noticed, tried and all mutants of each.
    """
    total = sum(there for _, _, there in modules)
    score = sum(there * noticed / tried for noticed, tried, there in modules) / total
    variance = 0.0
    for noticed, tried, there in modules:
        # With one more of each kind, so that a module in which all were noticed is not taken for certain.
        share = (noticed + 1) / (tried + 2)
        variance += (there / total) ** 2 * (1 - tried / there) * share * (1 - share) / tried
    return score, 1.96 * math.sqrt(variance)


if __name__ == "__main__":
    main()
