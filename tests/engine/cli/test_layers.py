"""``neurflow layers``: the cut points of a network, as a table and as JSON."""

from __future__ import annotations

import json

import pytest

from neurflow.network.graph import NetworkGraph
from neurflow.network.ladder import default_ladder
from neurflow.network.networks import load_network
from tests.engine.cli.workplace import Workplace, run


def test_every_cut_point_of_the_demo_is_listed() -> None:
    result = run("layers", "--network", "demo/photos")
    assert result.exit_code == 0, result.output
    header, *rows, blank, note = result.stdout.splitlines()
    assert header.split() == ["layer", "channels", "shape", "kind", "aliases"]
    assert (blank, note) == ("", "* traced by default")
    network = load_network("demo/photos")
    graph = NetworkGraph(network.module, network.preprocessing.input_size)
    default = {point.name for point in default_ladder(graph)}
    found = {row.replace("*", " ").split()[0]: row for row in rows}
    assert list(found) == [point.name for point in graph.cut_points]
    assert {name for name, row in found.items() if row.startswith("*")} == default
    assert found["layer3.1"].split() == ["*", "layer3.1", "96", "96×12×12", "block", "layer3"]
    assert found["conv1"].split() == ["conv1", "24", "24×48×48", "module"]


def test_json_holds_the_same_cut_points(workplace: Workplace) -> None:
    result = run("layers", *workplace.network, "--json")
    layers = json.loads(result.stdout)
    assert [layer["name"] for layer in layers if layer["default"]] == ["relu1", "relu2", "relu3", "fc"]
    assert layers[0] == {
        "name": "conv1",
        "channels": 8,
        "shape": [8, 32, 32],
        "kind": "module",
        "default": False,
        "aliases": [],
    }
    assert [layer["name"] for layer in layers][-2:] == ["flat", "fc"]


def test_the_input_size_is_used(workplace: Workplace) -> None:
    result = run("layers", *workplace.network, "--input-size", "64", "--json")
    assert json.loads(result.stdout)[0]["shape"] == [8, 64, 64]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--network", "demo/foto"], ["'demo/foto'"]),
        (["--weights", "nowhere.pt"], ["nowhere.pt"]),
        (["--mean", "1"], ["mean has 1 numbers"]),
    ],
)
def test_bad_input_gets_one_line(workplace: Workplace, options: list[str], words: list[str]) -> None:
    result = run("layers", *workplace.network, *options)
    assert (result.exit_code, result.stdout) == (2, "")
    (line,) = result.stderr.splitlines()
    assert line.startswith("error: ") and all(word in line for word in words)


def test_a_network_without_cut_points_says_so(workplace: Workplace) -> None:
    path = workplace.folder / "whole.py"
    path.write_text(
        "import torch\nfrom torch import nn\n\nclass Whole(nn.Module):\n    def __init__(self):\n"
        "        super().__init__()\n        self.weight = nn.Parameter(torch.ones(2, 3))\n"
        "    def forward(self, x):\n        return x.mean((2, 3)) @ self.weight.T\n"
    )
    result = run("layers", "--network", f"{path}:Whole")
    assert result.exit_code == 2
    assert "error: the network Whole has no cut point" in result.stderr
