"""The shipped network of the demo: its shape, its file, and its accuracy."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from neurflow.demo.measure import load_crops, measure
from neurflow.demo.network import CHANNELS, WEIGHTS, build, demo_network, load_weights
from neurflow.demo.pictures import Photos
from neurflow.demo.sources import CLASSES, PICTURES
from neurflow.terms.errors import NetworkError

CARD = WEIGHTS.with_suffix(".md")


def test_the_network_has_about_1_6_million_parameters() -> None:
    assert sum(parameter.numel() for parameter in build().parameters()) == pytest.approx(1.6e6, rel=0.05)


def test_each_stage_halves_the_side() -> None:
    network = build().eval()
    shapes: list[tuple[int, ...]] = []
    for name in ("relu", "layer1", "layer2", "layer3", "layer4"):
        network.get_submodule(name).register_forward_hook(lambda *call: shapes.append(tuple(call[-1].shape)))
    with torch.inference_mode():
        assert network(torch.zeros(2, 3, 96, 96)).shape == (2, 16)
    assert shapes == [(2, 24, 48, 48)] + [(2, c, 48 >> i, 48 >> i) for i, c in enumerate(CHANNELS)]


def test_building_does_not_change_torch_s_generator() -> None:
    before = torch.random.get_rng_state()
    first, second, other = build(0), build(0), build(1)
    assert torch.equal(torch.random.get_rng_state(), before)
    assert torch.equal(first.conv1.weight, second.conv1.weight)
    assert not torch.equal(first.conv1.weight, other.conv1.weight)


def test_the_graph_can_be_captured_for_any_number_of_images() -> None:
    network = demo_network()
    batch = torch.export.Dim("batch", min=2, max=4096)
    program = torch.export.export(network, (torch.zeros(3, 3, 96, 96),), dynamic_shapes=({0: batch},))
    inputs = torch.rand(5, 3, 96, 96, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        torch.testing.assert_close(program.module()(inputs), network(inputs))


def test_the_shipped_network_is_in_eval_mode_and_single_precision() -> None:
    network = demo_network()
    assert not any(module.training for module in network.modules())
    assert {tensor.dtype for tensor in network.parameters()} == {torch.float32}
    assert all(bool(torch.isfinite(tensor).all()) for tensor in network.state_dict().values())


def test_the_shipped_weights_are_half_precision_and_small() -> None:
    assert WEIGHTS.stat().st_size <= 4_000_000
    kinds = {tensor.dtype for tensor in load_file(WEIGHTS).values()}
    assert kinds == {torch.float16, torch.int64}


def test_the_shipped_network_reaches_the_accuracy_of_its_card() -> None:
    accuracy = measure(demo_network(), load_crops(Photos(), "test"))
    assert sum(accuracy.count.values()) == 1_600
    assert accuracy.overall >= 0.97
    assert min(accuracy.right.values()) >= 80
    card = CARD.read_text(encoding="utf-8")
    stated = re.search(r"\*\*Accuracy on the held-out crops: ([\d.]+) %\*\*", card)
    assert stated is not None
    # On another processor, one crop at the boundary may be rounded to the other side.
    assert float(stated[1]) == pytest.approx(100 * accuracy.overall, abs=0.2)
    rows = {name: (int(right), int(count)) for name, right, count in re.findall(r"\| (\w+) \| (\d+) \| (\d+) \|", card)}
    assert tuple(rows) == CLASSES
    for name in CLASSES:
        assert rows[name][1] == accuracy.count[name]
        assert rows[name][0] == pytest.approx(accuracy.right[name], abs=2)


def test_the_card_names_each_photograph_and_its_licence() -> None:
    card = CARD.read_text(encoding="utf-8")
    for picture in PICTURES:
        assert f"| {picture.label} | {picture.file} | {picture.package} | {picture.licence} |" in card
    assert "neurflow train-demo" in card


def test_missing_weights_are_reported_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(NetworkError, match=r"no weights at gone\.safetensors.*train-demo"):
        demo_network(tmp_path / "gone.safetensors")


def test_a_file_that_is_not_safetensors_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bad.safetensors"
    path.write_bytes(b"not weights")
    with pytest.raises(NetworkError, match=r"bad\.safetensors cannot be read"):
        load_weights(build(), path)


def test_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.safetensors"
    save_file({"fc.weight": torch.zeros(2, 2)}, path)
    with pytest.raises(NetworkError, match=r"other\.safetensors holds the weights of another network"):
        load_weights(build(), path)
