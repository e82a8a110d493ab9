"""What may be asked of a trace over HTTP: the parameters of ``neurflow.terms.parameters``, and a few bounds.

The store must not import the engine. A test holds the two together; what this model accepts, the engine accepts.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

Crop = Annotated[float, Field(ge=0.05, le=1)]
LayerName = Annotated[str, Field(min_length=1, max_length=200)]

MOST_CROPS: Final = 6
"""Each further side of the sliding windows multiplies the patches of an image."""
MOST_LAYERS: Final = 64


class TraceParameters(BaseModel):
    """What a circuit is computed with. Defaults as in the paper (NeurFlow, ICLR 2025), where it names one."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        allow_inf_nan=False,
        json_schema_extra={"examples": [{"images": 50, "top_k": 50, "tau": 16, "layers": None, "seed": 0}]},
    )

    images: int = Field(
        default=50, ge=1, le=10_000, description="At most so many images that the network takes for the class."
    )
    top_k: int = Field(default=50, ge=2, le=1_000, description="Patches in a neuron's concept.")
    tau: int = Field(default=16, ge=1, le=4_096, description="Core concept neurons that are kept for each neuron.")
    crops: tuple[Crop, ...] = Field(
        default=(1.0, 0.5, 0.25),
        min_length=1,
        max_length=MOST_CROPS,
        description="Sides of the sliding windows as fractions of the image's side, each once.",
    )
    layers: tuple[LayerName, ...] | None = Field(
        default=None,
        min_length=1,
        max_length=MOST_LAYERS,
        description="The layers of the circuit from low to high, by name; null for the default ones.",
    )
    tokens: Literal["mean", "class"] = Field(
        default="mean", description="What stands for a transformer's tokens: their mean, or the class token."
    )
    nodes: int = Field(
        default=4, ge=1, le=64, description="Gauss–Legendre nodes that the integral of attribution starts with."
    )
    max_nodes: int = Field(
        default=32, ge=1, le=256, description="Nodes at which it stops even where the core set is not yet settled."
    )
    completeness: float = Field(
        default=0.05, ge=1e-9, le=1, description="Relative error of the integral below which it counts as settled."
    )
    margin: float = Field(
        default=2.0,
        ge=0,
        le=100,
        description="How many times the integral's relative error the gap behind the last core neuron must be.",
    )
    max_semantic_groups: int = Field(
        default=5, ge=1, le=20, description="Most parts into which one neuron's concept is split."
    )
    min_silhouette: float = Field(
        default=0.25,
        ge=-1,
        le=1,
        description="Mean silhouette that a split of a concept must reach, or it stays whole.",
    )
    max_groups: int = Field(default=12, ge=1, le=100, description="Most neuron groups in one layer.")
    exemplars: int = Field(default=9, ge=1, le=100, description="Most exemplar patches of a group.")
    held_out: int = Field(
        default=20,
        ge=0,
        le=10_000,
        description="Images, not among those traced, on which a group's knock-out is measured.",
    )
    seed: int = Field(
        default=0, ge=0, le=2**31 - 1, description="Seed for the choice of images where there are more than enough."
    )

    @field_validator("crops", "layers")
    @classmethod
    def _check_repetition(cls, values: tuple[float | str, ...] | None) -> tuple[float | str, ...] | None:
        if repeated := _repeated(values or ()):
            raise ValueError(f"{repeated[0]!r} stands there twice: give each once")
        return values

    @model_validator(mode="after")
    def _check_nodes(self) -> TraceParameters:
        if self.max_nodes < self.nodes:
            raise ValueError(f"max_nodes is {self.max_nodes}, below nodes = {self.nodes}: raise it")
        return self


def _repeated(values: Iterable[float | str]) -> list[float | str]:
    given = list(values)
    return [value for index, value in enumerate(given) if value in given[:index]]
