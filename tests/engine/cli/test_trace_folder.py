"""``neurflow trace``: the folder of the circuit and the checkpoint next to it, and a full disk."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest
from click.testing import Result

from neurflow.method.checkpoint import Checkpoint
from tests.engine.cli.workplace import Workplace, assert_refused, left, same_circuits


def test_no_other_file_is_left_next_to_the_circuit(finished: tuple[Path, Result]) -> None:
    assert left(finished[0].parent) == ["warm"]


@pytest.mark.parametrize("folder", [True, False])
def test_an_existing_path_is_refused_before_any_work(workplace: Workplace, tmp_path: Path, folder: bool) -> None:
    out = tmp_path / "out"
    out.mkdir() if folder else out.write_text("mine")
    # The network does not exist either, but is not loaded yet.
    assert_refused(workplace.trace(out, "--network", "nowhere.py:make"), str(out), "exists")
    assert left(tmp_path) == ["out"]
    assert folder or out.read_text() == "mine"


def test_a_full_disk_at_the_end_keeps_the_checkpoint(
    workplace: Workplace, finished: tuple[Path, Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("neurflow.result.safe_files._write", full)
        result = workplace.trace(tmp_path / "warm")
    assert_refused(result, str(tmp_path / "warm"), "the disk is full", "free disk space")
    assert left(tmp_path) == ["warm.partial"]
    assert workplace.trace(tmp_path / "warm", "--resume").exit_code == 0
    same_circuits(tmp_path / "warm", finished[0])


def test_a_full_disk_at_a_checkpoint_leaves_nothing(
    workplace: Workplace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("neurflow.method.checkpoint.os.replace", full)
        result = workplace.trace(tmp_path / "warm")
    assert_refused(result, "warm.partial", "free disk space")
    assert left(tmp_path) == []
    (tmp_path / "warm.partial").mkdir()
    assert workplace.trace(tmp_path / "warm").exit_code == 0, "an empty state is none"
    assert left(tmp_path) == ["warm"]


def full(*arguments: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_an_unfinished_trace_is_neither_overwritten_nor_resumed_unasked(workplace: Workplace, tmp_path: Path) -> None:
    Checkpoint(tmp_path / "warm.partial").save_tables(())
    before = left(tmp_path / "warm.partial")
    # Before any work again: there is no such network.
    assert_refused(workplace.trace(tmp_path / "warm", "--network", "nowhere.py:make"), "warm.partial", "--resume")
    assert left(tmp_path / "warm.partial") == before


def test_a_checkpoint_folder_with_other_files_is_refused_and_unchanged(workplace: Workplace, tmp_path: Path) -> None:
    (tmp_path / "warm.partial").mkdir()
    (tmp_path / "warm.partial" / "diary.txt").write_text("mine")
    for resume in ([], ["--resume"]):
        assert_refused(workplace.trace(tmp_path / "warm", *resume), "warm.partial", "other files", "move them")
        assert left(tmp_path / "warm.partial") == ["diary.txt"]


def test_resume_without_a_checkpoint_starts_from_the_beginning(
    workplace: Workplace, finished: tuple[Path, Result], tmp_path: Path
) -> None:
    assert workplace.trace(tmp_path / "warm", "--resume").exit_code == 0
    same_circuits(tmp_path / "warm", finished[0])
