"""What is mutated, and which tests have to notice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Target:
    """A part of the code whose mutants are tried together.

    Attributes:
        mutated: patterns of files, as they lie in the flat tree.
        tests: arguments that select the tests for pytest.
    """

    mutated: tuple[str, ...]
    tests: tuple[str, ...]


_SQLITE = ("-k", "not postgresql and not redis")

TARGETS: Final[Mapping[str, Target]] = {
    "method": Target(
        ("neurflow/method/*.py",),
        # The textbook's circuits and the largest network take more time than all the rest.
        ("tests/engine/method", "--ignore=tests/engine/method/test_textbook.py", "-k", "not swin_t"),
    ),
    "lens": Target(("neurflow/lens/*.py",), ("tests/engine/lens", "--ignore=tests/engine/lens/test_mutated_files.py")),
    "jobs": Target(
        ("neurflow_store/jobs/*.py",),
        (
            *("tests/store/test_jobs.py", "tests/store/test_jobs_retried.py", "tests/store/test_jobs_cancelled.py"),
            *("tests/store/test_jobs_limits.py", "tests/store/test_jobs_machine.py"),
            "tests/store/test_sweep.py",
            *("tests/store/asking", "tests/store/test_cli.py"),
            *_SQLITE,
        ),
    ),
    "access": Target(
        ("neurflow_server/access.py",),
        # The rows of its table are tried by ``python -m tests.mutants.rules``.
        (
            *("tests/server/test_access.py", "tests/server/test_access_rules.py"),
            *("-k", "(the_table or without_a_rule or added_later or test_access_rules) and not postgresql"),
        ),
    ),
}
