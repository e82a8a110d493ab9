"""Measurements of an image or a circuit: requests and responses."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from neurflow_server.schemas.fields import IdValue, OneLine
from neurflow_server.schemas.summaries import BOX_EXAMPLE, JOB_EXAMPLE, Box, JobSummary
from neurflow_store.asking.measurements import MeasurementKind
from neurflow_store.tables import JobState

GroupId = Annotated[OneLine, StringConstraints(min_length=1, max_length=220)]
_FACTOR: Final[dict[str, Any]] = {"group": "layer4.1/3", "factor": 0.0}
_CHANGE: Final[dict[str, Any]] = {
    "index": 3,
    "name": "cat",
    "logit": 7.25,
    "logit_after": 4.5,
    "random_logit": -0.2,
    "random_logit_spread": 0.1,
    "probability": 0.91,
    "probability_after": 0.4,
    "random_probability": -0.01,
    "random_probability_spread": 0.01,
}
_KNOCK_OUT: Final[dict[str, Any]] = {
    "neurons": 4,
    "classes": [_CHANGE],
    "predicted": "cat",
    "predicted_after": "dog",
    "random_sets": 20,
}
_RANKED: Final[dict[str, Any]] = {
    "group": "layer4.1/3",
    "layer": "layer4.1",
    "logit_drop": 2.75,
    "probability_drop": 0.51,
    "predicted_after": "dog",
}
_HELD_OUT: Final[dict[str, Any]] = {
    "class": "cat",
    "images": 20,
    "neurons": 4,
    "accuracy": 0.95,
    "accuracy_after": 0.4,
    "random_accuracy": -0.01,
    "random_accuracy_spread": 0.02,
    "logit": 6.5,
    "logit_after": 3.25,
    "random_logit": -0.2,
    "random_logit_spread": 0.1,
    "random_sets": 20,
}
_PIXELS: Final[dict[str, Any]] = {
    "group": "layer4.1/3",
    "box": BOX_EXAMPLE,
    "width": 2,
    "height": 2,
    "values": "AED/gQ==",
    "highest": 0.2,
    "total": 1.02,
    "expected": 1.04,
}
_EXAMPLE: Final[dict[str, Any]] = {
    "id": "knock-out-7k2m9",
    "kind": "knock_out",
    "circuit": "cat-7k2m9",
    "analysis": "photo-7k2m9",
    "groups": [_FACTOR],
    "class": None,
    "random_sets": 20,
    "seed": 0,
    "state": "succeeded",
    "created_at": "2026-01-01T12:00:00Z",
    "job": JOB_EXAMPLE,
    "knock_out": _KNOCK_OUT,
    "held_out": None,
    "ranking": None,
    "pixels": None,
}


class GroupFactor(BaseModel):
    """A group, and the factor for its neurons' activations."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": _FACTOR})

    group: GroupId
    factor: float = Field(0.0, ge=0, le=10, allow_inf_nan=False, description="0 knocks it out, 1 changes nothing.")


class MeasurementIn(BaseModel):
    """What to measure.

    `knock_out`: the effect on the image's classes when groups are knocked out or scaled. `held_out`: the same effect on
    the class over the circuit's held-out images; needs no analysis. `ranking`: all groups, ordered by how much their
    knock-out lowers a class's logit. `pixels`: integrated gradients of one group with respect to the image's pixels.
    """

    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
        json_schema_extra={
            "examples": [
                {"kind": "knock_out", "circuit": "cat-7k2m9", "analysis": "photo-7k2m9", "groups": [_FACTOR]},
                {"kind": "ranking", "circuit": "cat-7k2m9", "analysis": "photo-7k2m9"},
            ]
        },
    )

    kind: MeasurementKind
    circuit: IdValue
    analysis: IdValue | None = Field(None, description="Analysis of the image; not for `held_out`.")
    groups: list[GroupFactor] = Field([], max_length=2000, description="One or more; `pixels`: one; `ranking`: none.")
    class_name: Annotated[OneLine, StringConstraints(min_length=1, max_length=300)] | None = Field(
        None,
        alias="class",
        description="For `ranking` and `held_out`. Default: the predicted class, or the circuit's.",
    )
    random_sets: int = Field(20, ge=0, le=200, description="Sets of as many random neurons to compare with.")
    seed: int = Field(0, ge=0, le=2**31 - 1, description="Seed for the random neurons.")


