"""Convert indices into all patches of a class to positions in the circuit's patches.

The circuit holds the patches of every neuron's concept, which are known after the last layer is walked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import PIL.Image

from neurflow.result.circuit import Edge, Group, Importance, Neuron


def picture_file(patch: int) -> str:
    """Return the file name of a patch's picture."""
    return f"patches/{patch:06d}.webp"


class Numbering:
    """The patches of a circuit and their positions.

    Attributes:
        used: ascending indices into ``D``.
    """

    def __init__(self, neurons: Iterable[Neuron]) -> None:
        """Number the patches in the concepts of these neurons, whose patches are indices into ``D``."""
        self.used = tuple(sorted({i for n in neurons for part in n.semantic_groups for i in part.patches}))
        self._position = {index: position for position, index in enumerate(self.used)}

    def neuron(self, neuron: Neuron) -> Neuron:
        """Return the neuron with positions instead of indices."""
        parts = (
            replace(part, patches=tuple(self._position[i] for i in part.patches)) for part in neuron.semantic_groups
        )
        return replace(neuron, semantic_groups=tuple(parts))

    def group(self, group: Group, drop: float | None, held_out: int) -> Group:
        """Return the group with positions instead of indices, and its logit drop on ``held_out`` images."""
        exemplars = tuple(
            replace(exemplar, patch=position, file=picture_file(position))
            for exemplar in group.exemplars
            for position in (self._position[exemplar.patch],)
        )
        importance = Importance(group.importance.contribution, drop, held_out)
        return replace(group, exemplars=exemplars, importance=importance)

    def edge(self, edge: Edge) -> Edge:
        """Return the edge with positions instead of indices."""
        patches = tuple(replace(patch, patch=self._position[patch.patch]) for patch in edge.patches or ())
        return replace(edge, patches=patches)

    def pictures(self, pictures: Mapping[int, PIL.Image.Image]) -> dict[str, PIL.Image.Image]:
        """Return the pictures by file name, in the order of the names."""
        return {picture_file(self._position[index]): pictures[index] for index in sorted(pictures)}
