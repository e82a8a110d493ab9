"""Mutants of the table in ``neurflow_server/access.py``, which mutmut leaves alone: it changes functions only.

``python -m tests.mutants.rules [--sample 60] [--seed 1]``

1. Each row is changed in one thing: the least role one up or one down, another kind or none, and each further field
   to what it is not.
2. The tests and the application are imported once. Each mutant is put into the table in a fork, where the tests that
   concern the row run until one fails.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from neurflow_server import access
from neurflow_server.access import Counted
from neurflow_store.tables import Role
from tests.mutants.__main__ import estimate

_QUIET = ["-x", "-q", "-p", "no:cacheprovider", "--assert=plain", "-m", "not slow"]
_TABLE_TESTS = ["tests/server/test_access.py", "tests/server/test_access_things.py"]
_ROLES = [None, *Role]
"""The least roles of rules, from nobody on."""


def mutants() -> Iterator[tuple[str, str, access.Rule]]:
    """Yield the route, the change, and the changed rule."""
    for route, rule in access.RULES.items():
        place = _ROLES.index(rule.least)
        for other in _ROLES[max(0, place - 1) : place + 2]:
            if other is not rule.least:
                yield route, f"least {rule.least} → {other}", replace(rule, least=other)
        if rule.kind is not None:
            yield route, "no kind", replace(rule, kind=None, changes=False)
        changed: dict[str, Any] = {
            "action": None if rule.action else "circuit.change",
            "counts": None if rule.counts else Counted.UPLOAD,
            "asks_who": not rule.asks_who,
            "browser": not rule.browser,
        }
        if rule.kind is not None:
            changed["changes"] = not rule.changes
        for name, value in changed.items():
            if meaningful(rule, name):
                yield route, f"{name} {getattr(rule, name)} → {value}", replace(rule, **{name: value})


def meaningful(rule: access.Rule, name: str) -> bool:
    """Return whether the guard uses the field at all, in a row like this."""
    if name == "asks_who":
        return rule.least is None
    return rule.least is not None or (rule.asks_who and name in ("action", "counts"))


def noticed(route: str, rule: access.Rule) -> bool:
    """Return whether a test fails with that rule in the table."""
    child = os.fork()
    if child == 0:
        table: Any = access.RULES
        table[route] = rule
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        os.dup2(null, 2)
        own = [*_TABLE_TESTS, "-k", f"the_table or sqlite-{route}]"]
        os._exit(int(bool(pytest.main([*_QUIET, "tests/server/test_access_rules.py"]) or pytest.main([*_QUIET, *own]))))
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status) != 0


def main() -> None:
    words = argparse.ArgumentParser(prog="python -m tests.mutants.rules", description=__doc__)
    words.add_argument("--sample", type=int, default=60, help="mutants, 0 for all")
    words.add_argument("--seed", type=int, default=1, help="of the sample")
    asked = words.parse_args()
    found = list(mutants())
    if 0 < asked.sample < len(found):
        tried = random.Random(asked.seed).sample(found, asked.sample)  # noqa: S311 - a sample, no secret
    else:
        tried = found
    if pytest.main([*_QUIET, "tests/server/test_access_rules.py"]) != 0:
        sys.exit("the tests fail without a mutant")
    kills = 0
    for route, change, rule in tried:
        if noticed(route, rule):
            kills += 1
        else:
            print(f"{route}: {change} survived", flush=True)
    score, margin = estimate([(kills, len(tried), len(found))])
    print(f"rules of access: {len(found)} mutants, {kills} of {len(tried)} noticed")
    print(f"  score {100 * score:.1f} % ± {100 * margin:.1f}")


if __name__ == "__main__":
    main()
