"""``neurflow train-demo``: the options that it passes to the training, which has its own tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from neurflow.demo.card import Accuracy
from neurflow.terms.errors import StorageError
from tests.engine.cli.workplace import run


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The arguments of ``train_demo``, which reports 3 of 4 correct."""
    arguments: dict[str, Any] = {}

    def train(out: Path, **options: Any) -> Accuracy:
        arguments.update(options, out=out)
        options["progress"]("training", 0, 2)
        options["progress"]("training", 2, 2)
        return Accuracy({"cat": 3}, {"cat": 4})

    monkeypatch.setattr("neurflow.demo.train.train_demo", train)
    return arguments


def test_without_options_the_defaults_of_the_training_are_used(asked: dict[str, Any]) -> None:
    result = run("train-demo")
    assert result.exit_code == 0, result.output
    assert set(asked) == {"out", "progress"}
    assert asked["out"] == Path("out/demo")
    assert "75.00% of the test crops are right" in result.stdout
    assert "--weights out/demo/photos.safetensors" in result.stdout
    assert result.stderr.splitlines()[0] == "training: 0/2"


def test_options_reach_the_training(asked: dict[str, Any], tmp_path: Path) -> None:
    assert run("train-demo", "--out", str(tmp_path), "--epochs", "3", "--seed", "5").exit_code == 0
    assert (asked["out"], asked["epochs"], asked["seed"]) == (tmp_path, 3, 5)


def test_a_value_out_of_range_is_refused(tmp_path: Path) -> None:
    result = run("train-demo", "--out", str(tmp_path / "new"), "--epochs", "0")
    assert result.exit_code == 2
    assert result.stderr == "error: epochs is 0: choose from 1 to 1000\n"
    assert not (tmp_path / "new").exists()


def test_a_full_disk_is_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def full(*arguments: Any, **options: Any) -> None:
        raise StorageError("out cannot be written: choose another folder")

    monkeypatch.setattr("neurflow.demo.train.train_demo", full)
    result = run("train-demo", "--out", str(tmp_path))
    assert (result.exit_code, result.stderr) == (2, "error: out cannot be written: choose another folder\n")
