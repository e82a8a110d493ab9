"""Look-up tables of a circuit for its checks."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from neurflow.result.circuit import Circuit, Group, Neuron


@dataclass
class Index:
    """Positions of layers, groups by id, neurons and cores by name, and each group's channels and patches."""

    circuit: Circuit
    layers: dict[str, int] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    neurons: dict[tuple[str, int], Neuron] = field(default_factory=dict)
    cores: dict[tuple[str, int], frozenset[int]] = field(default_factory=dict)
    channels: defaultdict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    patches: defaultdict[str, set[int]] = field(default_factory=lambda: defaultdict(set))

    def __post_init__(self) -> None:
        self.layers = {layer.name: position for position, layer in enumerate(self.circuit.layers)}
        self.groups = {group.id: group for group in self.circuit.groups}
        for neuron in self.circuit.neurons:
            self.neurons[neuron.layer, neuron.channel] = neuron
            self.cores[neuron.layer, neuron.channel] = frozenset(core.channel for core in neuron.core)
            for part in neuron.semantic_groups:
                self.channels[part.group].add(neuron.channel)
                self.patches[part.group].update(part.patches)
