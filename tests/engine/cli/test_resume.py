"""An interrupted and resumed trace ends in the same circuit as an undisturbed one, byte for byte."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import torch
from click.testing import Result

from neurflow.progress import Progress
from neurflow.result.file_format import validate_folder
from tests.engine.cli.workplace import Workplace, left, run, same_circuits

DEMO = shlex.split(
    "trace --network demo/photos --data demo/photos --class cat --images 3 --top-k 5 --tau 2 --held-out 2 "
    "--layers layer2.1,layer3.1,layer4.1 --device cpu"
)
# The walk goes down; two of these stop in the middle of a layer.
MOMENTS = [("layer relu3", 0), ("layer relu2", 0), ("layer relu2", 2), ("layer relu1", 1), ("importance", 0)]


def interrupted_at(where: str, when: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the progress display raise as if Ctrl-C were pressed at that moment."""

    @contextmanager
    def display() -> Iterator[Progress]:
        def progress(stage: str, done: int, total: int) -> None:
            if stage == where and done >= when:
                raise KeyboardInterrupt

        yield progress

    monkeypatch.setattr("neurflow.cli.trace.shown_progress", display)


def assert_interrupted(result: Result, *words: str) -> None:
    assert result.exit_code == 130, result.output
    (line,) = result.stderr.splitlines()
    assert line.startswith("interrupted: ")
    for word in words:
        assert word in line


@pytest.mark.parametrize(("stage", "done"), MOMENTS)
def test_a_trace_interrupted_in_or_after_any_layer_resumes_to_the_same_circuit(
    workplace: Workplace,
    finished: tuple[Path, Result],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    stage: str,
    done: int,
) -> None:
    out = tmp_path / "warm"
    with monkeypatch.context() as patch:
        interrupted_at(stage, done, patch)
        assert_interrupted(workplace.trace(out), str(tmp_path / "warm.partial"), "--resume")
    assert left(tmp_path) == ["warm.partial"]
    layers = len([name for name in left(tmp_path / "warm.partial") if name.startswith("layer-")])
    walked = ["layer relu3", "layer relu2", "layer relu1", "importance"]
    assert layers == 1 + walked.index(stage)

    result = workplace.trace(out, "--resume")
    assert result.exit_code == 0, result.output
    taken_over = ["fc", "relu3", "relu2", "relu1"][:layers]
    assert not any(f"layer {name}: " in result.stderr for name in taken_over), "a finished layer was done again"
    assert "activations: " not in result.stderr
    assert left(tmp_path) == ["warm"]
    same_circuits(out, finished[0])


def test_a_trace_resumes_repeatedly(
    workplace: Workplace, finished: tuple[Path, Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for stage, done in MOMENTS:
        with monkeypatch.context() as patch:
            interrupted_at(stage, done, patch)
            assert_interrupted(workplace.trace(tmp_path / "warm", "--resume"), "--resume")
    assert workplace.trace(tmp_path / "warm", "--resume").exit_code == 0
    same_circuits(tmp_path / "warm", finished[0])


# No map is cached between layers; some are.
@pytest.mark.parametrize("cache", ["0", "1"])
def test_a_cache_that_evicts_maps_is_restored(
    workplace: Workplace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cache: str
) -> None:
    assert workplace.trace(tmp_path / "whole", "--cache", cache).exit_code == 0
    with monkeypatch.context() as patch:
        interrupted_at("layer relu2", 1, patch)
        assert_interrupted(workplace.trace(tmp_path / "warm", "--cache", cache))
    assert workplace.trace(tmp_path / "warm", "--cache", cache, "--resume").exit_code == 0
    same_circuits(tmp_path / "warm", tmp_path / "whole")


def test_an_interruption_before_the_first_result_leaves_nothing(
    workplace: Workplace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupted_at("activations", 1, monkeypatch)
    assert_interrupted(workplace.trace(tmp_path / "warm"), "nothing was finished yet")
    assert left(tmp_path) == []


def test_a_trace_of_the_demo_resumes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(*DEMO, "--out", str(tmp_path / "whole")).exit_code == 0
    with monkeypatch.context() as patch:
        interrupted_at("layer layer3.1", 1, patch)
        assert_interrupted(run(*DEMO, "--out", str(tmp_path / "cat")), "cat.partial")
    assert run(*DEMO, "--out", str(tmp_path / "cat"), "--resume").exit_code == 0
    same_circuits(tmp_path / "cat", tmp_path / "whole")
    assert left(tmp_path) == ["cat", "whole"]
    circuit = validate_folder(tmp_path / "cat")
    assert circuit.target.name == "cat"
    assert {image.id.split("/")[1] for image in circuit.images} == {"cat"}


# Many nodes for many neurons, so that a layer takes about a second.
SLOW = shlex.split("--tau 10 --top-k 40 --nodes 64 --max-nodes 256 --completeness 1e-9 --margin 100")
# A shell may have started the tests in the background, where child processes ignore Ctrl-C by default.
START = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); from neurflow.cli import main; main()"


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM], ids=lambda sent: sent.name)
def test_a_signal_in_the_middle_of_a_layer_saves_the_finished_layers(
    workplace: Workplace, tmp_path: Path, sent: signal.Signals
) -> None:
    out = tmp_path / "warm"
    process = subprocess.Popen(  # noqa: S603 - our own interpreter and our own words
        [sys.executable, "-c", START, "trace", *workplace.request, *SLOW, "--out", str(out)],
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": str(torch.get_num_threads())},
    )
    try:
        assert process.stderr is not None
        lines = []
        for line in process.stderr:
            lines.append(line)
            if line.startswith("layer relu2: 0/"):
                process.send_signal(sent)
        assert process.wait(60) == 130, lines
    finally:
        process.kill()
        process.communicate()
    assert lines[-1].startswith("interrupted: ") and "--resume" in lines[-1]
    assert not any("Traceback" in line or "layer relu1" in line for line in lines)
    assert left(tmp_path) == ["warm.partial"]
    assert left(tmp_path / "warm.partial") == ["activations.npz", "layer-2.json", "layer-3.json", "request.json"]

    if sent is signal.SIGTERM:
        return  # the same state, resumed in the same way
    assert workplace.trace(out, *SLOW, "--resume").exit_code == 0
    assert workplace.trace(tmp_path / "whole", *SLOW).exit_code == 0
    same_circuits(out, tmp_path / "whole")


