"""A network that has been found by its name, before it is built."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import torch
from torch import nn

from neurflow.network.preprocessing import Preprocessing
from neurflow.network.weights import State

SEED: Final = 0
"""Of all untrained weights, so that the same name gives the same digest each time."""


@dataclass(frozen=True)
class Blueprint:
    """How to build a network, and what is known about it.

    Attributes:
        untrained: builds it with seeded random weights, for so many classes, or as many as it has by itself.
        trained: builds it with its trained weights, fetched where need be; ``None`` where ``untrained`` is meant.
        outputs: how many classes it has by itself; ``None`` where that is fixed by its code.
        classes: their names in output order; empty where nobody knows.
        preprocessing: what its weights expect.
        adapt: from a weights file's state dict, which may be in an older form, to the network's.
    """

    untrained: Callable[[int | None], nn.Module]
    trained: Callable[[], nn.Module] | None
    outputs: int | None
    classes: tuple[str, ...]
    preprocessing: Preprocessing
    adapt: Callable[[State], State] = lambda state: state


def seeded(build: Callable[[], nn.Module]) -> nn.Module:
    """What ``build`` gives with torch's CPU generator at :data:`SEED`, which is put back afterwards."""
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(SEED)
        return build()
