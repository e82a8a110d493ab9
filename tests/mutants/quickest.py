"""A pytest plugin for mutants: the tests of the mutated module's own file first, the quickest first, none that is slow.

1. While mutmut finds out which test calls which function, each test's processor seconds are written down.
2. A mutant meets the tests of its own module's file, ``test_<module>*.py``, then the others, each by rising seconds.
   Those that take more than ``SLOW`` seconds, and those beyond ``BUDGET`` seconds in all, are left out.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Generator
from pathlib import Path

import pytest

SLOW = 2.0
BUDGET = 10.0
_SECONDS = Path("seconds.json")
_measured: dict[str, float] = {}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None]:
    before = time.process_time()
    try:
        return (yield)
    finally:
        _measured[item.nodeid] = time.process_time() - before


def pytest_sessionfinish() -> None:
    if os.environ.get("MUTANT_UNDER_TEST") == "stats":
        known = json.loads(_SECONDS.read_text("utf-8")) if _SECONDS.exists() else {}
        _SECONDS.write_text(json.dumps(known | _measured), encoding="utf-8")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    mutant = os.environ.get("MUTANT_UNDER_TEST", "")
    if mutant in ("stats", "list_all_tests", "mutant_generation", "fail") or not _SECONDS.exists():
        return
    seconds: dict[str, float] = json.loads(_SECONDS.read_text("utf-8"))
    module = mutant.rpartition(".")[0].rpartition(".")[2]

    def order(item: pytest.Item) -> tuple[bool, float]:
        return not item.path.name.startswith(f"test_{module}"), seconds.get(item.nodeid, 0.0)

    kept: list[pytest.Item] = []
    left: list[pytest.Item] = []
    spent = 0.0
    for item in sorted(items, key=order):
        cost = seconds.get(item.nodeid, 0.0)
        if cost > SLOW or spent > BUDGET:
            left.append(item)
        else:
            kept.append(item)
            spent += cost
    if kept:
        config.hook.pytest_deselected(items=left)
        items[:] = kept
