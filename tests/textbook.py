"""The method in its textbook form: plain and slow, the reference for the engine.

For every layer the lower network is run again over all patches and every patch's whole feature map is kept; every
neuron is attributed on its own, with captum's integrated gradients along fifty steps. Nothing of the engine is used.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from captum.attr import IntegratedGradients
from torch import Tensor, nn

STEPS = 50


@dataclass(frozen=True)
class Stage:
    """A layer of a network that is a plain chain: its name and what leads to it from the layer below."""

    name: str
    module: nn.Module


@dataclass(frozen=True)
class Textbook:
    """The settings of the method.

    Attributes:
        stages: from the image up; the last one gives the logits.
        tau: core neurons of a neuron.
        top_k: patches of a concept.
        steps: of the integral, by Gauss–Legendre.
        batch_size: rows (patches times steps) at once within captum; ``None``, captum's default, for all.
    """

    stages: Sequence[Stage]
    tau: int
    top_k: int
    steps: int = STEPS
    batch_size: int | None = None

    def core_sets(
        self, patches: Tensor, class_index: int, on_layer: Callable[[str], None] = lambda name: None
    ) -> dict[tuple[str, int], set[int]]:
        """Core neurons by ``(layer, channel)``, from the class down.

        Args:
            patches: ``D`` as network input, ``(|D|, 3, S, S)``.
            class_index: the output to begin with.
            on_layer: told of each layer begun.
        """
        found: dict[tuple[str, int], set[int]] = {}
        wanted = {class_index}
        for level in range(len(self.stages) - 1, 0, -1):
            upper = self.stages[level]
            on_layer(upper.name)
            lower = nn.Sequential(*[stage.module for stage in self.stages[:level]])
            maps = _run(lower, patches)
            activations = _pool(_run(upper.module, maps))
            below: set[int] = set()
            for neuron in sorted(wanted):
                concept = activations[:, neuron].sort(descending=True, stable=True).indices[: self.top_k]
                scores = self.scores(upper.module, maps[concept], neuron)
                core = set(scores.sort(descending=True, stable=True).indices[: self.tau].tolist())
                found[upper.name, neuron] = core
                below |= core
            wanted = below
        return found

    def scores(self, upper: nn.Module, maps: Tensor, neuron: int) -> Tensor:
        """Return ``T(a, s)`` of every lower neuron, ``(C,)``, from the lower layer's maps on ``V_a``."""
        attribution = IntegratedGradients(lambda x: _pool(upper(x)))
        gradients: Tensor = attribution.attribute(
            maps,
            baselines=torch.zeros_like(maps),
            target=neuron,
            n_steps=self.steps,
            internal_batch_size=self.batch_size,
        )
        summed = gradients.flatten(2).sum(dim=2) if gradients.dim() > 2 else gradients
        return summed.abs().mean(dim=0)


def demo_stages(module: Any, lowest: str = "layer1.0") -> list[Stage]:
    """Return the demo network as the chain of its blocks from ``lowest`` up, all below it in the first stage."""
    blocks = [(f"layer{i}.{j}", getattr(module, f"layer{i}")[j]) for i in range(1, 5) for j in range(2)]
    first = [name for name, _ in blocks].index(lowest)
    below = nn.Sequential(module.conv1, module.bn1, module.relu, *(block for _, block in blocks[: first + 1]))
    head = nn.Sequential(module.avgpool, nn.Flatten(), module.fc)
    return [Stage(lowest, below), *(Stage(name, block) for name, block in blocks[first + 1 :]), Stage("fc", head)]


def _pool(maps: Tensor) -> Tensor:
    return maps.flatten(2).mean(dim=2) if maps.dim() > 2 else maps


def _run(module: nn.Module, inputs: Tensor, batch_size: int = 64) -> Tensor:
    with torch.no_grad():
        starts = range(0, len(inputs), batch_size)
        return torch.cat([module(inputs[start : start + batch_size]) for start in starts])
