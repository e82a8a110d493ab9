"""``neurflow trace``: bad input is refused in one line, before anything is written."""

from __future__ import annotations

from pathlib import Path

import pytest
import safetensors.torch
import torch

from tests.engine.cli.workplace import Workplace, assert_refused, left, weights, write_pictures


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
def test_an_invalid_class_map_is_refused(
    workplace: Workplace, tmp_path: Path, options: list[str], words: list[str]
) -> None:
    more = [word for option in options for word in ("--class-map", option)]
    assert_refused(workplace.trace(tmp_path / "out", *more), *words)
    assert left(tmp_path) == []


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
def test_invalid_values_are_one_line_and_leave_nothing(
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
def test_invalid_option_values_are_usage_errors(
    workplace: Workplace, tmp_path: Path, options: list[str], words: list[str]
) -> None:
    result = workplace.trace(tmp_path / "out", *options)
    assert result.exit_code == 2
    assert all(word in result.stderr.splitlines()[-1] for word in words), result.stderr
    assert left(tmp_path) == []


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


def test_a_class_without_readable_images_is_an_error(workplace: Workplace, tmp_path: Path) -> None:
    write_pictures(tmp_path / "pictures")
    for path in (tmp_path / "pictures/warm").iterdir():
        path.write_bytes(b"no picture")
    result = workplace.trace(tmp_path / "out", "--data", f"folder/{tmp_path / 'pictures'}")
    assert_refused(result, "none of the 10 images", "'warm'", "check the files")
    assert left(tmp_path) == ["pictures"]


def test_one_patch_is_too_few(workplace: Workplace, tmp_path: Path) -> None:
    assert_refused(workplace.trace(tmp_path / "out", "--images", "1", "--crops", "1"), "1 patch", "add images or crops")
    assert left(tmp_path) == []
