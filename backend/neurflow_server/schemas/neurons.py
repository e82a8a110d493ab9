"""A neuron and its semantic groups."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from neurflow_server.schemas.summaries import BOX_EXAMPLE, IMAGE_EXAMPLE, Box, TracedImage

PATCH_EXAMPLE: Final[dict[str, Any]] = {
    "position": 12,
    "box": BOX_EXAMPLE,
    "image": IMAGE_EXAMPLE,
    "picture": "/api/v1/circuits/cat-7k2m9/patches/12?v=3f5a",
}
_PART: Final[dict[str, Any]] = {
    "part": 0,
    "group": "layer4.1/3",
    "silhouette": 0.44,
    "patches": [PATCH_EXAMPLE],
    "weights": [{"channel": 31, "weight": 0.6}],
}


class PatchOut(BaseModel):
    """A crop of an image."""

    model_config = ConfigDict(json_schema_extra={"example": PATCH_EXAMPLE})

    position: int = Field(description="Its position among the circuit's patches.")
    box: Box
    image: TracedImage
    picture: str | None = Field(description="Address of the crop; null if the whole image is not stored.")


class CoreNeuronOut(BaseModel):
    """A core neuron, one layer below."""

    model_config = ConfigDict(json_schema_extra={"example": {"channel": 31, "score": 0.8}})

    channel: int
    score: float = Field(description="Mean over the concept of the absolute integrated gradient.")


class WeightOut(BaseModel):
    """The weight of a core neuron for a semantic group."""

    model_config = ConfigDict(json_schema_extra={"example": {"channel": 31, "weight": 0.6}})

    channel: int
    weight: float = Field(description="Signed; absolute weights add up to 1.")


class SemanticGroupOut(BaseModel):
    """A semantic group of a neuron."""

    model_config = ConfigDict(json_schema_extra={"example": _PART})

    part: int
    group: str = Field(description="The neuron group that it belongs to.")
    silhouette: float | None
    patches: Sequence[PatchOut] = Field(description="Highest activation first.")
    weights: Sequence[WeightOut]


class NeuronOut(BaseModel):
    """A neuron of a circuit."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "circuit": "cat-7k2m9",
                "layer": "layer4.1",
                "channel": 7,
                "activation": 1.52,
                "completeness": 0.01,
                "nodes": 8,
                "below": "layer4.0",
                "core": [{"channel": 31, "score": 0.8}],
                "semantic_groups": [_PART],
            }
        }
    )

    circuit: str
    layer: str
    channel: int
    activation: float = Field(description="Mean over its concept.")
    completeness: float | None = Field(description="Relative error of its integral; null in the lowest layer.")
    nodes: int | None = Field(description="Quadrature nodes used for it; null in the lowest layer.")
    below: str | None = Field(description="The layer of its core neurons; null in the lowest layer.")
    core: Sequence[CoreNeuronOut] = Field(description="By descending score.")
    semantic_groups: Sequence[SemanticGroupOut]
