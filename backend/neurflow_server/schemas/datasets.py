"""Data sets and their images: requests and responses."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Final, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from neurflow_server.schemas.fields import Name, OneLine
from neurflow_server.schemas.summaries import JOB_EXAMPLE, JobSummary
from neurflow_server.schemas.visibility import OWNED_EXAMPLE, OwnedOut, VisibilityChange, VisibilityIn
from neurflow_store.tables import JobState

_EXAMPLE: dict[str, Any] = {
    "id": "photos-2m9x4",
    "name": "Photos",
    "spec": "demo/photos",
    "uploaded": False,
    "state": "succeeded",
    "digest": f"sha256:{'0f' * 32}",
    "image_count": 900,
    "created_at": "2026-01-01T12:00:00Z",
    **OWNED_EXAMPLE,
    "job": JOB_EXAMPLE,
}
_LEFT_OUT: Final[dict[str, Any]] = {
    "reason": "not an image that Pillow can open",
    "count": 2,
    "files": ["cat/labels.csv", "readme.txt"],
}
_PREDICTION: Final[dict[str, Any]] = {
    "predicted": "dog",
    "probability": 0.61,
    "right": False,
    "truth_probability": 0.33,
}


Label = Annotated[OneLine, Field(min_length=1, max_length=300)]
ClassName = Annotated[OneLine, Field(min_length=1, max_length=300)]


class DatasetIn(VisibilityIn):
    """A data set to register."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"spec": "demo/photos", "name": "Photos"}]}
    )

    spec: Annotated[OneLine, Field(min_length=1, max_length=1000)] = Field(
        description="`demo/photos`, `torchvision/NAME`, or `folder/PATH` of a folder of class folders on the server."
    )
    name: Name | None = Field(None, description="Display name. Default: the spec.")


class DatasetChange(VisibilityChange):
    """Changes to a data set. Omitted values are unchanged."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"visibility": "private"}, {"class_map": {"kitty": "cat"}}]}
    )

    name: Name | None = None
    class_map: dict[Label, ClassName] | None = Field(
        None,
        max_length=30_000,
        description="A class for each label that differs from its name: the network's name, or `#12` for output 12. "
        "It replaces the old map; existing circuits keep theirs.",
    )

    @model_validator(mode="after")
    def _check_not_empty(self) -> Self:
        if self.name is None and self.class_map is None and not self.shares:
            raise ValueError("nothing to change: set name, class_map, visibility or space")
        return self


class DatasetClass(BaseModel):
    """A class of a data set."""

    model_config = ConfigDict(json_schema_extra={"example": {"name": "cat", "train": 80, "test": 20, "images": 100}})

    name: str
    train: int = Field(description="Images for training.")
    test: int = Field(description="Images for testing.")
    images: int = Field(description="All images.")


class LeftOut(BaseModel):
    """Files that a data set does not use, for one reason."""

    model_config = ConfigDict(json_schema_extra={"example": _LEFT_OUT})

    reason: str = Field(description="Why they are left out.")
    count: int = Field(description="How many.")
    files: Sequence[str] = Field(description="The names of the first 20 of them.")


class DatasetCard(OwnedOut):
    """A data set in a list. The results of its inspection are null until then."""

    model_config = ConfigDict(json_schema_extra={"example": _EXAMPLE})

    id: str
    name: str
    spec: str
    uploaded: bool = Field(description="Whether it was uploaded.")
    state: JobState = Field(description="State of its inspection.")
    digest: str | None = Field(description="Digest of its images.")
    image_count: int | None
    created_at: datetime
    job: JobSummary


class DatasetOut(DatasetCard):
    """A data set."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": _EXAMPLE
            | {"left_out": [_LEFT_OUT]}
            | {"classes": [{"name": "kitty", "train": 80, "test": 20, "images": 100}], "class_map": {"kitty": "cat"}}
            | {"wider_circuits": 0}
        }
    )

    classes: Sequence[DatasetClass] = Field(description="Empty before its inspection.")
    left_out: Sequence[LeftOut] = Field(description="Files that are not used, by reason; hidden files are not counted.")
    class_map: dict[str, str] = Field(description="The class of each label that differs from its name.")
    wider_circuits: int = Field(
        description="Number of its circuits that some can see who cannot see the data set. They show images of it."
    )


class PredictionOut(BaseModel):
    """A network's prediction for an image."""

    model_config = ConfigDict(json_schema_extra={"example": _PREDICTION})

    predicted: str = Field(description="The predicted class.")
    probability: float = Field(description="Its probability.")
    right: bool | None = Field(description="Whether it is the true class; null if the network does not have that.")
    truth_probability: float | None = Field(description="The probability of the true class.")


class DatasetImageOut(BaseModel):
    """An image of a data set."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "position": 3,
                "name": "cat/0003.png",
                "label": "cat",
                "split": "test",
                "width": 224,
                "height": 224,
                "thumbnail": f"/api/v1/datasets/photos-2m9x4/images/3?v={'0f' * 16}",
                "prediction": _PREDICTION,
            }
        }
    )

    position: int = Field(description="Its position among all images of the data set.")
    name: str
    label: str | None = Field(description="The true class.")
    split: str | None = Field(description="train or test.")
    width: int
    height: int
    thumbnail: str = Field(description="Address of a small picture, longest side 160 pixels.")
    prediction: PredictionOut | None = Field(
        description="The prediction of the network in the query; null if it was not evaluated."
    )
