"""Every choice of the method that a caller may make: name, meaning, range and default in one place.

Two kinds, kept apart: :class:`TraceParameters` say *what* is computed and are written into the circuit;
:class:`Resources` say *how* and with what, and do not change the method.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Literal, NamedTuple

from neurflow.terms.errors import ParameterError

MIB = 1024 * 1024


class _Range(NamedTuple):
    low: float
    high: float


@dataclass(frozen=True)
class TraceParameters:
    """What is computed. Defaults as in the paper (NeurFlow, ICLR 2025), where it names one.

    Attributes:
        images: at most so many images that the network predicts as the class (``N``), 1…10,000.
        top_k: patches in a neuron's concept ``V_a`` (``k``), 2…1,000.
        tau: core concept neurons kept for each neuron (``τ``), 1…4,096.
        crops: sides of the sliding windows as fractions of the image's side, each in (0, 1].
        layers: the layers of the circuit from low to high, by name; ``None`` for the default ladder.
        tokens: how a transformer's ``(N, T, C)`` is pooled: mean over tokens, or the class token.
        nodes: Gauss–Legendre nodes that the integral starts with, 1…64.
        max_nodes: nodes at which it stops even where the core set is not yet settled, up to 256.
        completeness: relative error of the integral, measured by completeness, below which it counts
            as settled, in (0, 1].
        margin: the relative gap behind the ``τ``-th score must be this many times the integral's relative error
            before the core set counts as settled, 0…100. With these defaults 288 of the demo's 290 core sets are
            those of 128 nodes (decision 0005).
        max_semantic_groups: most parts into which one neuron's concept is split, 1…20.
        min_silhouette: mean silhouette that a split of a concept must reach, or it stays whole. 0.25 is the
            conventional bound below which no substantial structure has been found
            (Kaufman & Rousseeuw, Finding Groups in Data, 1990, ch. 2).
        max_groups: most neuron groups in one layer, 1…100.
        exemplars: most exemplar patches of a group, 1…100.
        held_out: images, not among those traced, on which a group's knock-out is measured, 0…10,000.
        seed: for the choice of images where there are more than enough.
    """

    images: int = 50
    top_k: int = 50
    tau: int = 16
    crops: tuple[float, ...] = (1.0, 0.5, 0.25)
    layers: tuple[str, ...] | None = None
    tokens: Literal["mean", "class"] = "mean"
    nodes: int = 4
    max_nodes: int = 32
    completeness: float = 0.05
    margin: float = 2.0
    max_semantic_groups: int = 5
    min_silhouette: float = 0.25
    max_groups: int = 12
    exemplars: int = 9
    held_out: int = 20
    seed: int = 0

    def __post_init__(self) -> None:
        _check_ranges(self, _TRACE_RANGES)
        if not self.crops:
            raise ParameterError("crops is empty: give at least one window side, for example 1,0.5,0.25")
        for crop in self.crops:
            if not 0 < crop <= 1:
                raise ParameterError(f"crops holds {crop}: each window side is a fraction of the image in (0, 1]")
        if len(set(self.crops)) != len(self.crops):
            raise ParameterError(f"crops repeats a side: {', '.join(map(str, self.crops))}")
        if self.max_nodes < self.nodes:
            raise ParameterError(f"max_nodes is {self.max_nodes}, below nodes = {self.nodes}: raise it")
        if self.tokens not in ("mean", "class"):
            raise ParameterError(f"tokens is {self.tokens!r}: choose 'mean' or 'class'")


@dataclass(frozen=True)
class Resources:
    """How it is computed. The same resources on the same machine give the same circuit, bit for bit.

    Attributes:
        device: ``"cpu"``, ``"cuda"``, ``"cuda:1"``, ``"mps"``, or ``"auto"`` for the best one present.
        batch_size: patches in one forward pass, 1…4,096; ``0`` to choose by the network's input and device.
        cache_bytes: feature maps of patches kept between layers, at most, in bytes.
        mixed_precision: on a GPU, let the pass over all patches use half precision. Attribution stays in full
            precision, so that core sets stay the same for the same concepts.
    """

    device: str = "auto"
    batch_size: int = 0
    cache_bytes: int = 512 * MIB
    mixed_precision: bool = False

    def __post_init__(self) -> None:
        _check_ranges(self, _RESOURCE_RANGES)


_TRACE_RANGES = {
    "images": _Range(1, 10_000),
    "top_k": _Range(2, 1_000),
    "tau": _Range(1, 4_096),
    "nodes": _Range(1, 64),
    "max_nodes": _Range(1, 256),
    "completeness": _Range(1e-9, 1),
    "margin": _Range(0, 100),
    "max_semantic_groups": _Range(1, 20),
    "min_silhouette": _Range(-1, 1),
    "max_groups": _Range(1, 100),
    "exemplars": _Range(1, 100),
    "held_out": _Range(0, 10_000),
    "seed": _Range(0, 2**31 - 1),
}
_RESOURCE_RANGES = {"batch_size": _Range(0, 4_096), "cache_bytes": _Range(0, 2**50)}


def _check_ranges(parameters: Any, ranges: dict[str, _Range]) -> None:
    for field in fields(parameters):
        if field.name in ranges:
            value, (low, high) = getattr(parameters, field.name), ranges[field.name]
            if isinstance(field.default, int) and not isinstance(value, int):
                raise ParameterError(f"{field.name} is {value!r}: choose a whole number")
            if not low <= value <= high:
                raise ParameterError(f"{field.name} is {value}: choose a value from {low:.16g} to {high:.16g}")