class ClassChange(BaseModel):
    """The effect of scaling groups on one class. Random sets: mean and standard deviation of the change."""

    model_config = ConfigDict(json_schema_extra={"example": _CHANGE})

    index: int = Field(description="Its index in the network's output.")
    name: str
    logit: float
    logit_after: float
    random_logit: float = Field(description="Mean change of the logit with random neurons instead.")
    random_logit_spread: float = Field(description="Standard deviation of that change.")
    probability: float
    probability_after: float
    random_probability: float = Field(description="Mean change of the probability with random neurons instead.")
    random_probability_spread: float = Field(description="Standard deviation of that change.")


class KnockOutOut(BaseModel):
    """The effect of scaling groups on an image's classes."""

    model_config = ConfigDict(json_schema_extra={"example": _KNOCK_OUT})

    neurons: int = Field(description="Number of scaled neurons.")
    classes: Sequence[ClassChange] = Field(
        description="The top five before and after, then the circuit's own class if it is not among them."
    )
    predicted: str = Field(description="The prediction before.")
    predicted_after: str = Field(description="The prediction after.")
    random_sets: int


class HeldOutOut(BaseModel):
    """The effect of scaling groups on a class over the circuit's held-out images."""

    model_config = ConfigDict(json_schema_extra={"example": _HELD_OUT})

    class_name: str = Field(alias="class")
    images: int
    neurons: int = Field(description="Number of scaled neurons.")
    accuracy: float = Field(description="Share of the images that are predicted as the class, in [0, 1].")
    accuracy_after: float
    random_accuracy: float = Field(description="Mean change with random neurons instead.")
    random_accuracy_spread: float
    logit: float = Field(description="Mean logit of the class.")
    logit_after: float
    random_logit: float
    random_logit_spread: float
    random_sets: int


class RankedGroup(BaseModel):
    """The effect of one group's knock-out on a class."""

    model_config = ConfigDict(json_schema_extra={"example": _RANKED})

    group: str
    layer: str
    logit_drop: float = Field(description="Logit before minus after; negative if the group speaks against the class.")
    probability_drop: float
    predicted_after: str = Field(description="The network's prediction without the group.")


class RankingOut(BaseModel):
    """All groups below the class, ordered by the drop of a class's logit when they are knocked out, largest first."""

    model_config = ConfigDict(json_schema_extra={"example": {"class": "cat", "groups": [_RANKED]}})

    class_name: str = Field(alias="class")
    groups: Sequence[RankedGroup]


class PixelsOut(BaseModel):
    """Integrated gradients of a group's activation with respect to the pixels of the crop that fires it most."""

    model_config = ConfigDict(json_schema_extra={"example": _PIXELS})

    group: str
    box: Box = Field(description="The crop, in the image's own pixels.")
    width: int
    height: int
    values: str = Field(
        description="One signed byte for each cell in base64, row by row from the top; 127 is `highest`, -127 is its "
        "negative."
    )
    highest: float = Field(description="The largest absolute value.")
    total: float = Field(description="Sum of all values.")
    expected: float = Field(description="What they should add up to: the activation on the crop minus that on grey.")


class MeasurementOut(BaseModel):
    """A measurement. Of its results, only the one of its kind is set once it is done."""

    model_config = ConfigDict(json_schema_extra={"example": _EXAMPLE})

    id: str
    kind: MeasurementKind
    circuit: str
    analysis: str | None
    groups: Sequence[GroupFactor]
    class_name: str | None = Field(alias="class")
    random_sets: int
    seed: int
    state: JobState
    created_at: datetime
    job: JobSummary
    knock_out: KnockOutOut | None
    held_out: HeldOutOut | None
    ranking: RankingOut | None
    pixels: PixelsOut | None
