"""``demo/photos``: the network that ships with the package."""

from __future__ import annotations

from neurflow.demo.network import INPUT_SIZE, MEAN, RESIZE, STD, DemoNetwork, demo_network
from neurflow.demo.sources import CLASSES
from neurflow.network.preprocessing import Preprocessing
from neurflow.network.sources.blueprint import Blueprint, seeded


def blueprint() -> Blueprint:
    """Return the blueprint of the demo network. Other weights for it may have another number of classes."""
    return Blueprint(
        untrained=lambda outputs: seeded(lambda: DemoNetwork(outputs or len(CLASSES))),
        trained=demo_network,
        outputs=len(CLASSES),
        classes=CLASSES,
        preprocessing=Preprocessing(INPUT_SIZE, RESIZE, MEAN, STD),
    )
