"""``neurflow trace``: what it writes and prints, and what bad input gets."""

from __future__ import annotations

import errno
import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import safetensors.torch
import torch
from click.testing import Result

from neurflow.method.checkpoint import Checkpoint
from neurflow.network.networks import load_network
from neurflow.result.circuit_json import json_schema
from neurflow.result.file_format import CIRCUIT_FILE, load_circuit, validate_circuit, validate_folder
from neurflow.terms.errors import OutputError
from tests.engine.cli.workplace import LAYERS, Workplace, left, same_circuits, write_pictures


def assert_refused(result: Result, *words: str) -> None:
    """One line on stderr that holds the words, nothing on stdout, and exit code 2."""
    assert result.exit_code == 2, result.output
    lines = [line for line in result.stderr.splitlines() if not re.match(r"[\w. ]+: \d+/\d+", line)]
    assert len(lines) == 1, lines
    assert lines[0].startswith("error: ")
    assert result.stdout == ""
    for word in words:
        assert word in lines[0], lines[0]


def test_the_circuit_is_valid_and_loads_back(finished: tuple[Path, Result]) -> None:
    out, result = finished
    assert result.exit_code == 0, result.output
    data = (out / CIRCUIT_FILE).read_bytes()
    jsonschema.Draft202012Validator(json_schema()).validate(json.loads(data))
    circuit = validate_folder(out)
    assert circuit == validate_circuit(load_circuit(out))
    assert [layer.name for layer in circuit.layers] == list(LAYERS)
    assert circuit.target.name == "warm"
    assert [timing.stage for timing in circuit.timings] == ["graph", "images", "activations", "walk", "groups"]


def test_a_label_that_is_called_otherwise_is_mapped_to_its_class(
    workplace: Workplace, finished: tuple[Path, Result], tmp_path: Path
) -> None:
    write_pictures(tmp_path / "pictures")
    (tmp_path / "pictures" / "warm").rename(tmp_path / "pictures" / "a=b")
    data = ("--data", f"folder/{tmp_path / 'pictures'}")
    assert_refused(workplace.trace(tmp_path / "none", *data), "means the class 'warm'", "--class-map LABEL=CLASS")
    result = workplace.trace(tmp_path / "out", *data, "--class-map", "a=b=warm", "--class-map", "cold=never")
    assert result.exit_code == 0, result.output
    circuit, usual = validate_folder(tmp_path / "out"), load_circuit(finished[0])
    assert circuit.data.class_map == {"a=b": "warm"} and usual.data.class_map is None
    assert len(circuit.images) == len(usual.images) and all(image.id.startswith("a=b/") for image in circuit.images)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["cold"], ["--class-map 'cold'", "write LABEL=CLASS, as in kitty=cat"]),
        (["=warm"], ["--class-map '=warm'"]),
        (["cold="], ["--class-map 'cold='"]),
        (["cold=warm", "cold=never"], ["--class-map 'cold=never'", "'cold' is mapped to 'warm' already"]),
        (["chilly=cold"], ["class map chilly=cold", "no label 'chilly'", "cold, never, warm"]),
        (["cold=col"], ["class map cold=col", "no class 'col'", "Did you mean cold?"]),
    ],
)
def test_a_class_map_that_fits_nothing_is_refused(
    workplace: Workplace, tmp_path: Path, options: list[str], words: list[str]
) -> None:
    more = [word for option in options for word in ("--class-map", option)]
    assert_refused(workplace.trace(tmp_path / "out", *more), *words)
    assert left(tmp_path) == []


def test_no_other_file_is_left_next_to_the_circuit(finished: tuple[Path, Result]) -> None:
    assert left(finished[0].parent) == ["warm"]


