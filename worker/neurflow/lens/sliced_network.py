"""The network of a circuit, sliced at the circuit's layers and kept between images.

1. Check that the network is the circuit's: the same weights and the same layers.
2. Run images up to the maps of all layers, and a layer's maps on to the logits, optionally scaling neurons on the way.

The network is never changed: a captured copy of its graph runs, on other devices a copy of the network.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from neurflow.device import batch_rows, exact
from neurflow.method.activations import check_finite
from neurflow.network.graph import NetworkGraph
from neurflow.network.ladder import choose_layers
from neurflow.network.layers import Ladder
from neurflow.network.networks import Network
from neurflow.network.preprocessing import Preprocessing
from neurflow.result.circuit import Circuit
from neurflow.terms.errors import LayerError, NetworkError

# A CPU's cache should still hold a batch's maps when they are read again for the groups.
_SHARE = 6
_LEAST_ROWS = 4


class SlicedNetwork:
    """A network with programs that run between the layers of a circuit.

    Attributes:
        ladder: the layers.
        preprocessing: the preprocessing of the trace, which may differ from the network's default.
        batch_size: images in one forward pass.
        device: device that computes.
    """

    def __init__(self, network: Network, circuit: Circuit, device: torch.device) -> None:
        """Capture the network and slice it.

        Raises:
            NetworkError: the circuit was traced on another network or other weights.
            LayerError: its layers differ from the circuit's.
            NotTraceable: the graph cannot be captured.
        """
        known = circuit.network
        if network.digest != known.digest:
            raise NetworkError(
                f"{network.spec} has different weights from the network of this circuit, {known.spec} "
                f"({network.digest[:19]}… is not {known.digest[:19]}…): load the traced network with its weights"
            )
        module = network.module if device.type == "cpu" else copy.deepcopy(network.module).to(device)
        self.preprocessing = Preprocessing(known.input_size, known.resize, known.mean, known.std)
        self.device = device
        with exact(device):
            graph = NetworkGraph(module, known.input_size)
            points = choose_layers(graph, [layer.name for layer in circuit.layers])
            self.ladder = Ladder(graph, points, circuit.parameters.tokens)
            if self.ladder.info != circuit.layers:
                found = ", ".join(f"{layer.name} {layer.shape}" for layer in self.ladder.info)
                raise LayerError(
                    f"{network.spec} has layers {found}, which differ from the circuit's: trace the circuit again"
                )
            rows = batch_rows(device, graph)
            self.batch_size = max(_LEAST_ROWS, rows // _SHARE) if device.type == "cpu" else rows
            self._up = self.ladder.maps_up_to(len(points) - 1)
            self._steps = [self.ladder.step(layer).program() for layer in range(1, len(points))]

    def maps(self, images: Tensor) -> tuple[tuple[Tensor, ...], list[Tensor]]:
        """Compute the maps of every layer for a batch of network input, ``(n, …)``, and pool them, ``(n, C_l)``.

        The last of each are the logits.

        Raises:
            NumericalError: an activation is NaN or infinite; names the lowest such layer.
        """
        with torch.no_grad(), exact(self.device):
            maps = self._up(images.to(self.device))
            pooled = [self.ladder.pool(value, layer) for layer, value in enumerate(maps)]
            check_finite(self.ladder, pooled)
        return maps, pooled

    def logits(self, maps: Sequence[Tensor], factors: Mapping[int, Tensor]) -> Tensor:
        """Compute the logits with scaled neurons, ``(n, classes)`` on the CPU.

        From the lowest layer with factors upwards: scale the layer's maps, then run on to the next layer.

        Args:
            maps: maps of every layer, from :meth:`maps`, either of one image for all rows of ``factors`` or of one
                image per row.
            factors: for each layer and row, the factor of every neuron, ``(n, C_l)``.
        """
        if not factors:
            return maps[-1].cpu()
        rows = next(iter(factors.values())).shape[0]
        starts = range(0, rows, self.batch_size)
        return torch.cat([self._run(maps, factors, slice(start, start + self.batch_size)) for start in starts])

    def _run(self, maps: Sequence[Tensor], factors: Mapping[int, Tensor], rows: slice) -> Tensor:
        lowest = min(factors)
        value = maps[lowest] if len(maps[lowest]) == 1 else maps[lowest][rows]
        with torch.no_grad(), exact(self.device):
            for layer in range(lowest, len(self.ladder)):
                if layer > lowest:
                    (value,) = self._steps[layer - 1](value)
                if layer in factors:
                    value = value * self._shaped(factors[layer][rows], layer)
        return value.cpu()

    def _shaped(self, factors: Tensor, layer: int) -> Tensor:
        """Reshape factors ``(n, C)`` for multiplication with the layer's maps."""
        point = self.ladder.points[layer]
        shape = [len(factors), *(1 for _ in point.shape)]
        shape[point.channel_axis] = point.channels
        return factors.to(self.device, torch.float32).reshape(shape)
