"""Fixtures of the command line's tests."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import Result

from tests.engine.cli.workplace import NETWORK, PICTURES, Workplace, write_pictures


@pytest.fixture(scope="session")
def workplace(tmp_path_factory: pytest.TempPathFactory) -> Workplace:
    folder = tmp_path_factory.mktemp("workplace")
    (folder / "network.py").write_text(NETWORK)
    (folder / "classes.txt").write_text("".join(f"{name}\n" for name in PICTURES))
    write_pictures(folder / "pictures")
    return Workplace(folder)


@pytest.fixture(scope="session")
def finished(workplace: Workplace, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    """The folder and the output of a trace of ``warm`` that nothing interrupted."""
    out = tmp_path_factory.mktemp("finished") / "warm"
    return out, workplace.trace(out)
