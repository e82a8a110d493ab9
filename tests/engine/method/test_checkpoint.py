"""The checkpoint by itself: written, resumed, refused, damaged, and on a full disk."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from neurflow.method.checkpoint import Checkpoint
from neurflow.method.semantic_groups import ConceptPart
from neurflow.method.walk import TracedNeuron
from neurflow.terms.errors import OutputError, StorageError

REQUEST = {"network": "demo", "parameters": {"tau": 8, "crops": [1.0, 0.5]}}
TABLES = (np.arange(6, dtype=np.float32).reshape(3, 2), np.ones((3, 4), dtype=np.float32))


def _neuron(channel: int) -> TracedNeuron:
    part = ConceptPart((5, 2), 0.5, (0.75, -0.25), np.arange(4, dtype="<f8").tobytes())
    return TracedNeuron(channel, (5, 2), 1.5, (3, 1), (0.75, 0.25), (part,), 0.01, 4, True)


def _begun(folder: Path) -> Checkpoint:
    state = Checkpoint(folder)
    state.open(REQUEST, resume=False)
    state.save_tables(TABLES)
    return state


def _taken_up(folder: Path, request: dict[str, Any] = REQUEST) -> Checkpoint:
    state = Checkpoint(folder)
    state.open(request, resume=True)
    return state


def test_the_checkpoint_is_beside_the_output(tmp_path: Path) -> None:
    assert Checkpoint.beside(tmp_path / "cat.v2").folder == tmp_path / "cat.v2.partial"


def test_nothing_is_written_before_something_is_finished(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "cat.partial"
    state = Checkpoint(folder)
    state.open(REQUEST, resume=False)
    assert not state.exists() and not folder.exists()
    assert state.tables(2) is None and state.layers() == {}
    state.save_tables(TABLES)
    assert state.exists()
    assert sorted(path.name for path in folder.iterdir()) == ["activations.npz", "request.json"]
    assert json.loads((folder / "request.json").read_text("utf-8")) == REQUEST


def test_saved_layers_are_read_back(tmp_path: Path) -> None:
    state = _begun(tmp_path / "cat.partial")
    layers = {2: (_neuron(0), _neuron(7)), 1: (_neuron(3),), 10: ()}
    for layer, neurons in layers.items():
        state.save_layer(layer, neurons)
    again = _taken_up(state.folder)
    found = again.tables(2)
    assert found is not None
    for table, expected in zip(found, TABLES, strict=True):
        np.testing.assert_array_equal(table, expected)
        assert table.dtype == np.float32
    assert again.layers() == layers


def test_a_layer_may_be_the_first_that_is_saved(tmp_path: Path) -> None:
    state = Checkpoint(tmp_path / "cat.partial")
    state.open(REQUEST, resume=True)  # it need not exist
    state.save_layer(0, (_neuron(1),))
    assert _taken_up(state.folder).layers() == {0: (_neuron(1),)}


def test_the_request_is_written_once(tmp_path: Path) -> None:
    state = _begun(tmp_path / "cat.partial")
    before = (state.folder / "request.json").stat().st_ino
    state.save_layer(1, ())
    assert (state.folder / "request.json").stat().st_ino == before


def test_a_checkpoint_is_only_resumed_on_request(tmp_path: Path) -> None:
    state = _begun(tmp_path / "cat.partial")
    refused = r"cat\.partial holds an unfinished trace: resume it"
    with pytest.raises(OutputError, match=refused):
        state.refuse_existing(resume=False)
    with pytest.raises(OutputError, match=refused):
        Checkpoint(state.folder).open(REQUEST, resume=False)
    state.refuse_existing(resume=True)


def test_a_checkpoint_of_another_request_lists_all_differences(tmp_path: Path) -> None:
    state = _begun(tmp_path / "cat.partial")
    other = {"parameters": {"tau": 4, "crops": [1.0, 0.5], "seed": 1}}
    with pytest.raises(OutputError) as caught:
        _taken_up(state.folder, other)
    told = (
        "that differs in network (saved: demo, now: None); parameters.tau (saved: 8, now: 4); "
        "parameters.seed (saved: None, now: 1): "
    )
    assert told in str(caught.value)


def test_a_folder_with_other_files_is_left_unchanged(tmp_path: Path) -> None:
    folder = tmp_path / "cat.partial"
    folder.mkdir()
    (folder / ".activations.npz.writing").touch()  # of a trace that was killed
    for resume in (False, True):
        Checkpoint(folder).refuse_existing(resume)
    (folder / "diary.txt").touch()
    for resume in (False, True):
        with pytest.raises(OutputError, match="holds other files: move them"):
            Checkpoint(folder).refuse_existing(resume)


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff"], ids=str)
def test_a_damaged_request_is_named(tmp_path: Path, content: bytes) -> None:
    state = _begun(tmp_path / "cat.partial")
    (state.folder / "request.json").write_bytes(content)
    with pytest.raises(OutputError, match=r"request\.json is damaged: delete .*cat\.partial and trace again"):
        _taken_up(state.folder)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"nothing"], ids=str)
def test_damaged_tables_are_named(tmp_path: Path, content: bytes) -> None:
    state = _begun(tmp_path / "cat.partial")
    (state.folder / "activations.npz").write_bytes(content)
    with pytest.raises(OutputError, match=r"activations\.npz is damaged"):
        state.tables(2)


def test_tables_of_too_few_layers_are_damaged(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"activations\.npz is damaged"):
        _begun(tmp_path / "cat.partial").tables(3)


@pytest.mark.parametrize(
    ("name", "content"), [("layer-1.json", b"[{}]"), ("layer-1.json", b"["), ("layer-one.json", b"[]")]
)
def test_a_damaged_layer_is_named(tmp_path: Path, name: str, content: bytes) -> None:
    state = _begun(tmp_path / "cat.partial")
    (state.folder / name).write_bytes(content)
    with pytest.raises(OutputError, match=f"{name} is damaged"):
        state.layers()


def test_a_full_disk_is_reported_and_leaves_no_partial_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state = _begun(tmp_path / "cat.partial")
    kept = sorted(path.name for path in state.folder.iterdir())

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(StorageError, match=r"cannot write .*cat\.partial: No space left on device; free disk space"):
        state.save_layer(1, (_neuron(0),))
    assert sorted(path.name for path in state.folder.iterdir()) == kept
    fresh = Checkpoint(tmp_path / "dog.partial")
    with pytest.raises(StorageError):
        fresh.save_layer(1, ())
    assert not fresh.folder.exists()


def test_a_disk_error_without_a_number_is_reported_with_its_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError("the medium is gone")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(StorageError, match="cannot write .*: the medium is gone; free disk space"):
        Checkpoint(tmp_path / "cat.partial").save_layer(1, ())


def test_the_checkpoint_is_removed_once_the_circuit_is_written(tmp_path: Path) -> None:
    state = _begun(tmp_path / "cat.partial")
    for _ in range(2):
        state.remove()
        assert not state.folder.exists() and not state.exists()