@pytest.fixture(scope="module")
def state(workplace: Workplace, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The checkpoint of a trace that was interrupted in its third layer."""
    folder = tmp_path_factory.mktemp("state")
    with pytest.MonkeyPatch.context() as patch:
        interrupted_at("layer relu2", 1, patch)
        assert_interrupted(workplace.trace(folder / "warm"))
    return folder / "warm.partial"


@pytest.fixture
def partial(state: Path, tmp_path: Path) -> Path:
    """A copy of that checkpoint, for a trace of ``tmp_path / "warm"``."""
    return shutil.copytree(state, tmp_path / "warm.partial")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--top-k", "7"], ["parameters.top_k (saved: 8, now: 7)"]),
        (["--seed", "1"], ["parameters.seed (saved: 0, now: 1)"]),
        (["--cache", "1"], ["cache_bytes"]),
        (["--batch-size", "3"], ["batch_size"]),
        (["--std", "1,1,1"], ["preprocessing.std"]),
        (["--layers", "relu1,relu3"], ["parameters.layers"]),
    ],
    ids=lambda value: value[0],
)
def test_a_checkpoint_of_another_request_is_not_resumed(
    workplace: Workplace, partial: Path, options: list[str], words: list[str]
) -> None:
    before = {path.name: path.read_bytes() for path in partial.iterdir()}
    result = workplace.trace(partial.with_name("warm"), *options, "--resume")
    assert result.exit_code == 2
    assert all(word in result.stderr.splitlines()[-1] for word in [str(partial), "delete the folder", *words])
    assert left(partial.parent) == ["warm.partial"]
    assert {path.name: path.read_bytes() for path in partial.iterdir()} == before


def test_other_weights_make_another_request(workplace: Workplace, partial: Path, tmp_path: Path) -> None:
    (tmp_path / "network.py").write_text((workplace.folder / "network.py").read_text().replace("+= 50", "+= 60"))
    options = ["--network", f"{tmp_path / 'network.py'}:make", "--resume"]
    result = workplace.trace(partial.with_name("warm"), *options)
    assert result.exit_code == 2
    assert "differs in network (saved: sha256:" in result.stderr.splitlines()[-1]


@pytest.mark.parametrize("name", ["request.json", "activations.npz", "layer-3.json"])
@pytest.mark.parametrize("damage", ["empty", "truncated", "garbage", "list"])
def test_a_damaged_checkpoint_is_refused(workplace: Workplace, partial: Path, name: str, damage: str) -> None:
    content = (partial / name).read_bytes()
    damaged = {"empty": b"", "truncated": content[: len(content) // 2], "garbage": b"\x80garbage", "list": b"[1]"}
    (partial / name).write_bytes(damaged[damage])
    result = workplace.trace(partial.with_name("warm"), "--resume")
    assert result.exit_code == 2, result.output
    last = result.stderr.splitlines()[-1]
    assert last == f"error: {partial / name} is damaged: delete {partial} and trace again"
    assert left(partial.parent) == ["warm.partial"]


def test_a_checkpoint_without_its_request_is_refused(workplace: Workplace, partial: Path) -> None:
    (partial / "request.json").unlink()
    result = workplace.trace(partial.with_name("warm"), "--resume")
    assert result.exit_code == 2
    assert "holds other files" in result.stderr


def test_a_partial_file_of_a_killed_process_is_ignored(
    workplace: Workplace, finished: tuple[Path, Result], partial: Path
) -> None:
    (partial / ".layer-1.json.writing").write_bytes(b"[{")
    assert workplace.trace(partial.with_name("warm"), "--resume").exit_code == 0
    same_circuits(partial.with_name("warm"), finished[0])
    assert left(partial.parent) == ["warm"]
