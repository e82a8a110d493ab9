"""The demo network: a small residual network for 96 px images, and its trained weights.

A 3×3 stem with stride 2, then four stages of two basic blocks (He et al., Deep Residual Learning for Image
Recognition, CVPR 2016, section 4.2), then a spatial mean and a linear layer. About 1.6 million parameters.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn
from torchvision.models.resnet import BasicBlock

from neurflow.demo.sources import CLASSES
from neurflow.terms.errors import NetworkError

INPUT_SIZE: Final = 96
"""Side of the input in pixels."""
RESIZE: Final = 96
"""Length in pixels to which an image's shorter side is resized before the centre crop."""
MEAN: Final = (0.485, 0.456, 0.406)
STD: Final = (0.229, 0.224, 0.225)

CHANNELS: Final = (24, 48, 96, 192)
WEIGHTS: Final = Path(__file__).with_name("photos.safetensors")
"""The weights that ship with the package, in half precision."""


class DemoNetwork(nn.Module):
    """Maps ``(N, 3, 96, 96)`` to logits ``(N, classes)``. Modules are named as in torchvision's ResNet.

    With ``C = (24, 48, 96, 192)`` stage ``i`` returns ``(N, C[i], 48 / 2**i, 48 / 2**i)``, all values at least 0.
    """

    def __init__(self, classes: int = len(CLASSES)) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, CHANNELS[0], kernel_size=3, stride=2, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(CHANNELS[0])
        self.relu = nn.ReLU()
        self.layer1 = _stage(CHANNELS[0], CHANNELS[0], stride=1)
        self.layer2 = _stage(CHANNELS[0], CHANNELS[1], stride=2)
        self.layer3 = _stage(CHANNELS[1], CHANNELS[2], stride=2)
        self.layer4 = _stage(CHANNELS[2], CHANNELS[3], stride=2)
        self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
        self.fc = nn.Linear(CHANNELS[3], classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.bn1(self.conv1(x)))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        logits: Tensor = self.fc(torch.flatten(self.avgpool(x), 1))
        return logits


def build(seed: int = 0) -> DemoNetwork:
    """Build the untrained network in training mode, initialised with ``seed``; torch's own generator is unchanged."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = DemoNetwork()
        for module in network.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
    return network


def load_weights(network: nn.Module, path: Path = WEIGHTS) -> None:
    """Load weights, stored in half precision, into ``network`` in single precision.

    Raises:
        NetworkError: the file is missing or unreadable, or holds another network's weights.
    """
    try:
        stored = load_file(path)
    except FileNotFoundError:
        raise NetworkError(f"no weights at {path.name}: create them with neurflow train-demo") from None
    except (SafetensorError, OSError) as error:
        raise NetworkError(f"{path.name} cannot be read ({error}): create it again with neurflow train-demo") from None
    state = {name: value.float() if value.is_floating_point() else value for name, value in stored.items()}
    try:
        network.load_state_dict(state)
    except RuntimeError:
        raise NetworkError(
            f"{path.name} holds the weights of another network: create it again with neurflow train-demo"
        ) from None


def demo_network(path: Path = WEIGHTS) -> DemoNetwork:
    """Load the trained network in eval mode, with outputs in the order of :data:`neurflow.demo.sources.CLASSES`.

    Raises:
        NetworkError: the weights are missing or do not fit.
    """
    network = build()
    load_weights(network, path)
    return network.eval()


def _stage(inputs: int, outputs: int, stride: int) -> nn.Sequential:
    shortcut = None
    if stride != 1 or inputs != outputs:
        shortcut = nn.Sequential(
            nn.Conv2d(inputs, outputs, kernel_size=1, stride=stride, bias=False), nn.BatchNorm2d(outputs)
        )
    return nn.Sequential(BasicBlock(inputs, outputs, stride, shortcut), BasicBlock(outputs, outputs))
