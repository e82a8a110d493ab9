"""A pytest plugin for mutants: the tests of the mutated module's own file first, the quickest first, for a while.

1. While mutmut finds out which test calls which function, each test's processor seconds are written down.
2. A mutant meets the tests of its own module's file, ``test_<module>*.py``, then the others, each by rising seconds.
   Those that take more than ``SLOW`` seconds are left out.
3. After ``BUDGET`` processor seconds, fixtures counted in, the others are left out, too: a mutant that they alone would
   notice counts as surviving.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Generator
from pathlib import Path

import pytest

SLOW = 2.0
BUDGET = 6.0
_SECONDS = Path("seconds.json")
_LISTING = ("list_all_tests", "mutant_generation")
_measured: dict[str, float] = {}
_begun = [0.0]


def _under_test() -> str:
    return os.environ.get("MUTANT_UNDER_TEST", "")


def pytest_sessionstart() -> None:
    _begun[0] = time.process_time()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None]:
    before = time.process_time()
    try:
        return (yield)
    finally:
        _measured[item.nodeid] = time.process_time() - before


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol() -> bool | None:
    """Skip the remaining tests once the budget is spent."""
    over = _under_test() != "stats" and time.process_time() - _begun[0] > BUDGET
    return True if over else None


def pytest_sessionfinish() -> None:
    if _under_test() == "stats":
        known = json.loads(_SECONDS.read_text("utf-8")) if _SECONDS.exists() else {}
        _SECONDS.write_text(json.dumps(known | _measured), encoding="utf-8")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if _under_test() == "stats" or _under_test() in _LISTING or not _SECONDS.exists():
        return
    seconds: dict[str, float] = json.loads(_SECONDS.read_text("utf-8"))
    module = _under_test().rpartition(".")[0].rpartition(".")[2]

    def order(item: pytest.Item) -> tuple[bool, float]:
        return not item.path.name.startswith(f"test_{module}"), seconds.get(item.nodeid, 0.0)

    quick = sorted((item for item in items if seconds.get(item.nodeid, 0.0) <= SLOW), key=order)
    if quick:
        config.hook.pytest_deselected(items=[item for item in items if item not in set(quick)])
        items[:] = quick
