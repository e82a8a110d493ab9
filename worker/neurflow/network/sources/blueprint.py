"""A network that is found by its name but not yet built."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import torch
from torch import nn

from neurflow.network.preprocessing import Preprocessing
from neurflow.network.weights import State

SEED: Final = 0
"""Seed of all untrained weights, so that the same name always gives the same digest."""


@dataclass(frozen=True)
class Blueprint:
    """How to build a network, and what is known about it.

    Attributes:
        untrained: builds the network with seeded random weights and the given number of classes, or its own number
            for ``None``.
        trained: builds the network with its trained weights, downloading them if needed; ``None`` if ``untrained`` is
            meant.
        outputs: its own number of classes; ``None`` if its code fixes it.
        classes: class names in output order; empty if unknown.
        preprocessing: the input that its weights expect.
        adapt: converts the state dict of a weights file, which may have an older format, to the network's.
    """

    untrained: Callable[[int | None], nn.Module]
    trained: Callable[[], nn.Module] | None
    outputs: int | None
    classes: tuple[str, ...]
    preprocessing: Preprocessing
    adapt: Callable[[State], State] = lambda state: state


def seeded(build: Callable[[], nn.Module]) -> nn.Module:
    """Call ``build`` with torch's CPU generator seeded with :data:`SEED`, and restore the generator afterwards."""
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(SEED)
        return build()