def test_the_summary_names_layers_groups_and_place(finished: tuple[Path, Result]) -> None:
    out, result = finished
    circuit = load_circuit(out)
    rows = [line.split() for line in result.stdout.splitlines()]
    for layer in circuit.layers:
        neurons = sum(neuron.layer == layer.name for neuron in circuit.neurons)
        groups = sum(group.layer == layer.name for group in circuit.groups)
        assert [layer.name, str(neurons), str(groups)] in rows
    below = [group for group in circuit.groups if group.layer != "fc"]
    strongest = max(below, key=lambda group: abs(group.importance.contribution))
    (first, *_) = [row for row in rows if row and "/" in row[0]]
    assert first[:2] == [strongest.id, f"{strongest.importance.contribution:+.3f}"]
    assert result.stdout.splitlines()[-1] == f"The circuit is in {out}"


def test_stages_are_reported_in_plain_lines_unless_stderr_is_a_terminal(finished: tuple[Path, Result]) -> None:
    lines = finished[1].stderr.splitlines()
    stages = [line.partition(":")[0] for line in lines if ": 0/" in line]
    assert stages == [
        "graph",
        "images",
        "activations",
        "layer fc",
        "layer relu3",
        "layer relu2",
        "layer relu1",
        "importance",
    ]
    assert not any("\r" in line or "\x1b" in line for line in lines)


def test_the_same_seed_gives_the_same_bytes(
    workplace: Workplace, finished: tuple[Path, Result], tmp_path: Path
) -> None:
    assert workplace.trace(tmp_path / "warm").exit_code == 0
    same_circuits(tmp_path / "warm", finished[0])


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--network", "demo/photo"], ["'demo/photo'", "demo/photos"]),
        (["--network", "torchvision/resnet5O"], ["resnet5O", "resnet50"]),
        (["--network", "nowhere.py:make"], ["nowhere.py"]),
        (["--data", "photos"], ["'photos'", "write demo/photos"]),
        (["--data", "folder/nowhere"], ["nowhere", "does not exist"]),
        (["--class", "wram"], ["'wram'", "warm"]),
        (["--class", "#3"], ["#3", "#0 to #2"]),
        (["--class", "cold"], ["'cold'", "3 images", "choose another class"]),
        (["--layers", "relu1,relu9"], ["'relu9'", "relu2"]),
        (["--layers", "relu2,relu1"], ["'relu1'", "low to high"]),
        (["--layers", "fc"], ["'fc'", "at least one lower layer"]),
        (["--device", "abacus"], ["'abacus'", "choose cpu"]),
        (["--device", "cuda:99"], ["'cuda:99'"]),
        (["--weights", "nowhere.safetensors"], ["nowhere.safetensors"]),
        (["--classes", "nowhere.txt"], ["nowhere.txt"]),
        (["--top-k", "1"], ["top_k is 1", "from 2"]),
        (["--crops", "1,2"], ["2.0", "(0, 1]"]),
        (["--seed", "-1"], ["seed is -1", "2147483647"]),
        (["--mean", "1,2"], ["mean has 2 numbers", "three"]),
        (["--std", "1,0,1"], ["1.0,0.0,1.0", "above 0"]),
        (["--input-size", "4"], ["input size is 4"]),
        (["--batch-size", "-1"], ["batch_size is -1"]),
    ],
    ids=lambda value: " ".join(value) if value[0].startswith("--") else "",
)
def test_bad_input_gets_one_line_and_leaves_nothing(
    workplace: Workplace, tmp_path: Path, options: list[str], words: list[str]
) -> None:
    assert_refused(workplace.trace(tmp_path / "out", *options), *words)
    assert left(tmp_path) == []


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--crops", "1,,2"], ["'1,,2' is not a list of numbers"]),
        (["--mean", "a,b,c"], ["'a,b,c' is not a list of numbers"]),
        (["--images", "many"], ["'many'"]),
        (["--cache", "-1"], ["'--cache'", "-1"]),
        (["--tokens", "most"], ["'most'", "mean"]),
        (["--colour"], ["--colour"]),
    ],
)
def test_words_that_are_no_option_s_are_refused(
    workplace: Workplace, tmp_path: Path, options: list[str], words: list[str]
) -> None:
    result = workplace.trace(tmp_path / "out", *options)
    assert result.exit_code == 2
    assert all(word in result.stderr.splitlines()[-1] for word in words), result.stderr
    assert left(tmp_path) == []


