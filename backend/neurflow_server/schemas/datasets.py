"""Data sets and their pictures, as they are registered and answered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Final, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from neurflow_server.schemas.fields import Name, OneLine
from neurflow_server.schemas.summaries import JOB_EXAMPLE, JobSummary
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
    "job": JOB_EXAMPLE,
}
_PREDICTION: Final[dict[str, Any]] = {
    "predicted": "dog",
    "probability": 0.61,
    "right": False,
    "truth_probability": 0.33,
}


Label = Annotated[OneLine, Field(min_length=1, max_length=300)]
ClassName = Annotated[OneLine, Field(min_length=1, max_length=300)]


class DatasetIn(BaseModel):
    """A data set to register."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"spec": "demo/photos", "name": "Photos"}]}
    )

    spec: Annotated[OneLine, Field(min_length=1, max_length=1000)] = Field(
        description="`demo/photos`, `torchvision/NAME`, or `folder/PATH` of a folder of class folders on the server."
    )
    name: Name | None = Field(None, description="What people call it; the spec where it is left out.")


class DatasetChange(BaseModel):
    """What to change of a data set: what is left out stays."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"name": "My photos"}, {"class_map": {"kitty": "cat"}}]}
    )

    name: Name | None = None
    class_map: dict[Label, ClassName] | None = Field(
        None,
        max_length=30_000,
        description="The class of each label that is called otherwise: as a network names it, or `#12` for the output "
        "at that place. It replaces the former map; circuits that were requested keep theirs.",
    )

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.name is None and self.class_map is None:
            raise ValueError("nothing to change: give name or class_map")
        return self


class DatasetClass(BaseModel):
    """A class of a data set."""

    model_config = ConfigDict(json_schema_extra={"example": {"name": "cat", "train": 80, "test": 20, "images": 100}})

    name: str
    train: int = Field(description="Images for training.")
    test: int = Field(description="Images for testing.")
    images: int = Field(description="All images.")


class DatasetCard(BaseModel):
    """A data set as in a list. What its inspection finds is null until then."""

    model_config = ConfigDict(json_schema_extra={"example": _EXAMPLE})

    id: str
    name: str
    spec: str
    uploaded: bool = Field(description="Whether it was uploaded.")
    state: JobState = Field(description="Of its inspection.")
    digest: str | None = Field(description="Of its images.")
    image_count: int | None
    created_at: datetime
    job: JobSummary


class DatasetOut(DatasetCard):
    """A data set."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": _EXAMPLE
            | {"classes": [{"name": "kitty", "train": 80, "test": 20, "images": 100}], "class_map": {"kitty": "cat"}}
        }
    )

    classes: Sequence[DatasetClass] = Field(description="Empty until it was inspected.")
    class_map: dict[str, str] = Field(description="The class of each label that is called otherwise.")
    may_change: bool = Field(description="Whether the one who asks may change and delete it.")


class PredictionOut(BaseModel):
    """A network's first choice for an image."""

    model_config = ConfigDict(json_schema_extra={"example": _PREDICTION})

    predicted: str = Field(description="The class that it chooses.")
    probability: float = Field(description="That it gives this class.")
    right: bool | None = Field(description="Whether it is the true class; null where the network does not know that.")
    truth_probability: float | None = Field(description="That it gives the true class.")


class DatasetImageOut(BaseModel):
    """A picture of a data set."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "position": 3,
                "name": "cat/0003.png",
                "label": "cat",
                "split": "test",
                "width": 224,
                "height": 224,
                "thumbnail": f"/api/v1/artifacts/{'0f' * 32}",
                "prediction": _PREDICTION,
            }
        }
    )

    position: int = Field(description="Its place among all images of the data set.")
    name: str
    label: str | None = Field(description="The true class.")
    split: str | None = Field(description="train or test.")
    width: int
    height: int
    thumbnail: str = Field(description="Address of a small picture, longest side 160 pixels.")
    prediction: PredictionOut | None = Field(
        description="What the network says that was asked for; null where it was not evaluated."
    )
