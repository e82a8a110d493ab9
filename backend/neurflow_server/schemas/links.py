"""What edges and groups are made of: the links between parts of neurons, and the patches that carry them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from neurflow_server.schemas.neurons import PATCH_EXAMPLE, PatchOut

_LINK: Final[dict[str, Any]] = {
    "source_group": "layer4.0/1",
    "source_channel": 31,
    "source_part": 0,
    "target_group": "layer4.1/3",
    "target_channel": 7,
    "target_part": 1,
    "weight": 0.12,
}
_PART: Final[dict[str, Any]] = {"part": 0, "silhouette": 0.44, "patches": [PATCH_EXAMPLE]}
_NEURON: Final[dict[str, Any]] = {"channel": 7, "activation": 1.52, "parts": [_PART]}


class LinkOut(BaseModel):
    """From a part of a neuron up to a part of a neuron in the layer above. An edge's links sum to its weight."""

    model_config = ConfigDict(json_schema_extra={"example": _LINK})

    source_group: str
    source_channel: int
    source_part: int
    target_group: str
    target_channel: int
    target_part: int
    weight: float


class MemberPart(BaseModel):
    """A part of a neuron's concept that belongs to the group."""

    model_config = ConfigDict(json_schema_extra={"example": _PART})

    part: int = Field(description="Its place among all parts of the neuron.")
    silhouette: float | None
    patches: Sequence[PatchOut] = Field(description="Highest activation first, at most nine.")


class MemberNeuron(BaseModel):
    """A neuron of the group, with those of its parts that belong to it."""

    model_config = ConfigDict(json_schema_extra={"example": _NEURON})

    channel: int
    activation: float = Field(description="Mean over its concept.")
    parts: Sequence[MemberPart]


class GroupMembers(BaseModel):
    """What a group is made of, and how its parts are linked."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "circuit": "cat-7k2m9",
                "id": "layer4.1/3",
                "layer": "layer4.1",
                "neurons": [_NEURON],
                "links": [_LINK],
            }
        }
    )

    circuit: str
    id: str
    layer: str
    neurons: Sequence[MemberNeuron] = Field(description="By channel.")
    links: Sequence[LinkOut] | None = Field(
        description="All at either end of it, edge by edge, the heaviest of each first; null where none were kept."
    )


class EdgePatchOut(PatchOut):
    """A patch, and how much of an edge's weight it carries."""

    model_config = ConfigDict(json_schema_extra={"example": PATCH_EXAMPLE | {"weight": 0.04}})

    weight: float = Field(description="Signed; over all patches these sum to the edge's weight.")


class EdgeDetail(BaseModel):
    """An edge, and what its weight is made of."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "source": "layer4.0/1",
                "target": "layer4.1/3",
                "weight": 0.3,
                "positive": 0.4,
                "negative": -0.1,
                "links": [_LINK],
                "patches": [PATCH_EXAMPLE | {"weight": 0.04}],
            }
        }
    )

    source: str
    target: str
    weight: float = Field(description="positive + negative.")
    positive: float
    negative: float
    links: Sequence[LinkOut] | None = Field(description="The heaviest first; null where none were kept.")
    patches: Sequence[EdgePatchOut] | None = Field(
        description="Those that carry most of the weight, the heaviest first, at most eight; null where none were kept."
    )
