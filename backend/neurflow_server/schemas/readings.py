"""The reading of an image in a circuit: which groups fire, how strongly, and where."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from neurflow_server.schemas.summaries import BOX_EXAMPLE, Box

_CLASS: Final[dict[str, Any]] = {"index": 3, "name": "cat", "logit": 7.25, "probability": 0.91}
_PLACE: Final[dict[str, Any]] = {"width": 2, "height": 2, "values": "AED/DA==", "highest": 1.4}
_BEST: Final[dict[str, Any]] = {"crop": 14, "score": 1.31}
_GROUP: Final[dict[str, Any]] = {
    "id": "layer4.1/3",
    "layer": "layer4.1",
    "score": 1.31,
    "percentile": 82.5,
    "fires": True,
    "silent": False,
    "usual": 0.9,
    "best": [_BEST],
    "place": _PLACE,
}
READING_EXAMPLE: Final[dict[str, Any]] = {
    "width": 224,
    "height": 224,
    "area": BOX_EXAMPLE,
    "crops": [BOX_EXAMPLE],
    "classes": [_CLASS],
    "target": _CLASS,
    "groups": [_GROUP],
}


class TopClass(BaseModel):
    """A class, with its logit and probability for the image."""

    model_config = ConfigDict(json_schema_extra={"example": _CLASS})

    index: int = Field(description="Its index in the network's output.")
    name: str
    logit: float
    probability: float = Field(description="In [0, 1].")


class PlaceOut(BaseModel):
    """Where a group fires, in the area of the image that the network sees.

    The group's activation on all crops, put back where they were cut; it is 1 where every crop that covers the place
    fires the group as strongly as its own patches do.
    """

    model_config = ConfigDict(json_schema_extra={"example": _PLACE})

    width: int
    height: int
    values: str = Field(description="One byte for each cell in base64, row by row from the top; 255 is `highest`.")
    highest: float = Field(description="At least 0.")


class BestCrop(BaseModel):
    """A crop that fires a group."""

    model_config = ConfigDict(json_schema_extra={"example": _BEST})

    crop: int = Field(description="Its index in the reading's `crops`.")
    score: float


class GroupReading(BaseModel):
    """The reading of one neuron group."""

    model_config = ConfigDict(json_schema_extra={"example": _GROUP})

    id: str
    layer: str
    score: float = Field(
        description="`M`: the highest score of the image's crops. A crop's score is the geometric mean of its neurons' "
        "activations relative to their usual ones; about 1 if all are as active as on their own patches."
    )
    percentile: float | None = Field(
        description="Percentage of the circuit's traced images that score lower; null if it has none."
    )
    fires: bool = Field(description="Whether score and percentile are high enough.")
    silent: bool = Field(description="Whether it usually fires for the class, but not for this image.")
    usual: float | None = Field(description="Share of the circuit's traced images for which it fires, in [0, 1].")
    best: Sequence[BestCrop] = Field(description="The crops that fire it most, no two from the same place.")
    place: PlaceOut


class ReadingOut(BaseModel):
    """The reading of an image in a circuit."""

    model_config = ConfigDict(json_schema_extra={"example": READING_EXAMPLE})

    width: int = Field(description="Width of the upright image in pixels.")
    height: int = Field(description="Height of the upright image in pixels.")
    area: Box = Field(description="The area of the image that the network sees.")
    crops: Sequence[Box] = Field(description="The crops, in the image's own pixels.")
    classes: Sequence[TopClass] = Field(description="The network's five most probable classes.")
    target: TopClass = Field(description="The circuit's own class.")
    groups: Sequence[GroupReading] = Field(description="In the circuit's order.")
