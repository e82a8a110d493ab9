"""Shared fixtures of the engine's tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from neurflow.result.file_format import save_circuit
from tests.engine.circuits import CIRCUIT, pictures_of


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """The folder of a circuit."""
    save_circuit(CIRCUIT, pictures_of(CIRCUIT), tmp_path / "cat")
    return tmp_path / "cat"