def weights(workplace: Workplace) -> dict[str, torch.Tensor]:
    module = load_network(workplace.network[1], input_size=32, allow_code=True).module
    return {key: value.clone() for key, value in module.state_dict().items()}


def test_weights_that_do_not_fit_are_named(workplace: Workplace, tmp_path: Path) -> None:
    state = weights(workplace)
    state["head.weight"] = state.pop("fc.weight")
    safetensors.torch.save_file(state, tmp_path / "other.safetensors")
    result = workplace.trace(tmp_path / "out", "--weights", str(tmp_path / "other.safetensors"))
    assert_refused(result, "other.safetensors", "missing fc.weight", "unexpected head.weight")
    assert left(tmp_path) == ["other.safetensors"]


@pytest.mark.parametrize(("broken", "layer"), [("conv2.weight", "relu2"), ("fc.weight", "fc")])
@pytest.mark.parametrize("wanted", ["warm", "cold"])
def test_weights_with_nan_name_the_layer(
    workplace: Workplace, tmp_path: Path, broken: str, layer: str, wanted: str
) -> None:
    state = weights(workplace)
    state[broken][:] = torch.nan
    safetensors.torch.save_file(state, tmp_path / "nan.safetensors")
    result = workplace.trace(tmp_path / "out", "--weights", str(tmp_path / "nan.safetensors"), "--class", wanted)
    assert_refused(result, f"layer {layer!r}", "NaN")
    assert left(tmp_path) == ["nan.safetensors"]


def test_images_that_cannot_be_read_are_skipped_and_named(workplace: Workplace, tmp_path: Path) -> None:
    write_pictures(tmp_path / "pictures")
    whole = (tmp_path / "pictures/warm/03.png").read_bytes()
    (tmp_path / "pictures/warm/03.png").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "pictures/warm/05.png").write_bytes(b"no picture")
    data = ["--data", f"folder/{tmp_path / 'pictures'}", "--images", "20"]
    result = workplace.trace(tmp_path / "out", *data)
    assert result.exit_code == 0, result.output
    circuit = load_circuit(tmp_path / "out")
    assert sorted(circuit.report.skipped_images) == ["warm/03.png", "warm/05.png"]
    assert len(circuit.images) == 8
    assert "warning: 2 images could not be read and were skipped" in result.stdout
    (skipped,) = [line for line in result.stdout.splitlines() if line.startswith("skipped: ")]
    assert "warm/03.png" in skipped and "warm/05.png" in skipped


def test_files_that_are_not_images_are_told(workplace: Workplace, tmp_path: Path) -> None:
    write_pictures(tmp_path / "pictures")
    for name in ("a.txt", "b.csv"):
        (tmp_path / "pictures" / "warm" / name).write_text("no image")
    result = workplace.trace(tmp_path / "out", "--data", f"folder/{tmp_path / 'pictures'}", "--images", "20")
    assert result.exit_code == 0, result.output
    told = "left out: 2 files, not an image that Pillow can open (warm/a.txt, warm/b.csv)"
    assert told in result.stderr.splitlines()


def test_no_readable_image_is_an_error(workplace: Workplace, tmp_path: Path) -> None:
    write_pictures(tmp_path / "pictures")
    for path in (tmp_path / "pictures/warm").iterdir():
        path.write_bytes(b"no picture")
    result = workplace.trace(tmp_path / "out", "--data", f"folder/{tmp_path / 'pictures'}")
    assert_refused(result, "none of the 10 images", "'warm'", "check the files")
    assert left(tmp_path) == ["pictures"]


