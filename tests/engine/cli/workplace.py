"""A network of three layers in a Python file, a folder of small pictures, and the command line to trace them with.

The network takes 32×32 pixels and always answers ``warm``; nothing makes it answer ``cold`` or ``never``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import PIL.Image
import torch
from click.testing import CliRunner, Result

from neurflow.cli import main
from neurflow.network.networks import load_network
from neurflow.result.file_format import CIRCUIT_FILE, comparable

NETWORK = '''
"""A small network with random weights."""
from torch import nn

def make():
    network = nn.Sequential()
    for number, (inputs, outputs, stride) in enumerate([(3, 8, 1), (8, 10, 2), (10, 12, 2)], start=1):
        network.add_module(f"conv{number}", nn.Conv2d(inputs, outputs, 3, stride, 1))
        network.add_module(f"relu{number}", nn.ReLU())
    network.add_module("pool", nn.AdaptiveAvgPool2d(1))
    network.add_module("flat", nn.Flatten())
    network.add_module("fc", nn.Linear(12, 3))
    network.fc.bias.data[0] += 50
    return network
'''
LAYERS = ("relu1", "relu2", "relu3", "fc")
PICTURES = {"warm": 10, "cold": 3, "never": 1}


@dataclass(frozen=True)
class Workplace:
    """A folder with ``network.py``, ``classes.txt`` and ``pictures/CLASS/NN.png``."""

    folder: Path

    @property
    def network(self) -> list[str]:
        spec = f"{self.folder / 'network.py'}:make"
        return ["--network", spec, "--classes", str(self.folder / "classes.txt"), "--input-size", "32"]

    @property
    def request(self) -> list[str]:
        """A trace of ``warm`` without ``--out``."""
        data = ["--data", f"folder/{self.folder / 'pictures'}", "--class", "warm"]
        sizes = "--images 6 --top-k 8 --tau 3 --crops 1,0.5 --held-out 2 --layers relu1,relu2,relu3 --device cpu"
        return [*self.network, *data, *sizes.split()]

    def trace(self, out: Path, *more: str) -> Result:
        """Trace ``warm``; options in ``more`` take the place of those in ``request``."""
        return run("trace", *self.request, "--out", str(out), *more)


def run(*arguments: str) -> Result:
    """Call ``neurflow`` in this process. Exceptions other than exits propagate with their traceback."""
    return CliRunner().invoke(main, arguments, catch_exceptions=False)


def left(folder: Path) -> Sequence[str]:
    """List everything in a folder, hidden or not."""
    return sorted(path.name for path in folder.iterdir())


def same_circuits(first: Path, second: Path) -> None:
    """Make sure that two folders hold the same circuit apart from timings, and the same pictures, byte for byte."""
    assert comparable((first / CIRCUIT_FILE).read_bytes()) == comparable((second / CIRCUIT_FILE).read_bytes())
    assert left(first) == left(second)
    assert left(first / "patches") == left(second / "patches")
    for name in left(first / "patches"):
        assert (first / "patches" / name).read_bytes() == (second / "patches" / name).read_bytes()


def write_pictures(folder: Path) -> None:
    """Write pictures of soft random colours, the same each time."""
    random = np.random.default_rng(7)
    for name, count in PICTURES.items():
        (folder / name).mkdir(parents=True)
        for number in range(count):
            pixels = random.integers(0, 256, (6, 7, 3), dtype=np.uint8)
            picture = PIL.Image.fromarray(pixels).resize((56, 48), PIL.Image.Resampling.BICUBIC)
            picture.save(folder / name / f"{number:02d}.png")


def assert_refused(result: Result, *words: str) -> None:
    """Make sure of exit code 2, nothing on stdout, and one line on stderr that contains the words."""
    assert result.exit_code == 2, result.output
    lines = [line for line in result.stderr.splitlines() if not re.match(r"[\w. ]+: \d+/\d+", line)]
    assert len(lines) == 1, lines
    assert lines[0].startswith("error: ")
    assert result.stdout == ""
    for word in words:
        assert word in lines[0], lines[0]


def weights(workplace: Workplace) -> dict[str, torch.Tensor]:
    """Return a copy of the network's parameters and buffers, by name."""
    module = load_network(workplace.network[1], input_size=32, allow_code=True).module
    return {key: value.clone() for key, value in module.state_dict().items()}
