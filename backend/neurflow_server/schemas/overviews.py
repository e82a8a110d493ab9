"""A whole circuit: enough to draw its graph with one request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from neurflow_server.schemas.circuits import CARD_EXAMPLE, CircuitCard
from neurflow_server.schemas.groups import FIGURES_EXAMPLE, GroupFigures

_LAYER: Final[dict[str, Any]] = {
    "position": 3,
    "name": "layer4.1",
    "channels": 2048,
    "shape": [2048, 7, 7],
    "sprite": f"/api/v1/circuits/cat-7k2m9/files/{'1e' * 32}",
    "tile": 96,
}
_GROUP: Final[dict[str, Any]] = {
    "id": "layer4.1/3",
    "layer": "layer4.1",
    "number": 3,
    "neurons": [7, 512],
    **FIGURES_EXAMPLE,
    "exemplars": 9,
    "picture": f"/api/v1/circuits/cat-7k2m9/files/{'2d' * 32}",
}
_LINK: Final[dict[str, Any]] = {"source": "layer4.0/1", "target": "layer4.1/3", "weight": 0.3}
_RESULT: Final[dict[str, Any]] = {
    "network": {
        "spec": "torchvision/resnet50",
        "digest": f"sha256:{'0f' * 32}",
        "input_size": 224,
        "resize": 256,
        "mean": [0.485, 0.456, 0.406],
        "std": [0.229, 0.224, 0.225],
    },
    "data": {"spec": "demo/photos", "digest": f"sha256:{'0f' * 32}"},
    "target": {"name": "cat", "index": 0},
    "parameters": {"images": 30, "top_k": 30},
    "report": {"skipped_images": [], "warnings": []},
    "timings": [{"stage": "layer layer4.1", "seconds": 4.2}],
}


class ResultNetwork(BaseModel):
    """The network as it was traced."""

    model_config = ConfigDict(json_schema_extra={"example": _RESULT["network"]})

    spec: str
    digest: str
    input_size: int
    resize: int
    mean: Sequence[float]
    std: Sequence[float]


class ResultData(BaseModel):
    """The images as they were traced."""

    model_config = ConfigDict(json_schema_extra={"example": _RESULT["data"]})

    spec: str
    digest: str


class ResultTarget(BaseModel):
    """The class and its index in the network's output."""

    model_config = ConfigDict(json_schema_extra={"example": _RESULT["target"]})

    name: str
    index: int


class ResultReport(BaseModel):
    """Warnings about the result."""

    model_config = ConfigDict(json_schema_extra={"example": _RESULT["report"]})

    skipped_images: Sequence[str] = Field(description="Images that could not be read.")
    warnings: Sequence[str]


class ResultTiming(BaseModel):
    """The duration of a stage."""

    model_config = ConfigDict(json_schema_extra={"example": {"stage": "layer layer4.1", "seconds": 4.2}})

    stage: str
    seconds: float


class Result(BaseModel):
    """The part of `circuit.json` about the computation as a whole."""

    model_config = ConfigDict(json_schema_extra={"example": _RESULT})

    network: ResultNetwork
    data: ResultData
    target: ResultTarget
    parameters: Mapping[str, Any] = Field(description="The parameters of the trace.")
    report: ResultReport
    timings: Sequence[ResultTiming]


class CircuitLayerOut(BaseModel):
    """A layer of a circuit."""

    model_config = ConfigDict(json_schema_extra={"example": _LAYER})

    position: int = Field(description="From 0, the lowest.")
    name: str
    channels: int = Field(description="Number of its neurons, in the circuit or not.")
    shape: Sequence[int] = Field(description="Shape of its output for one input, without the batch.")
    sprite: str | None = Field(
        description="Address of one picture of all exemplars: a row for each group in the order of `number`, "
        "a column for each exemplar, nearest first."
    )
    tile: int | None = Field(description="Side of a square of the sprite in pixels.")


class GroupNode(GroupFigures):
    """A neuron group as a node of the graph."""

    model_config = ConfigDict(json_schema_extra={"example": _GROUP})

    id: str = Field(description="LAYER/NUMBER.")
    layer: str
    number: int
    neurons: Sequence[int] = Field(description="Channels.")
    exemplars: int = Field(description="Number of its exemplars.")
    picture: str | None = Field(description="Address of its nearest exemplar.")


class Link(BaseModel):
    """An edge from a group to one in the layer above."""

    model_config = ConfigDict(json_schema_extra={"example": _LINK})

    source: str
    target: str
    weight: float = Field(description="With at least 15 significant digits.")


class EdgeOut(Link):
    """An edge from a group to one in the layer above, with the two parts of its weight."""

    model_config = ConfigDict(json_schema_extra={"example": _LINK | {"positive": 0.4, "negative": -0.1}})

    weight: float = Field(description="positive + negative.")
    positive: float
    negative: float


class CircuitPreview(BaseModel):
    """The finished part of a circuit in progress, from the top layer down."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"layers": [_LAYER], "groups": [_GROUP | {"logit_drop": None}], "edges": []}}
    )

    layers: Sequence[CircuitLayerOut] = Field(description="The finished layers, from low to high.")
    groups: Sequence[GroupNode] = Field(description="By layer and number.")
    edges: Sequence[Link] = Field(description="Edges between the finished layers.")


class CircuitOverview(CircuitCard):
    """A circuit with its graph. Without a result, `result` is null and the lists are empty."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": CARD_EXAMPLE
            | {
                "state": "succeeded",
                "computed_at": "2026-01-01T12:01:00Z",
                "parameters": {"images": 30, "top_k": 30},
                "engine_version": "0.1.0",
                "result": _RESULT,
                "layers": [_LAYER],
                "groups": [_GROUP],
                "edges": [_LINK],
            }
        }
    )

    parameters: Mapping[str, Any] = Field(description="The requested parameters.")
    engine_version: str | None
    result: Result | None
    layers: Sequence[CircuitLayerOut] = Field(description="From low to high.")
    groups: Sequence[GroupNode] = Field(description="By layer and number.")
    edges: Sequence[Link] = Field(description="`/edges` returns the parts of their weights.")
