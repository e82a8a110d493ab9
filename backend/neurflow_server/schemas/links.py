"""The inside of edges and groups: links between semantic groups, and the patches that carry them."""

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
    """A link from a semantic group to one in the layer above. The links of an edge add up to its weight."""

    model_config = ConfigDict(json_schema_extra={"example": _LINK})

    source_group: str
    source_channel: int
    source_part: int
    target_group: str
    target_channel: int
    target_part: int
    weight: float


class MemberPart(BaseModel):
    """A semantic group that belongs to the neuron group."""

    model_config = ConfigDict(json_schema_extra={"example": _PART})

    part: int = Field(description="Its index among the semantic groups of the neuron.")
    silhouette: float | None
    patches: Sequence[PatchOut] = Field(description="Highest activation first, at most nine.")


class MemberNeuron(BaseModel):
    """A neuron of the group, with its semantic groups that belong to it."""

    model_config = ConfigDict(json_schema_extra={"example": _NEURON})

    channel: int
    activation: float = Field(description="Mean over its concept.")
    parts: Sequence[MemberPart]


class GroupMembers(BaseModel):
    """The semantic groups of a neuron group, and their links."""

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
        description="Links at either end of it, edge by edge, heaviest first; null if none were saved."
    )


class EdgePatchOut(PatchOut):
    """A patch, and the part of an edge's weight that it carries."""

    model_config = ConfigDict(json_schema_extra={"example": PATCH_EXAMPLE | {"weight": 0.04}})

    weight: float = Field(description="Signed; over all patches, these add up to the edge's weight.")


class EdgeDetail(BaseModel):
    """An edge, with its links and patches."""

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
    links: Sequence[LinkOut] | None = Field(description="Heaviest first; null if none were saved.")
    patches: Sequence[EdgePatchOut] | None = Field(
        description="Those that carry most of the weight, heaviest first, at most eight; null if none were saved."
    )
