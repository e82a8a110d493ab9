"""A neuron group, its edges and its exemplars."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from neurflow_server.schemas.summaries import BOX_EXAMPLE, IMAGE_EXAMPLE, Box, TracedImage

_END: Final[dict[str, Any]] = {
    "group": "layer4.0/1",
    "weight": 0.3,
    "positive": 0.4,
    "negative": -0.1,
    "picture": f"/api/v1/circuits/cat-7k2m9/files/{'2d' * 32}",
}
_NEURON: Final[dict[str, Any]] = {"channel": 7, "activation": 1.52, "completeness": 0.01, "nodes": 8}
_HEAT_MAP: Final[dict[str, Any]] = {"width": 2, "height": 2, "values": [0, 64, 255, 12], "highest": 3.25}


FIGURES_EXAMPLE: Final[dict[str, Any]] = {"silhouette": 0.41, "contribution": 0.22, "logit_drop": 1.7, "held_out": 20}


class GroupFigures(BaseModel):
    """The figures of a group (``neurflow.terms.group_figures``)."""

    silhouette: float | None = Field(
        description="How well the group is separated from the others of its layer, in [-1, 1]; null if it is the "
        "only one."
    )
    contribution: float = Field(description="Signed share of the class logit that flows through it, in [-1, 1].")
    logit_drop: float | None = Field(
        description="Mean drop of the class logit on the held-out images when its neurons are set to 0; null "
        "without held-out images."
    )
    held_out: int = Field(description="Number of held-out images that the drop was measured on.")


class EdgeEnd(BaseModel):
    """An edge as seen from one of its groups."""

    model_config = ConfigDict(json_schema_extra={"example": _END})

    group: str = Field(description="The group at the other end.")
    weight: float = Field(description="positive + negative.")
    positive: float
    negative: float
    picture: str | None = Field(description="Address of the other group's nearest exemplar.")


class GroupNeuron(BaseModel):
    """A neuron of a group."""

    model_config = ConfigDict(json_schema_extra={"example": _NEURON})

    channel: int
    activation: float = Field(description="Mean over its concept.")
    completeness: float | None = Field(description="Relative error of its integral; null in the lowest layer.")
    nodes: int | None = Field(description="Quadrature nodes used for it; null in the lowest layer.")


class GroupOut(GroupFigures):
    """A neuron group. Its edges are in four lists by direction and sign of weight, heaviest first."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "circuit": "cat-7k2m9",
                "id": "layer4.1/3",
                "layer": "layer4.1",
                "number": 3,
                **FIGURES_EXAMPLE,
                "exemplars": 9,
                "neurons": [_NEURON],
                "in_positive": [_END],
                "in_negative": [],
                "out_positive": [],
                "out_negative": [],
            }
        }
    )

    circuit: str
    id: str
    layer: str
    number: int
    exemplars: int = Field(description="Number of its exemplars.")
    neurons: Sequence[GroupNeuron]
    in_positive: Sequence[EdgeEnd] = Field(description="Groups below that excite it.")
    in_negative: Sequence[EdgeEnd] = Field(description="Groups below that inhibit it.")
    out_positive: Sequence[EdgeEnd] = Field(description="Groups above that it excites.")
    out_negative: Sequence[EdgeEnd] = Field(description="Groups above that it inhibits.")


class HeatMapOut(BaseModel):
    """Where in a patch a group fires: the mean of its neurons' feature maps, negative values as 0."""

    model_config = ConfigDict(json_schema_extra={"example": _HEAT_MAP})

    width: int
    height: int
    values: Sequence[int] = Field(description="Row by row from the top, 0 to 255; 255 is `highest`.")
    highest: float = Field(description="The highest mean activation.")


class ExemplarOut(BaseModel):
    """A patch that represents a group."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "rank": 0,
                "patch": 12,
                "picture": f"/api/v1/circuits/cat-7k2m9/files/{'2d' * 32}",
                "activation": 1.9,
                "box": BOX_EXAMPLE,
                "image": IMAGE_EXAMPLE,
                "heat_map": _HEAT_MAP,
            }
        }
    )

    rank: int = Field(description="0 is the nearest to the group's centre.")
    patch: int = Field(description="Its position among the circuit's patches.")
    picture: str = Field(description="Address of the patch's picture.")
    activation: float = Field(description="Mean over the group's neurons.")
    box: Box
    image: TracedImage
    heat_map: HeatMapOut | None = Field(description="Null if the layer has no places, or none was saved.")