def test_fewer_patches_than_k_lower_k(workplace: Workplace, tmp_path: Path) -> None:
    result = workplace.trace(tmp_path / "out", "--images", "2", "--top-k", "100")
    assert result.exit_code == 0
    circuit = load_circuit(tmp_path / "out")
    patches = 2 * (1 + 9)
    assert circuit.parameters.top_k == patches
    warning = f"there are only {patches} patches, fewer than top_k = 100: top_k is lowered to {patches}"
    assert warning in circuit.report.warnings
    assert f"warning: {warning}" in result.stdout


def test_one_patch_is_too_few(workplace: Workplace, tmp_path: Path) -> None:
    assert_refused(workplace.trace(tmp_path / "out", "--images", "1", "--crops", "1"), "1 patch", "add images or crops")
    assert left(tmp_path) == []


@pytest.mark.parametrize("folder", [True, False])
def test_what_exists_is_refused_before_any_work(workplace: Workplace, tmp_path: Path, folder: bool) -> None:
    out = tmp_path / "out"
    out.mkdir() if folder else out.write_text("mine")
    # The network does not exist either: it has not been looked for.
    assert_refused(workplace.trace(out, "--network", "nowhere.py:make"), str(out), "exists")
    assert left(tmp_path) == ["out"]
    assert folder or out.read_text() == "mine"


def test_a_full_disk_at_the_end_keeps_what_is_finished(
    workplace: Workplace, finished: tuple[Path, Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("neurflow.result.safe_files._write", full)
        result = workplace.trace(tmp_path / "warm")
    assert_refused(result, str(tmp_path / "warm"), "the disk is full", "free disk space")
    assert left(tmp_path) == ["warm.partial"]
    assert workplace.trace(tmp_path / "warm", "--resume").exit_code == 0
    same_circuits(tmp_path / "warm", finished[0])


def test_a_full_disk_at_a_checkpoint(workplace: Workplace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
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


def test_an_unfinished_trace_in_the_way(workplace: Workplace, tmp_path: Path) -> None:
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


def test_resume_without_a_state_begins(workplace: Workplace, finished: tuple[Path, Result], tmp_path: Path) -> None:
    assert workplace.trace(tmp_path / "warm", "--resume").exit_code == 0
    same_circuits(tmp_path / "warm", finished[0])


def test_an_unexpected_exception_keeps_its_traceback(
    workplace: Workplace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def bug(*arguments: object, **named: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("neurflow.tracing.trace", bug)
    with pytest.raises(ZeroDivisionError):
        workplace.trace(tmp_path / "out")


def test_the_settings_reach_the_engine(workplace: Workplace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    def trace(*arguments: Any, **named: Any) -> None:
        asked.extend(arguments)
        raise OutputError("seen")

    monkeypatch.setattr("neurflow.tracing.trace", trace)
    state = weights(workplace)
    state["fc.bias"] += 1
    safetensors.torch.save_file(state, tmp_path / "weights.safetensors")
    preprocessing = ["--mean", "0.1,0.2,0.3", "--std", "0.4,0.5,0.6"]
    others = ["--weights", str(tmp_path / "weights.safetensors"), "--cache", "7", "--resume"]
    assert_refused(workplace.trace(tmp_path / "out", *preprocessing, *others), "seen")

    network, data, class_name, parameters, resources, _, checkpoint, resume = asked
    expected = load_network(
        workplace.network[1],
        weights=tmp_path / "weights.safetensors",
        classes=Path(workplace.network[3]),
        input_size=32,
        mean=(0.1, 0.2, 0.3),
        std=(0.4, 0.5, 0.6),
        allow_code=True,
    )
    assert network.preprocessing == expected.preprocessing
    assert network.digest == expected.digest
    assert network.classes == ("warm", "cold", "never")
    assert data.spec == f"folder/{workplace.folder / 'pictures'}"
    assert class_name == "warm"
    assert parameters.layers == LAYERS[:-1]
    assert resources.cache_bytes == 7 * 1024 * 1024
    assert checkpoint.folder == tmp_path / "out.partial"
    assert resume is True
