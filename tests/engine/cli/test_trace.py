"""``neurflow trace``: what it computes, writes and prints."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import safetensors.torch
from click.testing import Result

from neurflow.network.networks import load_network
from neurflow.result.circuit_json import json_schema
from neurflow.result.file_format import CIRCUIT_FILE, load_circuit, validate_circuit, validate_folder
from neurflow.terms.errors import OutputError
from tests.engine.cli.workplace import LAYERS, Workplace, assert_refused, same_circuits, weights, write_pictures


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


def test_a_label_with_another_name_is_mapped_to_its_class(
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


def test_labels_that_mean_no_class_are_named_in_a_warning(
    workplace: Workplace, finished: tuple[Path, Result], tmp_path: Path
) -> None:
    write_pictures(tmp_path / "pictures")
    (tmp_path / "pictures" / "cold").rename(tmp_path / "pictures" / "chilly")
    data = ("--data", f"folder/{tmp_path / 'pictures'}")
    result = workplace.trace(tmp_path / "out", *data)
    assert result.exit_code == 0, result.output
    warning = "warning: 1 label means no class of the network, or several: chilly. Its images are not used"
    (line,) = [line for line in result.stderr.splitlines() if line.startswith("warning: ")]
    assert line.startswith(warning) and "--class-map LABEL=CLASS" in line
    result = workplace.trace(tmp_path / "mapped", *data, "--class-map", "chilly=cold")
    assert "warning: " not in result.stderr and "warning: " not in finished[1].stderr


def test_the_summary_names_layers_groups_and_folder(finished: tuple[Path, Result]) -> None:
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


def test_stages_are_plain_lines_unless_stderr_is_a_terminal(finished: tuple[Path, Result]) -> None:
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


def test_unreadable_images_are_skipped_and_named(workplace: Workplace, tmp_path: Path) -> None:
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


def test_fewer_patches_than_top_k_lower_top_k(workplace: Workplace, tmp_path: Path) -> None:
    result = workplace.trace(tmp_path / "out", "--images", "2", "--top-k", "100")
    assert result.exit_code == 0
    circuit = load_circuit(tmp_path / "out")
    patches = 2 * (1 + 9)
    assert circuit.parameters.top_k == patches
    warning = f"there are only {patches} patches, fewer than top_k = 100: top_k is lowered to {patches}"
    assert warning in circuit.report.warnings
    assert f"warning: {warning}" in result.stdout


def test_an_unexpected_exception_keeps_its_traceback(
    workplace: Workplace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def bug(*arguments: object, **named: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("neurflow.tracing.trace", bug)
    with pytest.raises(ZeroDivisionError):
        workplace.trace(tmp_path / "out")


def test_all_options_reach_the_engine(workplace: Workplace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
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
