"""The single definition of every parameter of the method: name, default, range and meaning.

There are two kinds: :class:`TraceParameters` define *what* is computed and are written into the circuit;
:class:`Resources` define *how* and with what, and do not change the method.

Command line, HTTP API and pages are made from these fields.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass, field, fields
from typing import Any, Final, Literal, NamedTuple, TypeVar

from neurflow.terms.errors import ParameterError

MIB = 1024 * 1024

Kind = TypeVar("Kind")


class Range(NamedTuple):
    """The lowest and the highest value of a parameter."""

    low: float
    high: float


INPUT_SIZE: Final = Range(8, 4096)
"""Side of a network's square input, in pixels. Engine, API and pages refuse other values."""


def parameter(default: Any, meaning: str, allowed: Range | None = None) -> Any:
    """Return a field of a dataclass of parameters.

    Args:
        default: its value if a caller gives none.
        meaning: one sentence without markup.
        allowed: the values of a number.
    """
    return field(default=default, metadata={"meaning": meaning, "range": allowed})


def meanings(kind: type) -> dict[str, str]:
    """Return one sentence for each parameter of the dataclass ``kind``, in order.

    >>> meanings(TraceParameters)["images"]
    'Maximum number of images of the class to use.'
    """
    return {one.name: one.metadata["meaning"] for one in fields(kind)}


def ranges(kind: type) -> dict[str, Range]:
    """Return the range of each parameter of the dataclass ``kind`` that is a number.

    >>> ranges(TraceParameters)["images"]
    Range(low=1, high=10000)
    """
    return {one.name: one.metadata["range"] for one in fields(kind) if one.metadata["range"] is not None}


def descriptions(kind: type) -> dict[str, str]:
    """Return the meaning and the range of each parameter of the dataclass ``kind``.

    >>> descriptions(TraceParameters)["tau"]
    'Number of core neurons to keep for each neuron (τ in the paper), 1…4,096.'
    """
    limits = {name: f", {low:,}…{high:,}." for name, (low, high) in ranges(kind).items()}
    return {name: text.removesuffix(".") + limits.get(name, ".") for name, text in meanings(kind).items()}


def _documented(kind: type[Kind]) -> type[Kind]:
    """The dataclass ``kind``, with its descriptions in its docstring, which ``help`` and notebooks show."""
    lines = [f"    {name}: {text}" for name, text in descriptions(kind).items()]
    kind.__doc__ = "\n".join([inspect.cleandoc(kind.__doc__ or ""), "", "Attributes:", *lines])
    return kind


@_documented
@dataclass(frozen=True)
class TraceParameters:
    """What is computed. Defaults are those of the paper (NeurFlow, ICLR 2025), if it gives one."""

    images: int = parameter(50, "Maximum number of images of the class to use.", Range(1, 10_000))
    top_k: int = parameter(50, "Number of patches in a neuron's concept (k in the paper).", Range(2, 1_000))
    tau: int = parameter(16, "Number of core neurons to keep for each neuron (τ in the paper).", Range(1, 4_096))
    crops: tuple[float, ...] = parameter(
        (1.0, 0.5, 0.25),
        "Sides of the sliding windows as fractions of the image's side, each at most 1 and given once.",
    )
    layers: tuple[str, ...] | None = parameter(
        None, "Names of the circuit's layers, from low to high; if not given, about eight are chosen."
    )
    tokens: Literal["mean", "class"] = parameter(
        "mean", "How a transformer's tokens are pooled: their mean, or the class token."
    )
    nodes: int = parameter(4, "Number of Gauss–Legendre nodes to start the attribution integral with.", Range(1, 64))
    max_nodes: int = parameter(32, "Maximum number of nodes, even if the core neurons have not settled.", Range(1, 256))
    completeness: float = parameter(
        0.05, "Relative error below which the attribution integral counts as settled.", Range(1e-9, 1)
    )
    # With these defaults 288 of the demo's 290 core sets are those of 128 nodes (decision 0005).
    margin: float = parameter(
        2.0,
        "Minimum relative gap after the last core neuron's score, in multiples of the integral's relative error.",
        Range(0, 100),
    )
    max_semantic_groups: int = parameter(5, "Maximum number of parts to split a neuron's concept into.", Range(1, 20))
    # Below 0.25 no substantial structure has been found (Kaufman & Rousseeuw, Finding Groups in Data, 1990, ch. 2).
    min_silhouette: float = parameter(
        0.25, "Minimum mean silhouette for splitting a concept; below it the concept stays whole.", Range(-1, 1)
    )
    max_groups: int = parameter(12, "Maximum number of neuron groups in a layer.", Range(1, 100))
    exemplars: int = parameter(9, "Maximum number of exemplar patches of a group.", Range(1, 100))
    held_out: int = parameter(
        20, "Maximum number of images, other than the traced ones, for measuring a group's knock-out.", Range(0, 10_000)
    )
    seed: int = parameter(0, "Seed for choosing images when there are more than needed.", Range(0, 2**31 - 1))

    def __post_init__(self) -> None:
        _check_ranges(self)
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


@_documented
@dataclass(frozen=True)
class Resources:
    """How it is computed. The same resources on the same machine give the same circuit, bit for bit."""

    device: str = parameter("auto", "Device to compute on: cpu, cuda, cuda:1, mps, or auto for the best one present.")
    batch_size: int = parameter(0, "Patches in one forward pass; 0 to choose by network and device.", Range(0, 4_096))
    cache_bytes: int = parameter(
        512 * MIB, "Maximum size of the feature maps kept between layers, in bytes.", Range(0, 2**50)
    )
    # Attribution in full precision keeps core sets the same for the same concepts.
    mixed_precision: bool = parameter(
        False, "On a GPU, pass all patches through the network in half precision; attribution stays in full precision."
    )

    def __post_init__(self) -> None:
        _check_ranges(self)


def _check_ranges(parameters: Any) -> None:
    for one in fields(parameters):
        value, allowed = getattr(parameters, one.name), one.metadata["range"]
        if allowed is None:
            continue
        if isinstance(one.default, int) and not isinstance(value, int):
            raise ParameterError(f"{one.name} is {value!r}: choose a whole number")
        if not allowed.low <= value <= allowed.high:
            raise ParameterError(
                f"{one.name} is {value}: choose a value from {allowed.low:.16g} to {allowed.high:.16g}"
            )
