"""``neurflow validate``: counts of a valid circuit, and the places where another is invalid."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import Result

from neurflow.result.file_format import CIRCUIT_FILE, load_circuit
from tests.engine.cli.workplace import left, run


def test_a_valid_circuit_is_counted(finished: tuple[Path, Result]) -> None:
    out, _ = finished
    circuit = load_circuit(out)
    result = run("validate", str(out))
    assert result.exit_code == 0
    assert result.stdout == (
        f"OK: class 'warm' of {circuit.network.spec}, 4 layers, {len(circuit.neurons)} neurons, "
        f"{len(circuit.groups)} groups, {len(circuit.edges)} edges, {len(left(out / 'patches'))} pictures\n"
    )


@pytest.mark.parametrize("fault", ["cut", "picture", "number", "nowhere"])
def test_an_invalid_circuit_is_refused(finished: tuple[Path, Result], tmp_path: Path, fault: str) -> None:
    folder = tmp_path / "warm"
    shutil.copytree(finished[0], folder)
    file = folder / CIRCUIT_FILE
    text = file.read_text("utf-8")
    picture = left(folder / "patches")[0]
    if fault == "cut":
        file.write_text(text[: len(text) // 2], "utf-8")
    elif fault == "picture":
        (folder / "patches" / picture).unlink()
    elif fault == "number":
        file.write_text(text.replace('"top_k": 8', '"top_k": "8"'), "utf-8")
    else:
        folder = tmp_path / "nowhere"
    result = run("validate", str(folder))
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("error: ")
    words = {"cut": "is not JSON", "picture": picture, "number": "top_k", "nowhere": "does not exist"}
    assert words[fault] in result.stderr
