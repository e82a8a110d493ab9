"""Compute feature maps of patches once and cache them within a byte budget.

At each layer, the walk needs the feature maps of all patches in some neuron's concept. A forward pass up to a layer
also yields the maps of all layers below it, which are cached for later. The pass over all patches fills the cache with
the maps of the first patches.

When the budget is full, the lowest layers' maps are evicted first: they are the largest and needed last.

The cache's content depends only on the calls so far, so a resumed trace restores it by repeating them.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Sequence

import torch
from torch import Tensor

from neurflow.method.patches import PatchSet
from neurflow.network.layers import Ladder


class FeatureMaps:
    """A cache of feature maps by layer and patch.

    Attributes:
        batch_size: patches in one forward pass.
    """

    def __init__(self, ladder: Ladder, patches: PatchSet, device: torch.device, batch_size: int, budget: int) -> None:
        """Create a cache of at most ``budget`` bytes, or of one request's maps if they are larger."""
        self._ladder, self._patches = ladder, patches
        self._device, self.batch_size, self._budget = device, batch_size, budget
        self._kept: list[OrderedDict[int, Tensor]] = [OrderedDict() for _ in ladder.points]
        self._bytes = 0

    def capacity(self, layer: int) -> int:
        """Return how many patches' maps of ``layer`` fit the budget."""
        return max(1, self._budget // (4 * math.prod(self._ladder.points[layer].shape)))

    def has_room(self, patches: int) -> bool:
        """Return whether the maps of ``patches`` more patches, of all layers below the logits, fit the budget."""
        each = sum(4 * math.prod(point.shape) for point in self._ladder.points[:-1])
        return self._bytes + patches * each <= self._budget

    def compute(self, patches: Sequence[int]) -> tuple[Tensor, ...]:
        """Compute the maps of all layers for new patches, ``(n, …)`` each; cache those below the logits that fit."""
        program = self._ladder.maps_up_to(len(self._ladder) - 1)
        with torch.no_grad():
            maps = program(self._patches.batch(patches).to(self._device))
        self._keep_lower(len(maps) - 1, patches, maps)
        return maps

    def refill(self) -> None:
        """Compute the maps that the pass over all patches would have cached, in the same batches."""
        for start in range(0, len(self._patches), self.batch_size):
            batch = range(start, min(start + self.batch_size, len(self._patches)))
            if not self.has_room(len(batch)):
                return
            self.compute(batch)

    def prepare(self, layer: int, patches: Sequence[int]) -> None:
        """Cache the maps of ``layer`` for these patches, in full batches; drop the layers above ``layer``."""
        for kept in self._kept[layer + 1 :]:
            self._bytes -= sum(_bytes(value) for value in kept.values())
            kept.clear()
        present = self._kept[layer]
        for patch in patches:
            if patch in present:
                present.move_to_end(patch)
        missing = [patch for patch in dict.fromkeys(patches) if patch not in present]
        if missing:
            program = self._ladder.maps_up_to(layer)
            for start in range(0, len(missing), self.batch_size):
                batch = missing[start : start + self.batch_size]
                with torch.no_grad():
                    maps = program(self._patches.batch(batch).to(self._device))
                self._keep(layer, batch, maps, set(patches))

    def get(self, layer: int, patches: Sequence[int]) -> Tensor:
        """Return the maps ``(n, …)`` of prepared patches."""
        return torch.stack([self._kept[layer][patch] for patch in patches])

    def _keep(self, layer: int, batch: Sequence[int], maps: Sequence[Tensor], wanted: set[int]) -> None:
        for row, patch in enumerate(batch):
            self._insert(layer, patch, maps[layer][row], wanted)
        self._keep_lower(layer, batch, maps)

    def _keep_lower(self, layer: int, batch: Sequence[int], maps: Sequence[Tensor]) -> None:
        for lower in range(layer - 1, -1, -1):
            size = _bytes(maps[lower][0])
            for row, patch in enumerate(batch):
                if patch not in self._kept[lower] and self._bytes + size <= self._budget:
                    self._kept[lower][patch] = maps[lower][row].clone()
                    self._bytes += size

    def _insert(self, layer: int, patch: int, value: Tensor, wanted: set[int]) -> None:
        self._kept[layer][patch] = value.clone()
        self._bytes += _bytes(value)
        for index in range(layer + 1):
            if self._bytes <= self._budget:
                return
            kept = self._kept[index]
            for old in [p for p in kept if index < layer or p not in wanted]:
                if self._bytes <= self._budget:
                    return
                self._bytes -= _bytes(kept.pop(old))


def _bytes(value: Tensor) -> int:
    return value.numel() * value.element_size()
